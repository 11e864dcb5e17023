//! Decides which document a record becomes.

use archive::Document;
use domain::CityClock;
use events::driver_actions::{self, DriverAction};
use events::driver_commands::{self, DriverCommandRecord};
use events::driver_locations::{self, LocationReport};
use events::driver_shifts::{self, DriverShift};
use events::eta_updates::{self, EtaUpdate};
use events::fares::{self, FareEvent};
use events::reservation_replies::{self, ReservationReplyRecord};
use events::ride_requests::{self, RideRequest};
use events::trip_events::{self, TripEvent};
use events::{Contract, Topic};
use pipeline::{Handler, Outcome, Record, Reject};

/// The topics that are archived: all that forget, but for `zone-observations`, whose sums `zones` can make again.
pub const TOPICS: &[&Topic] = &[
    &driver_locations::TOPIC,
    &driver_shifts::TOPIC,
    &driver_commands::TOPIC,
    &ride_requests::TOPIC,
    &driver_actions::TOPIC,
    &reservation_replies::TOPIC,
    &trip_events::TOPIC,
    &eta_updates::TOPIC,
    &fares::TOPIC,
];

/// Makes a document of every record that keeps its contract. Holds no state.
#[derive(Clone, Debug)]
pub struct ArchiverHandler {
    city_clock: CityClock,
}

impl ArchiverHandler {
    /// A handler that checks times against this clock.
    #[must_use]
    pub fn new(city_clock: CityClock) -> Self {
        Self { city_clock }
    }

    fn document<T: Contract>(&self, record: &Record<'_>) -> Result<Document, Reject> {
        let moment = events::moment(&self.city_clock, record.timestamp_ms);
        let payload: T = events::decode(record.key, record.payload, moment)
            .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
        Document::of(&payload, record.partition, record.offset, record.timestamp_ms)
            .map_err(|error| Reject::new("unstorable", error.to_string()))
    }
}

impl Handler for ArchiverHandler {
    type Effect = Document;

    fn handle(&mut self, record: &Record<'_>, effects: &mut Vec<Document>) -> Result<Outcome, Reject> {
        let document = match record.topic {
            topic if topic == driver_locations::TOPIC.name => self.document::<LocationReport>(record),
            topic if topic == driver_shifts::TOPIC.name => self.document::<DriverShift>(record),
            topic if topic == driver_commands::TOPIC.name => self.document::<DriverCommandRecord>(record),
            topic if topic == ride_requests::TOPIC.name => self.document::<RideRequest>(record),
            topic if topic == driver_actions::TOPIC.name => self.document::<DriverAction>(record),
            topic if topic == reservation_replies::TOPIC.name => {
                self.document::<ReservationReplyRecord>(record)
            }
            topic if topic == trip_events::TOPIC.name => self.document::<TripEvent>(record),
            topic if topic == eta_updates::TOPIC.name => self.document::<EtaUpdate>(record),
            topic if topic == fares::TOPIC.name => self.document::<FareEvent>(record),
            _ => return Ok(Outcome::Skipped("not_archived")),
        };
        effects.push(document?);
        Ok(Outcome::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use archive::Collection;
    use pipeline::fakes::OwnedRecord;

    const WRITTEN_MS: i64 = 1_211_587_200_500;

    fn handle(topic: &str, key: &str, payload: &str) -> Result<Vec<Document>, Reject> {
        let mut record = OwnedRecord::new(topic, 3, 17, key, payload);
        record.timestamp_ms = WRITTEN_MS;
        let mut effects = Vec::new();
        ArchiverHandler::new(CityClock::REAL).handle(&record.borrow(), &mut effects).map(|_| effects)
    }

    #[test]
    fn every_archived_topic_gets_a_document_in_its_collection() {
        let request: RideRequest = serde_json::from_str(ride_requests::EXAMPLE).unwrap();
        let trip = &request.key();
        let examples = [
            ("driver-locations", "4711", driver_locations::EXAMPLE),
            ("driver-shifts", "4711", driver_shifts::EXAMPLE),
            ("driver-commands", "4711", driver_commands::EXAMPLE),
            ("ride-requests", trip, ride_requests::EXAMPLE),
            ("driver-actions", trip, driver_actions::EXAMPLE),
            ("reservation-replies", trip, reservation_replies::EXAMPLE),
            ("trip-events", trip, trip_events::EXAMPLE),
            ("eta-updates", trip, eta_updates::EXAMPLE),
            ("fares", trip, fares::EXAMPLE),
        ];
        assert!(examples.iter().map(|(topic, _, _)| *topic).eq(TOPICS.iter().map(|topic| topic.name)));
        for (topic, key, payload) in examples {
            let documents = handle(topic, key, payload).unwrap();
            assert_eq!(documents.len(), 1);
            assert_eq!(documents[0].collection(), Collection::of_topic(topic).unwrap());
            assert_eq!((documents[0].id().partition(), documents[0].id().offset()), (3, 17));
            assert_eq!(documents[0].timestamp_ms(), WRITTEN_MS);
        }
        assert_eq!(Collection::all().len(), TOPICS.len());
    }

    #[test]
    fn what_breaks_the_contract_or_can_not_be_stored_is_rejected() {
        let huge = driver_locations::EXAMPLE.replace("4711", "18446744073709551615");
        for (key, payload, code) in [
            ("4711", "{", "malformed_json"),
            ("4711", "{}", "wrong_shape"),
            ("4712", driver_locations::EXAMPLE, "key_mismatch"),
            ("18446744073709551615", huge.as_str(), "unstorable"),
        ] {
            assert_eq!(handle("driver-locations", key, payload).unwrap_err().code, code);
        }
    }
}
