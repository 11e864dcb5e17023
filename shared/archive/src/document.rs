//! A record as a document: its payload's fields beside `_id` (where it lay) and `ts` (when it was written).

use events::Contract;
use mongodb::bson::{self, RawDocumentBuf};

use crate::{Collection, DocumentId, NotADocumentId};

/// A document ready to be inserted, encoded already.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    collection: &'static Collection,
    id: DocumentId,
    timestamp_ms: i64,
    bytes: RawDocumentBuf,
}

/// Why a payload can never be a document.
#[derive(Debug, thiserror::Error)]
pub enum Unstorable {
    /// Its topic has no collection.
    #[error("topic {0} is not archived")]
    NotArchived(&'static str),
    /// Its place has no id.
    #[error(transparent)]
    Place(#[from] NotADocumentId),
    /// A value has no form in BSON; whole numbers of 2^63 and more have none.
    #[error("the payload has no BSON form: {0}")]
    Value(#[from] bson::error::Error),
}

/// A document that was read back.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredDocument {
    /// Where its record lay.
    pub id: DocumentId,
    /// When its record was written, real time in ms.
    pub timestamp_ms: i64,
    /// Everything else, as JSON.
    pub fields: serde_json::Map<String, serde_json::Value>,
}

impl PartialEq for Collection {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Document {
    /// The document of a payload that lay at this place and was written at this (real) time.
    ///
    /// # Errors
    /// `Unstorable` if it has none.
    pub fn of<T: Contract>(
        payload: &T,
        partition: i32,
        offset: i64,
        timestamp_ms: i64,
    ) -> Result<Self, Unstorable> {
        let collection = Collection::of_topic(T::TOPIC.name).ok_or(Unstorable::NotArchived(T::TOPIC.name))?;
        let id = DocumentId::new(partition, offset)?;
        let bytes = RawDocumentBuf::from_bytes(encoded(id, timestamp_ms, payload)?)?;
        Ok(Self { collection, id, timestamp_ms, bytes })
    }

    /// Where it belongs.
    #[must_use]
    pub fn collection(&self) -> &'static Collection {
        self.collection
    }

    /// Where its record lay.
    #[must_use]
    pub fn id(&self) -> DocumentId {
        self.id
    }

    /// When its record was written, real time in ms.
    #[must_use]
    pub fn timestamp_ms(&self) -> i64 {
        self.timestamp_ms
    }

    pub(crate) fn bytes(&self) -> &RawDocumentBuf {
        &self.bytes
    }
}

/// Room for a report on a trip, the longest there is of many; others grow.
const USUAL_BYTES: usize = 256;

/// What the length of a document takes, at its beginning (bsonspec.org).
const LENGTH_BYTES: usize = size_of::<i32>();

/// The bytes of a document (bsonspec.org): `_id` and `ts`, then the fields of the payload. Serde's `flatten` would make
/// the same bytes by way of a map of every field, at twice the price.
fn encoded<T: Contract>(
    id: DocumentId,
    timestamp_ms: i64,
    payload: &T,
) -> Result<Vec<u8>, bson::error::Error> {
    const INT64: u8 = 0x12;
    const DATETIME: u8 = 0x09;
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    bytes.extend_from_slice(&[0; LENGTH_BYTES]);
    for (kind, name, value) in [(INT64, "_id\0", id.number()), (DATETIME, "ts\0", timestamp_ms)] {
        bytes.push(kind);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    // The payload is written as a document whose length lies where our last bytes were: they are put back, and what
    // follows are elements of ours.
    let joint = bytes.len() - LENGTH_BYTES;
    bytes.truncate(joint);
    bson::serialize_to_buffer(payload, &mut bytes)?;
    bytes[joint..joint + LENGTH_BYTES]
        .copy_from_slice(&timestamp_ms.to_le_bytes()[size_of::<i64>() - LENGTH_BYTES..]);
    let length = i32::try_from(bytes.len()).expect("a payload is far below 2 GiB");
    bytes[..LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CityMs, DriverId};
    use events::driver_locations::LocationReport;

    fn report() -> LocationReport {
        serde_json::from_str(events::driver_locations::EXAMPLE).unwrap()
    }

    #[test]
    fn a_report_becomes_a_flat_document() {
        let document = Document::of(&report(), 3, 17, 1_700_000_000_123).unwrap();
        let bytes = document.bytes();
        assert_eq!(bytes.get_i64("_id").unwrap(), (3 << 48) + 17);
        assert_eq!(bytes.get_datetime("ts").unwrap().timestamp_millis(), 1_700_000_000_123);
        assert_eq!(bytes.get_i64("driver").unwrap(), 4711);
        assert_eq!(bytes.get_str("trip").unwrap(), report().trip.unwrap().to_string());
        assert_eq!(document.collection().name, "driver_locations");
    }

    #[test]
    fn what_bson_can_not_hold_is_refused() {
        let huge = LocationReport { driver: DriverId(u64::MAX), ..report() };
        assert!(matches!(Document::of(&huge, 0, 0, 0), Err(Unstorable::Value(_))));
        assert!(matches!(Document::of(&report(), 0, 1 << 48, 0), Err(Unstorable::Place(_))));
        let table_row = domain::driver::Driver {
            id: DriverId(1),
            status: domain::driver::DriverStatus::Idle,
            since: CityMs(0),
            assignment: None,
            leaving: false,
        };
        assert!(matches!(Document::of(&table_row, 0, 0, 0), Err(Unstorable::NotArchived("drivers"))));
    }
}
