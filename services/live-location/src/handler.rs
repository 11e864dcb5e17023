//! Decides what Redis is told: the last report of each driver in a batch, and who became idle or stopped being so.

use std::collections::BTreeMap;

use domain::driver::Driver;
use domain::{CityClock, DriverId};
use events::driver_locations::LocationReport;
use events::{Contract, Moment};
use pipeline::{Handler, Outcome, Record, Reject};

use crate::Change;
use crate::partition::Partition;

/// The handler of the `live-location` service.
#[derive(Debug)]
pub struct LiveLocationHandler {
    clock: CityClock,
    partitions: BTreeMap<i32, Partition>,
    assignments: u64,
}

impl LiveLocationHandler {
    /// A handler without partitions.
    #[must_use]
    pub fn new(clock: CityClock) -> Self {
        Self { clock, partitions: BTreeMap::new(), assignments: 0 }
    }

    fn partition(&mut self, number: i32) -> &mut Partition {
        let assignments = &mut self.assignments;
        self.partitions.entry(number).or_insert_with(|| {
            *assignments += 1;
            Partition::new(number, *assignments)
        })
    }
}

impl Handler for LiveLocationHandler {
    type Effect = Change;

    fn assigned(&mut self, partition: i32) {
        self.partitions.remove(&partition);
        self.partition(partition);
    }

    fn revoked(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }

    fn observe(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        let (id, driver) = driver_state(record)?;
        self.partition(record.partition).restore(id, driver.as_ref(), record.offset);
        Ok(())
    }

    fn handle(&mut self, record: &Record<'_>, _effects: &mut Vec<Change>) -> Result<Outcome, Reject> {
        if record.topic == events::driver_locations::TOPIC.name {
            let moment = events::moment(&self.clock, record.timestamp_ms);
            let report: LocationReport = decode(record, moment)?;
            Ok(self.partition(record.partition).report(&report, record))
        } else {
            let (id, driver) = driver_state(record)?;
            Ok(self.partition(record.partition).follow(id, driver.as_ref(), record.offset))
        }
    }

    fn tables(&self) -> Vec<(&'static str, usize)> {
        vec![("drivers", self.partitions.values().map(Partition::len).sum())]
    }

    fn tick(&mut self, now_ms: i64, changes: &mut Vec<Change>) {
        self.partitions.values_mut().for_each(|partition| partition.drain(now_ms, changes));
    }
}

/// A record of the `drivers` table: whose, and the state, or nothing if the driver left the table.
fn driver_state(record: &Record<'_>) -> Result<(DriverId, Option<Driver>), Reject> {
    if record.topic != events::drivers::TOPIC.name {
        return Err(Reject::new("unknown_topic", format!("{} is not read by this service", record.topic)));
    }
    let id = events::drivers::key(record.key)
        .ok_or_else(|| Reject::new("key_mismatch", "the key of a record of drivers is a driver id"))?;
    let driver = if record.payload.is_some() { Some(decode(record, None)?) } else { None };
    Ok((id, driver))
}

fn decode<T: Contract>(record: &Record<'_>, moment: Moment) -> Result<T, Reject> {
    events::decode(record.key, record.payload, moment)
        .map_err(|invalid| Reject::new(invalid.code, invalid.detail))
}

#[cfg(test)]
mod tests {
    use domain::LatLng;
    use pipeline::fakes::OwnedRecord;
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn report(driver: u64, at: i64, lat: f64, offset: i64) -> OwnedRecord {
        let payload = format!(
            r#"{{"driver":{driver},"at":{},"lat":{lat},"lon":-122.4,"heading":0,"speed":0.0}}"#,
            NOW + at
        );
        let record = OwnedRecord::new("driver-locations", 3, offset, &driver.to_string(), &payload);
        OwnedRecord { timestamp_ms: NOW + at, ..record }
    }

    fn state(driver: u64, status: &str, offset: i64) -> OwnedRecord {
        let payload = format!(r#"{{"id":{driver},"status":"{status}","since":{NOW}}}"#);
        OwnedRecord::new("drivers", 3, offset, &driver.to_string(), &payload)
    }

    fn handler() -> LiveLocationHandler {
        let mut handler = LiveLocationHandler::new(CityClock::REAL);
        handler.assigned(3);
        handler
    }

    fn handle(handler: &mut LiveLocationHandler, record: &OwnedRecord) -> Result<Outcome, Reject> {
        let mut effects = Vec::new();
        let outcome = handler.handle(&record.borrow(), &mut effects);
        assert!(effects.is_empty(), "changes are handed out by tick");
        outcome
    }

    /// The changes now, each as text: driver, idle or not, latitude, whether a report came.
    fn changes(handler: &mut LiveLocationHandler, now_ms: i64) -> Vec<String> {
        let mut changes = Vec::new();
        handler.tick(now_ms, &mut changes);
        let text = |change: &Change| {
            let Change { update, reported } = change;
            let place = update.report.map_or("nowhere".to_owned(), |report| report.position.lat.to_string());
            let idle = if update.idle { "idle" } else { "busy" };
            format!("{} {idle} {place}{}", update.driver, if *reported { " reported" } else { "" })
        };
        changes.iter().map(text).collect()
    }

    #[test]
    fn of_many_reports_in_a_batch_the_last_is_told() {
        let mut handler = handler();
        for record in
            [report(1, 0, 37.1, 0), report(2, 0, 37.5, 1), report(1, 5, 37.2, 2), report(1, 10, 37.3, 3)]
        {
            assert_eq!(handle(&mut handler, &record), Ok(Outcome::Done));
        }
        assert_eq!(changes(&mut handler, NOW), ["1 busy 37.3 reported", "2 busy 37.5 reported"]);
        assert!(changes(&mut handler, NOW).is_empty());
    }

    #[test]
    fn an_older_report_is_skipped_in_this_batch_and_in_later_ones() {
        let mut handler = handler();
        handle(&mut handler, &report(1, 10, 37.1, 0)).unwrap();
        assert_eq!(handle(&mut handler, &report(1, 5, 37.2, 1)), Ok(Outcome::Skipped("older")));
        assert_eq!(changes(&mut handler, NOW), ["1 busy 37.1 reported"]);
        assert_eq!(handle(&mut handler, &report(1, 9, 37.2, 2)), Ok(Outcome::Skipped("older")));
        assert!(changes(&mut handler, NOW).is_empty());
    }

    #[test]
    fn availability_is_told_at_once_with_the_position_if_one_is_known() {
        let mut handler = handler();
        handle(&mut handler, &state(1, "idle", 0)).unwrap();
        assert!(changes(&mut handler, NOW).is_empty(), "an idle driver without a position can't be found");
        handle(&mut handler, &report(1, 0, 37.1, 0)).unwrap();
        assert_eq!(changes(&mut handler, NOW), ["1 idle 37.1 reported"]);
        handle(&mut handler, &state(1, "reserved", 1)).unwrap();
        assert_eq!(changes(&mut handler, NOW), ["1 busy nowhere"]);
        handle(&mut handler, &state(1, "to_pickup", 2)).unwrap();
        assert!(changes(&mut handler, NOW).is_empty());
        handle(&mut handler, &state(1, "idle", 3)).unwrap();
        assert_eq!(changes(&mut handler, NOW), ["1 idle 37.1"]);
        handle(&mut handler, &state(1, "offline", 4)).unwrap();
        handle(&mut handler, &state(1, "idle", 5)).unwrap();
        assert!(changes(&mut handler, NOW + 30_001).is_empty(), "a silent driver is not put back");
    }

    #[test]
    fn a_driver_who_left_the_table_is_not_idle() {
        let mut handler = handler();
        handle(&mut handler, &state(1, "idle", 0)).unwrap();
        handle(&mut handler, &report(1, 0, 37.1, 0)).unwrap();
        changes(&mut handler, NOW);
        let tombstone = OwnedRecord { payload: None, ..state(1, "idle", 1) };
        handle(&mut handler, &tombstone).unwrap();
        assert_eq!(changes(&mut handler, NOW), ["1 busy nowhere"]);
    }

    #[test]
    fn after_an_assignment_all_who_are_not_idle_are_told_and_old_news_is_skipped() {
        let mut handler = handler();
        for record in [state(1, "idle", 4), state(2, "on_trip", 7)] {
            handler.observe(&record.borrow()).unwrap();
        }
        assert_eq!(changes(&mut handler, NOW), ["2 busy nowhere"]);
        assert_eq!(handle(&mut handler, &state(2, "idle", 6)), Ok(Outcome::Skipped("already_restored")));
        handle(&mut handler, &report(2, 0, 37.1, 0)).unwrap();
        assert_eq!(changes(&mut handler, NOW), ["2 busy 37.1 reported"]);
        assert_eq!(handle(&mut handler, &state(2, "idle", 8)), Ok(Outcome::Done));
        assert_eq!(changes(&mut handler, NOW), ["2 idle 37.1"]);
    }

    #[test]
    fn revoked_partitions_tell_nothing_and_a_new_assignment_is_a_new_epoch() {
        let mut handler = handler();
        let mut effects = Vec::new();
        handle(&mut handler, &report(1, 0, 37.1, 0)).unwrap();
        handler.tick(NOW, &mut effects);
        handle(&mut handler, &report(1, 5, 37.2, 1)).unwrap();
        handler.revoked(3);
        assert!(changes(&mut handler, NOW).is_empty());
        handler.assigned(3);
        handle(&mut handler, &report(1, 0, 37.1, 0)).unwrap();
        handler.tick(NOW, &mut effects);
        assert!(effects[0].update.epoch < effects[1].update.epoch);
    }

    #[test]
    fn bad_records_are_rejected_with_their_reason() {
        let tombstone = OwnedRecord { payload: None, ..report(1, 0, 37.1, 0) };
        let strange_key = OwnedRecord { key: Some(b"2".to_vec()), ..report(1, 0, 37.1, 0) };
        let no_id = OwnedRecord { key: Some(b"x".to_vec()), ..state(1, "idle", 0) };
        let elsewhere = OwnedRecord { topic: "fares".to_owned(), ..state(1, "idle", 0) };
        let late = OwnedRecord { timestamp_ms: NOW + 25 * 3600 * 1000, ..report(1, 0, 37.1, 0) };
        for (record, code) in [
            (tombstone, "null_payload"),
            (strange_key, "key_mismatch"),
            (no_id, "key_mismatch"),
            (elsewhere, "unknown_topic"),
            (late, "too_old"),
            (report(1, 0, 95.0, 0), "out_of_range"),
        ] {
            assert_eq!(handle(&mut handler(), &record).unwrap_err().code, code);
        }
        assert_eq!(handle(&mut handler(), &report(1, 0, 89.0, 0)), Ok(Outcome::Skipped("near_a_pole")));
    }

    proptest! {
        #[test]
        fn what_was_told_last_is_the_newest_of_each_driver(
            reports in prop::collection::vec((1u64..4, 0i64..20, any::<bool>()), 0..60)
        ) {
            let mut handler = handler();
            let mut told: BTreeMap<DriverId, LatLng> = BTreeMap::new();
            let mut newest: BTreeMap<u64, (i64, f64)> = BTreeMap::new();
            let mut effects = Vec::new();
            for (offset, (driver, at, ends_batch)) in (0i64..).zip(&reports) {
                let lat = f64::from(i32::try_from(offset).unwrap()) / 10.0;
                handle(&mut handler, &report(*driver, *at, lat, offset)).unwrap();
                if newest.get(driver).is_none_or(|(newest_at, _)| at >= newest_at) {
                    newest.insert(*driver, (*at, lat));
                }
                if *ends_batch {
                    handler.tick(NOW, &mut effects);
                }
            }
            handler.tick(NOW, &mut effects);
            for change in &effects {
                told.insert(change.update.driver, change.update.report.unwrap().position);
            }
            prop_assert_eq!(told.len(), newest.len());
            for (driver, (_, lat)) in newest {
                prop_assert_eq!(told[&DriverId(driver)].lat, lat);
            }
        }
    }
}
