//! Which entries are looked for.

use serde_json::Value;
use tracing::Level;

use super::entry::{Content, Entry};

/// What an entry must be; what is none takes all.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    pub(super) service: Option<String>,
    pub(super) trip: Option<String>,
    /// This level, or a graver one.
    pub(super) level: Option<Level>,
}

impl Filter {
    /// Whether an entry is looked for. What can't be told of one does not speak against it: nothing shall be missed.
    pub(super) fn takes(&self, entry: &Entry) -> bool {
        self.service.as_ref().is_none_or(|service| *service == entry.service)
            && self.trip.as_deref().is_none_or(|trip| is_about(trip, &entry.content))
            && self.level.is_none_or(|level| is_grave(level, &entry.content))
    }
}

/// A line is about a trip if its field says so; so is the line about a record that the trip's id is the key of.
fn is_about(trip: &str, content: &Content) -> bool {
    match content {
        Content::Line(line) => {
            let says_so = |name| line.fields.get(name).and_then(Value::as_str) == Some(trip);
            says_so("trip") || says_so("key")
        }
        Content::Other(text) => text.contains(trip),
    }
}

fn is_grave(level: Level, content: &Content) -> bool {
    match content {
        // The more is told at a level, the greater it is.
        Content::Line(line) => line.level.parse::<Level>().is_ok_and(|of_line| of_line <= level),
        Content::Other(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use events::service_logs::EXAMPLE;

    use super::*;

    const TRIP: &str = "8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab";

    fn entry(content: Content) -> Entry {
        Entry { at_us: 0, partition: 0, offset: 0, service: "trips".to_owned(), content }
    }

    fn line(json: &str) -> Entry {
        entry(Content::Line(serde_json::from_str(json).unwrap()))
    }

    fn filter(service: Option<&str>, trip: Option<&str>, level: Option<Level>) -> Filter {
        Filter { service: service.map(str::to_owned), trip: trip.map(str::to_owned), level }
    }

    #[test]
    fn lines_are_taken_by_service_trip_and_level() {
        let other_trip = TRIP.replace("0192", "0193");
        for (filter, taken) in [
            (filter(None, None, None), true),
            (filter(Some("trips"), Some(TRIP), Some(Level::DEBUG)), true),
            (filter(Some("eta"), None, None), false),
            (filter(None, Some(&other_trip), None), false),
            (filter(None, None, Some(Level::INFO)), false),
            (filter(None, None, Some(Level::TRACE)), true),
        ] {
            assert_eq!(filter.takes(&line(EXAMPLE)), taken, "{filter:?}");
        }
        let rejected = line(&EXAMPLE.replace("\"trip\":", "\"key\":"));
        assert!(filter(None, Some(TRIP), None).takes(&rejected), "the record of the trip");
        let error = line(&EXAMPLE.replace("DEBUG", "ERROR"));
        assert!(filter(None, None, Some(Level::WARN)).takes(&error), "a graver one");
    }

    #[test]
    fn what_is_no_line_is_only_left_out_for_what_is_known_of_it() {
        let raw = entry(Content::Other(format!("thread panicked at {TRIP}")));
        assert!(filter(Some("trips"), Some(TRIP), Some(Level::ERROR)).takes(&raw));
        assert!(!filter(Some("eta"), None, None).takes(&raw));
        assert!(!filter(None, Some("x"), None).takes(&raw));
    }
}
