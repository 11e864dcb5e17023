//! Holds the table of trips that wait, and opens a window on them at intervals.

use std::collections::BTreeMap;

use domain::TripId;
use domain::trip::Trip;
use pipeline::{Handler, Outcome, Record, Reject};
use traces::TraceParent;

use crate::{Waiting, Window};

/// Trips in one window at most: the sink deals with so many in well under a second, and the oldest come first.
const MAX_WINDOW: usize = 5_000;

/// The handler of the `matching` service.
#[derive(Debug)]
pub struct MatchingHandler {
    window_ms: i64,
    opened_ms: i64,
    partitions: BTreeMap<i32, Partition>,
}

#[derive(Debug, Default)]
struct Partition {
    /// One past the greatest offset that was restored: live records below it are old news.
    restored: i64,
    waiting: BTreeMap<TripId, Waiting>,
}

impl MatchingHandler {
    /// A handler without partitions that opens a window at most every so many milliseconds of real time.
    #[must_use]
    pub fn new(window_ms: i64) -> Self {
        Self { window_ms, opened_ms: 0, partitions: BTreeMap::new() }
    }
}

impl Partition {
    fn take(&mut self, id: TripId, trip: Option<Trip>, traceparent: Option<&TraceParent>) {
        match trip.and_then(|trip| Waiting::of(trip, traceparent.copied())) {
            Some(waiting) => drop(self.waiting.insert(id, waiting)),
            None => drop(self.waiting.remove(&id)),
        }
    }
}

impl Handler for MatchingHandler {
    type Effect = Window;

    fn assigned(&mut self, partition: i32) {
        self.partitions.insert(partition, Partition::default());
    }

    fn revoked(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }

    fn observe(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        let (id, trip) = trip_state(record)?;
        let partition = self.partitions.entry(record.partition).or_default();
        partition.restored = partition.restored.max(record.offset + 1);
        partition.take(id, trip, record.traceparent);
        Ok(())
    }

    fn handle(&mut self, record: &Record<'_>, _effects: &mut Vec<Window>) -> Result<Outcome, Reject> {
        let (id, trip) = trip_state(record)?;
        let partition = self.partitions.entry(record.partition).or_default();
        if record.offset < partition.restored {
            return Ok(Outcome::Skipped("already_restored"));
        }
        partition.take(id, trip, record.traceparent);
        Ok(Outcome::Done)
    }

    fn tables(&self) -> Vec<(&'static str, usize)> {
        vec![("waiting_trips", self.partitions.values().map(|partition| partition.waiting.len()).sum())]
    }

    fn tick(&mut self, now_ms: i64, effects: &mut Vec<Window>) {
        let is_early = (0..self.window_ms).contains(&(now_ms - self.opened_ms));
        if is_early || self.partitions.values().all(|partition| partition.waiting.is_empty()) {
            return;
        }
        self.opened_ms = now_ms;
        let mut oldest: Vec<&Waiting> =
            self.partitions.values().flat_map(|partition| partition.waiting.values()).collect();
        oldest.sort_unstable_by_key(|waiting| (waiting.requested_at, waiting.trip));
        effects.push(Window(oldest.into_iter().take(MAX_WINDOW).cloned().collect()));
    }
}

/// A record of the `trips` table: which, and its state, or nothing if it left the table.
fn trip_state(record: &Record<'_>) -> Result<(TripId, Option<Trip>), Reject> {
    if record.topic != events::trips::TOPIC.name {
        return Err(Reject::new("unknown_topic", format!("{} is not read by this service", record.topic)));
    }
    let id = events::trips::key(record.key)
        .ok_or_else(|| Reject::new("key_mismatch", "the key of a record of trips is a trip id"))?;
    if record.payload.is_none() {
        return Ok((id, None));
    }
    let trip = events::decode(record.key, record.payload, None)
        .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
    Ok((id, Some(trip)))
}

#[cfg(test)]
mod tests {
    use domain::trip::TripStatus;
    use domain::{CityMs, DriverId};
    use events::Contract;
    use pipeline::fakes::OwnedRecord;

    use super::*;

    const REQUESTED: TripStatus = TripStatus::Requested;
    const OFFERED: TripStatus = TripStatus::Offered { driver: DriverId(4711) };

    fn record(number: u32, requested_at: i64, status: TripStatus, attempt: u32, offset: i64) -> OwnedRecord {
        let example = events::trips::EXAMPLE;
        let id = example.split('"').nth(3).unwrap();
        let trip: Trip = events::decode(Some(id.as_bytes()), Some(example.as_bytes()), None).unwrap();
        let id = format!("{}.0192f0c1-2345-7abc-8def-{number:012}", trip.id.zone).parse().unwrap();
        let trip = Trip { id, requested_at: CityMs(requested_at), status, attempt, ..trip };
        let out = trip.to_record();
        let record = OwnedRecord::new("trips", 2, offset, "", "");
        OwnedRecord { key: Some(out.key), payload: out.payload, ..record }
    }

    fn handler() -> MatchingHandler {
        let mut handler = MatchingHandler::new(100);
        handler.assigned(2);
        handler
    }

    fn handle(handler: &mut MatchingHandler, record: &OwnedRecord) -> Result<Outcome, Reject> {
        handler.handle(&record.borrow(), &mut Vec::new())
    }

    /// The attempts of the trips in the window that opens now, if one does.
    fn window(handler: &mut MatchingHandler, now_ms: i64) -> Option<Vec<u32>> {
        let mut windows = Vec::new();
        handler.tick(now_ms, &mut windows);
        assert!(windows.len() <= 1);
        windows.pop().map(|window| window.0.iter().map(|waiting| waiting.attempt).collect())
    }

    #[test]
    fn trips_wait_from_the_request_to_the_offer_and_the_oldest_come_first() {
        let mut handler = handler();
        assert_eq!(window(&mut handler, 1_000), None, "an empty window costs nothing");
        handle(&mut handler, &record(1, 50, REQUESTED, 1, 0)).unwrap();
        handle(&mut handler, &record(2, 40, REQUESTED, 2, 1)).unwrap();
        handle(&mut handler, &record(3, 30, OFFERED, 3, 2)).unwrap();
        assert_eq!(window(&mut handler, 1_001), Some(vec![2, 1]));
        assert_eq!(window(&mut handler, 1_100), None, "windows keep their distance");
        assert_eq!(window(&mut handler, 1_101), Some(vec![2, 1]));
        handle(&mut handler, &record(2, 40, OFFERED, 2, 3)).unwrap();
        handle(&mut handler, &record(3, 30, REQUESTED, 4, 4)).unwrap();
        assert_eq!(window(&mut handler, 1_300), Some(vec![4, 1]));
        let tombstone = OwnedRecord { payload: None, ..record(3, 30, REQUESTED, 4, 5) };
        handle(&mut handler, &tombstone).unwrap();
        assert_eq!(window(&mut handler, 1_500), Some(vec![1]));
        handler.revoked(2);
        assert_eq!(window(&mut handler, 1_700), None);
    }

    #[test]
    fn a_restarted_member_goes_on_where_the_table_stands() {
        let mut handler = handler();
        handler.observe(&record(1, 50, REQUESTED, 1, 6).borrow()).unwrap();
        handler.observe(&record(2, 40, OFFERED, 1, 9).borrow()).unwrap();
        assert_eq!(
            handle(&mut handler, &record(2, 40, REQUESTED, 1, 5)),
            Ok(Outcome::Skipped("already_restored"))
        );
        assert_eq!(window(&mut handler, 1_000), Some(vec![1]));
        handle(&mut handler, &record(2, 40, REQUESTED, 2, 10)).unwrap();
        assert_eq!(window(&mut handler, 1_100), Some(vec![2, 1]));
    }

    #[test]
    fn a_clock_that_is_set_back_stops_no_window() {
        let mut handler = handler();
        handle(&mut handler, &record(1, 50, REQUESTED, 1, 0)).unwrap();
        assert!(window(&mut handler, 1_000_000).is_some());
        assert!(window(&mut handler, 1_000).is_some());
    }

    #[test]
    fn bad_records_are_rejected_with_their_reason() {
        let good = record(1, 50, REQUESTED, 1, 0);
        for (bad, code) in [
            (OwnedRecord { key: None, ..good.clone() }, "key_mismatch"),
            (OwnedRecord { topic: "fares".to_owned(), ..good.clone() }, "unknown_topic"),
            (OwnedRecord { payload: Some(b"{".to_vec()), ..good.clone() }, "malformed_json"),
            (OwnedRecord { payload: Some(b"{}".to_vec()), ..good.clone() }, "wrong_shape"),
        ] {
            assert_eq!(handle(&mut handler(), &bad).unwrap_err().code, code);
        }
    }
}
