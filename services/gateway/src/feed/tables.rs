//! What tables said since the last batch was told: the newest of each key, so that reading a long table from its
//! beginning costs no more memory than the table itself.

use std::collections::BTreeMap;

use domain::driver::Driver;
use domain::trip::Trip;
use domain::{DriverId, TripId, Zone};
use events::zones::ZoneState;
use pipeline::{Record, Reject};

use crate::view::News;

use super::handler::decode;

/// The newest of each key; nothing for a key that left its table.
#[derive(Debug, Default)]
pub(super) struct Tables {
    drivers: BTreeMap<DriverId, Option<Box<Driver>>>,
    trips: BTreeMap<TripId, Option<Box<Trip>>>,
    zones: BTreeMap<Zone, Option<Box<ZoneState>>>,
}

impl Tables {
    /// Takes in a record of a table.
    pub(super) fn take(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        let topic = record.topic;
        if topic == events::drivers::TOPIC.name {
            let id = events::drivers::key(record.key).ok_or_else(|| no_key(record))?;
            self.drivers.insert(id, value(record)?);
        } else if topic == events::trips::TOPIC.name {
            let id = events::trips::key(record.key).ok_or_else(|| no_key(record))?;
            self.trips.insert(id, value(record)?);
        } else if topic == events::zones::TOPIC.name {
            let key = record.key.and_then(|key| std::str::from_utf8(key).ok()?.parse().ok());
            let zone: Zone = key.ok_or_else(|| no_key(record))?;
            self.zones.insert(zone, value(record)?);
        } else {
            return Err(Reject::new("unknown_topic", format!("{topic} is no table of the gateway")));
        }
        Ok(())
    }

    /// Hands out what was taken in.
    pub(super) fn drain(&mut self, news: &mut Vec<News>) {
        let Self { drivers, trips, zones } = std::mem::take(self);
        news.extend(drivers.into_iter().map(|(id, driver)| News::Driver(id, driver)));
        news.extend(trips.into_iter().map(|(id, trip)| News::Trip(id, trip)));
        news.extend(zones.into_iter().map(|(zone, state)| News::Zone(zone, state)));
    }
}

/// The payload; nothing if it is a tombstone. Tables have no time of their own to check.
fn value<T: events::Contract>(record: &Record<'_>) -> Result<Option<Box<T>>, Reject> {
    if record.payload.is_none() {
        return Ok(None);
    }
    decode(record, None).map(|value| Some(Box::new(value)))
}

fn no_key(record: &Record<'_>) -> Reject {
    Reject::new(
        "key_mismatch",
        format!("the key of a record of {} does not name what it is of", record.topic),
    )
}
