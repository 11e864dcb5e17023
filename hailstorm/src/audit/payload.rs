//! A record of any topic, decoded by its contract.

use domain::driver::Driver;
use domain::trip::Trip;
use events::driver_actions::{self, DriverAction};
use events::driver_commands::{self, DriverCommandRecord};
use events::driver_locations::{self, LocationReport};
use events::driver_shifts::{self, DriverShift};
use events::eta_updates::{self, EtaUpdate};
use events::fares::{self, FareEvent};
use events::reservation_replies::{self, ReservationReplyRecord};
use events::ride_requests::{self, RideRequest};
use events::trip_events::{self, TripEvent};
use events::zone_observations::{self, ZoneObservation};
use events::zones::{self, ZoneState};
use events::{CityClock, Contract, Invalid};
use pipeline::Record;
use serde::Serialize;
use serde_json::Value;

/// A decoded record.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Payload {
    Report(LocationReport),
    Shift(DriverShift),
    Command(DriverCommandRecord),
    Request(RideRequest),
    Action(DriverAction),
    Reply(ReservationReplyRecord),
    Event(Box<TripEvent>),
    Eta(EtaUpdate),
    Fare(Box<FareEvent>),
    Observation(ZoneObservation),
    Zone(ZoneState),
    DriverRow(Box<Driver>),
    TripRow(Box<Trip>),
}

impl Payload {
    /// Decodes a record that is no tombstone; `None` if its topic is not one of the contracts'.
    pub(super) fn decode(record: &Record<'_>, clock: &CityClock) -> Option<Result<Self, Invalid>> {
        let topic = record.topic;
        Some(if topic == driver_locations::TOPIC.name {
            decode(record, clock).map(Self::Report)
        } else if topic == driver_shifts::TOPIC.name {
            decode(record, clock).map(Self::Shift)
        } else if topic == driver_commands::TOPIC.name {
            decode(record, clock).map(Self::Command)
        } else if topic == ride_requests::TOPIC.name {
            decode(record, clock).map(Self::Request)
        } else if topic == driver_actions::TOPIC.name {
            decode(record, clock).map(Self::Action)
        } else if topic == reservation_replies::TOPIC.name {
            decode(record, clock).map(Self::Reply)
        } else if topic == trip_events::TOPIC.name {
            decode(record, clock).map(|event| Self::Event(Box::new(event)))
        } else if topic == eta_updates::TOPIC.name {
            decode(record, clock).map(Self::Eta)
        } else if topic == fares::TOPIC.name {
            decode(record, clock).map(|fare| Self::Fare(Box::new(fare)))
        } else if topic == zone_observations::TOPIC.name {
            decode(record, clock).map(Self::Observation)
        } else if topic == zones::TOPIC.name {
            decode(record, clock).map(Self::Zone)
        } else if topic == events::drivers::TOPIC.name {
            decode(record, clock).map(|driver| Self::DriverRow(Box::new(driver)))
        } else if topic == events::trips::TOPIC.name {
            decode(record, clock).map(|trip| Self::TripRow(Box::new(trip)))
        } else {
            return None;
        })
    }

    /// Its fields.
    pub(super) fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("a payload is plain data with text keys")
    }
}

fn decode<T: Contract>(record: &Record<'_>, clock: &CityClock) -> Result<T, Invalid> {
    events::decode(record.key, record.payload, events::moment(clock, record.timestamp_ms))
}
