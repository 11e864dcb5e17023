//! Whether a document says what its record says.

use archive::StoredDocument;
use serde_json::{Map, Value};

/// Reports whose offsets in their partition differ by less than this are one stretch, of which the first are compared:
/// there are millions, and all are written by the same code.
const STRETCH: i64 = 5_000;

/// How many reports of a stretch are compared; in a row, so that one query reads them.
const COMPARED: i64 = 50;

/// Whether the content of a record is compared.
pub(super) fn is_sampled(topic: &str, offset: i64) -> bool {
    topic != events::driver_locations::TOPIC.name || offset % STRETCH < COMPARED
}

/// What differs first between a document and the payload and time of its record.
pub(super) fn difference(document: &StoredDocument, payload: &Value, timestamp_ms: i64) -> Option<String> {
    if document.timestamp_ms != timestamp_ms {
        return Some(format!("ts is {}, the record was written at {timestamp_ms}", document.timestamp_ms));
    }
    let Value::Object(expected) = payload else { return Some("the payload is no object".to_owned()) };
    first_difference(&document.fields, expected)
}

fn first_difference(found: &Map<String, Value>, expected: &Map<String, Value>) -> Option<String> {
    let missing = expected.iter().find(|(name, value)| found.get(*name) != Some(value));
    if let Some((name, value)) = missing {
        let found = found.get(name).map_or("missing".to_owned(), Value::to_string);
        return Some(format!("{name} is {found}, the record says {value}"));
    }
    let surplus = found.iter().find(|(name, _)| !expected.contains_key(*name));
    surplus.map(|(name, value)| format!("{name} is {value}, the record has no such field"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_report_in_a_hundred_and_all_else_is_compared() {
        let reports = (0..10_000).filter(|offset| is_sampled("driver-locations", *offset)).count();
        assert_eq!(reports, 100);
        assert!((0..10_000).all(|offset| is_sampled("fares", offset)));
    }
}
