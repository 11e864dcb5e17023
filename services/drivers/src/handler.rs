//! From shift changes and commands to replies and snapshots.

use std::collections::BTreeMap;

use domain::driver::{Answer, Decision, Driver, Input};
use domain::{CityClock, CityMs, DriverId, Ignored, RealMs};
use events::driver_commands::DriverCommandRecord;
use events::driver_shifts::{DriverShift, ShiftChange};
use events::reservation_replies::ReservationReplyRecord;
use events::{Contract, Moment, OutRecord};
use pipeline::{Handler, Outcome, Record, Reject};
use traces::TraceParent;

const SHIFTS: &str = events::driver_shifts::TOPIC.name;
const COMMANDS: &str = events::driver_commands::TOPIC.name;
const DRIVERS: &str = events::drivers::TOPIC.name;

/// The drivers of one partition. A driver takes about 150 bytes: some 20 MB for 100,000 of them.
type DriverTable = BTreeMap<DriverId, Driver>;

/// Decides for all drivers of the assigned partitions.
#[derive(Debug)]
pub struct DriversHandler {
    clock: CityClock,
    now: RealMs,
    partitions: BTreeMap<i32, DriverTable>,
}

impl DriversHandler {
    /// A handler without partitions, at a moment of real time.
    #[must_use]
    pub fn new(clock: CityClock, now: RealMs) -> Self {
        Self { clock, now, partitions: BTreeMap::new() }
    }

    fn shift(&mut self, record: &Record<'_>, effects: &mut Vec<OutRecord>) -> Result<Outcome, Reject> {
        let DriverShift { driver, at, change, .. } = read(record, kafka::moment(&self.clock, record))?;
        let input = match change {
            ShiftChange::Start => Input::ShiftStarts,
            ShiftChange::End => Input::ShiftEnds,
        };
        Ok(self.happens(record.partition, driver, &input, at, effects))
    }

    fn command(&mut self, record: &Record<'_>, effects: &mut Vec<OutRecord>) -> Result<Outcome, Reject> {
        // Without a check of time: a release refused for its age would leave a driver reserved for ever.
        let DriverCommandRecord { driver, at, command } = read(record, None)?;
        Ok(self.happens(record.partition, driver, &Input::Command(command), at, effects))
    }

    /// Something happens to a driver.
    fn happens(
        &mut self,
        partition: i32,
        id: DriverId,
        input: &Input,
        at: CityMs,
        effects: &mut Vec<OutRecord>,
    ) -> Outcome {
        let answered_at = self.clock.city_at(self.now);
        let drivers = self.partitions.get_mut(&partition).expect("records come from assigned partitions");
        let decision = match drivers.get(&id) {
            Some(driver) => driver.on(input, at),
            None => Driver::unknown(id).on(input, at),
        };
        let Decision { next, answer } = match decision {
            Ok(decision) => decision,
            Err(Ignored(reason)) => return Outcome::Skipped(reason),
        };
        if let Some(Answer { trip, attempt, reply }) = answer {
            tracing::debug!(trip = %trip, driver = %id, ?reply, "reservation answered");
            let record = ReservationReplyRecord { trip, driver: id, attempt, at: answered_at, reply };
            effects.push(record.to_record());
        }
        if let Some(driver) = next {
            effects.push(driver.to_record());
            drivers.insert(id, driver);
        }
        Outcome::Done
    }

    /// Takes in a snapshot of this service's own table.
    fn restore(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        let Some(drivers) = self.partitions.get_mut(&record.partition) else { return Ok(()) };
        if record.payload.is_some() {
            let driver: Driver = read(record, None)?;
            drivers.insert(driver.id, driver);
        } else {
            let id = events::drivers::key(record.key)
                .ok_or_else(|| Reject::new("key_mismatch", "the key of a tombstone is no driver id"))?;
            drivers.remove(&id);
        }
        Ok(())
    }
}

impl Handler for DriversHandler {
    type Effect = OutRecord;

    fn assigned(&mut self, partition: i32) {
        self.partitions.insert(partition, DriverTable::new());
    }

    fn revoked(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }

    fn observe(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        if record.topic == DRIVERS { self.restore(record) } else { Ok(()) }
    }

    fn handle(&mut self, record: &Record<'_>, effects: &mut Vec<OutRecord>) -> Result<Outcome, Reject> {
        match record.topic {
            SHIFTS => self.shift(record, effects),
            COMMANDS => self.command(record, effects),
            _ => Ok(Outcome::Skipped("foreign_topic")),
        }
    }

    fn trace(effect: &mut OutRecord, span: TraceParent) {
        effect.traceparent = Some(span);
    }

    fn tables(&self) -> Vec<(&'static str, usize)> {
        vec![("drivers", self.partitions.values().map(BTreeMap::len).sum())]
    }

    fn tick(&mut self, now_ms: i64, _effects: &mut Vec<OutRecord>) {
        self.now = self.now.max(RealMs(now_ms));
    }
}

/// Reads a record as its contract says.
fn read<T: Contract>(record: &Record<'_>, moment: Moment) -> Result<T, Reject> {
    events::decode(record.key, record.payload, moment)
        .map_err(|invalid| Reject::new(invalid.code, invalid.detail))
}

#[cfg(test)]
mod tests;
