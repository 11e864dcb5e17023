//! What the service archiver makes MongoDB do, in one loop: a document of each report, a batch in
//! operations of as many as the service's, all at the same time.

use anyhow::Context;
use domain::TripId;
use events::driver_locations::LocationReport;
use futures::future::try_join_all;
use kafka::Settings;
use mongodb::bson::{DateTime, RawDocumentBuf, serialize_to_raw_document_buf};
use mongodb::options::{Acknowledgment, WriteConcern};
use mongodb::{Client, Collection};
use rdkafka::Message;
use serde::Serialize;

use super::bare_reader::BareReader;
use crate::batches::Batches;
use crate::cpu::Servers;
use crate::ground::TOPIC;

/// The group of this loop.
pub(crate) const GROUP: &str = "bench-documents";

/// Bits of an `_id` that hold the offset, as in the archive.
const OFFSET_BITS: u32 = 48;

/// The document of a report, field by field as the archive has it.
#[derive(Serialize)]
pub(crate) struct Document {
    #[serde(rename = "_id")]
    pub(crate) id: i64,
    pub(crate) ts: DateTime,
    driver: i64,
    at: i64,
    lat: f64,
    lon: f64,
    heading: i32,
    speed: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    trip: Option<TripId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    odometer_m: Option<u32>,
}

impl Document {
    pub(crate) fn of(report: &LocationReport, id: i64, timestamp_ms: i64) -> anyhow::Result<Self> {
        Ok(Self {
            id,
            ts: DateTime::from_millis(timestamp_ms),
            driver: i64::try_from(report.driver.0)?,
            at: report.at.0,
            lat: report.lat,
            lon: report.lon,
            heading: i32::from(report.heading),
            speed: report.speed,
            trip: report.trip,
            odometer_m: report.odometer_m,
        })
    }
}

pub(crate) async fn run(settings: &Settings, uri: &str) -> anyhow::Result<()> {
    let client = Client::with_uri_str(uri).await.context("failed to make a client of MongoDB")?;
    // As the archive names them: the database as the namespace, which has no letter that is not allowed.
    let database = client.database(&settings.namespace);
    let collection: Collection<RawDocumentBuf> = database.collection("driver_locations");
    let mut reader = BareReader::join(settings, GROUP, &[TOPIC], Batches::ARCHIVER, Servers::default())?;
    loop {
        let mut documents: Vec<RawDocumentBuf> = Vec::new();
        reader
            .read(|message| {
                let report: LocationReport = serde_json::from_slice(message.payload().unwrap_or_default())?;
                let id = i64::from(message.partition()) << OFFSET_BITS | message.offset();
                let timestamp_ms = message.timestamp().to_millis().unwrap_or_default();
                documents.push(serialize_to_raw_document_buf(&Document::of(&report, id, timestamp_ms)?)?);
                Ok(())
            })
            .await?;
        let operations = documents.chunks(archiver::OPERATION);
        try_join_all(operations.map(|part| insert(&collection, part, stored()))).await?;
        reader.commit()?;
    }
}

/// Done when a majority has it on disk: a report whose offset is committed comes from nowhere else any more.
fn stored() -> WriteConcern {
    WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build()
}

/// One operation, unordered.
pub(crate) async fn insert(
    collection: &Collection<RawDocumentBuf>,
    documents: &[RawDocumentBuf],
    concern: WriteConcern,
) -> anyhow::Result<()> {
    let inserted = collection.insert_many(documents).ordered(false).write_concern(concern).await;
    inserted.context("failed to insert documents")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_made_of_the_same_fields_as_the_archive_makes_it_of() {
        let report: LocationReport = serde_json::from_str(events::driver_locations::EXAMPLE).unwrap();
        let id = archive::DocumentId::new(3, 17).unwrap().number();
        assert_eq!(id, 3 << OFFSET_BITS | 17);
        let ours = archive::Document::of(&report, 3, 17, 1_700_000_000_123).unwrap();
        let bare =
            serialize_to_raw_document_buf(&Document::of(&report, id, 1_700_000_000_123).unwrap()).unwrap();
        // The archive's document shows its bytes to nobody; what it prints of them is enough.
        assert!(format!("{ours:?}").contains(&format!("{bare:?}")), "{ours:?}\n{bare:?}");
    }
}
