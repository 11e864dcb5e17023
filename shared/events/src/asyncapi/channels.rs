//! The topics with their payload types, their keys, who writes to them and who reads them.

use std::borrow::Cow;

use domain::driver::Driver;
use domain::trip::Trip;
use domain::{TripId, Zone};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{Contract, Topic};

/// A topic in the document.
pub(super) struct Channel {
    pub(super) topic: &'static Topic,
    /// The name of the payload type.
    pub(super) message: fn() -> Cow<'static, str>,
    /// The schema of the payload type.
    pub(super) payload: fn(&mut SchemaGenerator) -> Schema,
    pub(super) example: &'static str,
    pub(super) key: Key,
    pub(super) summary: &'static str,
    pub(super) written_by: &'static [&'static str],
    pub(super) read_by: &'static [&'static str],
}

/// What the records of a topic are kept by.
#[derive(Clone, Copy)]
pub(super) enum Key {
    Driver,
    Trip,
    Zone,
    Member,
    Service,
}

/// The processes that write figures and logs: all.
const EVERYBODY: &[&str] = &[
    "trips",
    "drivers",
    "matching",
    "live-location",
    "eta",
    "fare",
    "zones",
    "archiver",
    "gateway",
    "loadgen",
];

/// The command that searches logs: it reads without a group.
pub(super) const SEARCH: &str = "logs";

/// Every topic.
pub(super) static CHANNELS: [Channel; 15] = [
    Channel {
        key: Key::Driver,
        summary: "Where a driver is, several times a minute.",
        written_by: &["loadgen", "gateway"],
        read_by: &["live-location", "eta", "fare", "zones", "archiver", "gateway"],
        ..of::<crate::driver_locations::LocationReport>(crate::driver_locations::EXAMPLE)
    },
    Channel {
        key: Key::Driver,
        summary: "A driver goes on or off shift.",
        written_by: &["loadgen", "gateway"],
        read_by: &["drivers", "archiver"],
        ..of::<crate::driver_shifts::DriverShift>(crate::driver_shifts::EXAMPLE)
    },
    Channel {
        key: Key::Driver,
        summary: "What matching and trips ask of the drivers' authority.",
        written_by: &["matching", "trips"],
        read_by: &["drivers", "archiver"],
        ..of::<crate::driver_commands::DriverCommandRecord>(crate::driver_commands::EXAMPLE)
    },
    Channel {
        key: Key::Driver,
        summary: "The state of every driver.",
        written_by: &["drivers"],
        read_by: &["drivers", "live-location", "eta", "fare", "zones", "gateway"],
        ..of::<Driver>(crate::drivers::EXAMPLE)
    },
    Channel {
        key: Key::Trip,
        summary: "What riders ask for, and take back.",
        written_by: &["loadgen", "gateway"],
        read_by: &["trips", "zones", "archiver"],
        ..of::<crate::ride_requests::RideRequest>(crate::ride_requests::EXAMPLE)
    },
    Channel {
        key: Key::Trip,
        summary: "What drivers do about a trip.",
        written_by: &["loadgen", "gateway"],
        read_by: &["trips", "archiver"],
        ..of::<crate::driver_actions::DriverAction>(crate::driver_actions::EXAMPLE)
    },
    Channel {
        key: Key::Trip,
        summary: "What the drivers' authority answers to a reservation.",
        written_by: &["drivers"],
        read_by: &["trips", "archiver"],
        ..of::<crate::reservation_replies::ReservationReplyRecord>(crate::reservation_replies::EXAMPLE)
    },
    Channel {
        key: Key::Trip,
        summary: "What happened to a trip.",
        written_by: &["trips"],
        read_by: &["fare", "archiver", "gateway", "loadgen"],
        ..of::<crate::trip_events::TripEvent>(crate::trip_events::EXAMPLE)
    },
    Channel {
        key: Key::Trip,
        summary: "The state of every trip.",
        written_by: &["trips"],
        read_by: &["trips", "matching", "gateway"],
        ..of::<Trip>(crate::trips::EXAMPLE)
    },
    Channel {
        key: Key::Trip,
        summary: "How long until pickup or drop-off, when it changed enough.",
        written_by: &["eta"],
        read_by: &["archiver", "gateway"],
        ..of::<crate::eta_updates::EtaUpdate>(crate::eta_updates::EXAMPLE)
    },
    Channel {
        key: Key::Trip,
        summary: "The running meter of a trip and its one final fare.",
        written_by: &["fare"],
        read_by: &["archiver", "gateway"],
        ..of::<crate::fares::FareEvent>(crate::fares::EXAMPLE)
    },
    Channel {
        key: Key::Zone,
        summary: "What one partition of reports saw in one zone and interval.",
        written_by: &["zones"],
        read_by: &["zones"],
        ..of::<crate::zone_observations::ZoneObservation>(crate::zone_observations::EXAMPLE)
    },
    Channel {
        key: Key::Zone,
        summary: "Supply, demand, speed and surge of every zone.",
        written_by: &["zones"],
        read_by: &["zones", "trips", "eta", "gateway"],
        ..of::<crate::zones::ZoneState>(crate::zones::EXAMPLE)
    },
    Channel {
        key: Key::Member,
        summary: "The figures of every process, once a second.",
        written_by: EVERYBODY,
        read_by: &["gateway"],
        ..of::<crate::service_figures::ServiceFigures>(crate::service_figures::EXAMPLE)
    },
    Channel {
        key: Key::Service,
        summary: "The lines of every service's log, if they are sent.",
        written_by: EVERYBODY,
        read_by: &[SEARCH],
        ..of::<crate::service_logs::ServiceLog>(crate::service_logs::EXAMPLE)
    },
];

const fn of<T: Contract + JsonSchema>(example: &'static str) -> Channel {
    Channel {
        topic: T::TOPIC,
        message: T::schema_name,
        payload: SchemaGenerator::subschema_for::<T>,
        example,
        key: Key::Member,
        summary: "",
        written_by: &[],
        read_by: &[],
    }
}

impl Key {
    /// As people say it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Driver => "driver id",
            Self::Trip => "trip id",
            Self::Zone => "zone",
            Self::Member => "name of the member",
            Self::Service => "name of the service",
        }
    }

    /// As it stands in a record: text.
    pub(super) fn schema(self, generator: &mut SchemaGenerator) -> Schema {
        match self {
            Self::Driver => json_schema!({ "type": "string", "pattern": "^[0-9]{1,20}$" }),
            Self::Trip => generator.subschema_for::<TripId>(),
            Self::Zone => generator.subschema_for::<Zone>(),
            Self::Member | Self::Service => json_schema!({ "type": "string" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_a_channel_with_writers_and_readers() {
        let documented: Vec<&Topic> = CHANNELS.iter().map(|channel| channel.topic).collect();
        assert_eq!(documented, crate::ALL);
        for channel in &CHANNELS {
            assert!(!channel.written_by.is_empty() && !channel.read_by.is_empty(), "{:?}", channel.topic);
        }
    }
}
