//! Given the records so far, when one more comes or time passes, then these are written.

use domain::driver::{RefusalReason, ReservationReply};
use domain::tariff::SurgeMultiplier;
use domain::trip::DriverStep;
use domain::{DriverId, LatLng, RiderId, Zone};
use events::zones::ZoneState;
use pipeline::fakes::{FakeSink, FakeSource, OwnedRecord, Step};
use pipeline::{AtLeastOnce, Counters, Retry};
use proptest::prelude::*;

use super::*;
use crate::trip_table::TripTable;

const PICKUP: LatLng = LatLng { lat: 37.774_929, lon: -122.419_416 };
const DROPOFF: LatLng = LatLng { lat: 37.791, lon: -122.401 };
const RIDER: RiderId = RiderId(17);
const DRIVER: DriverId = DriverId(4711);
const START_MS: i64 = 1_779_000_000_000;
const PARTITION: i32 = 3;

/// A handler with one partition whose backlog is read, and the time.
struct Bench {
    handler: TripsHandler,
    now_ms: i64,
}

impl Bench {
    fn new() -> Self {
        let mut handler = TripsHandler::new(CityClock::REAL, Patience::default(), RealMs(START_MS));
        handler.assigned(PARTITION);
        let mut bench = Self { handler, now_ms: START_MS };
        bench.pass(0);
        bench.pass(2_000);
        bench
    }

    /// Hands a record over, written now; tells what came of it.
    fn give(&mut self, record: &OutRecord) -> Vec<String> {
        let record = owned(record, self.now_ms);
        let (outcome, effects) = self.give_raw(&record);
        told(&outcome, &effects)
    }

    fn give_raw(&mut self, record: &OwnedRecord) -> (Result<Outcome, Reject>, Vec<OutRecord>) {
        let mut effects = Vec::new();
        let outcome = self.handler.handle(&record.borrow(), &mut effects);
        (outcome, effects)
    }

    /// Lets time pass; returns what the timers wrote.
    fn pass(&mut self, ms: i64) -> Vec<OutRecord> {
        self.now_ms += ms;
        let mut effects = Vec::new();
        self.handler.tick(self.now_ms, &mut effects);
        effects
    }

    fn trips(&self) -> &TripTable {
        &self.handler.partitions[&PARTITION].trips
    }

    fn at(&self) -> CityMs {
        CityMs(self.now_ms)
    }

    fn request(&self, number: u32) -> OutRecord {
        let wish = Wish::Ride { pickup: PICKUP, dropoff: DROPOFF };
        RideRequest { trip: trip(number), rider: RIDER, at: self.at(), wish }.to_record()
    }

    fn cancel(&self, number: u32) -> OutRecord {
        let wish = Wish::Cancel { reason: CancelReason::ChangedMind };
        RideRequest { trip: trip(number), rider: RIDER, at: self.at(), wish }.to_record()
    }

    fn reply(&self, number: u32, attempt: u32, reply: ReservationReply) -> OutRecord {
        ReservationReplyRecord { trip: trip(number), driver: DRIVER, attempt, at: self.at(), reply }
            .to_record()
    }

    fn reserved(&self, number: u32, attempt: u32) -> OutRecord {
        self.reply(number, attempt, ReservationReply::Reserved)
    }

    fn act(&self, number: u32, attempt: u32, step: DriverStep) -> OutRecord {
        DriverAction { trip: trip(number), driver: DRIVER, attempt, at: self.at(), step }.to_record()
    }
}

fn trip(number: u32) -> TripId {
    format!("{}.0192f0c1-2345-7abc-8def-{number:012}", Zone::of(PICKUP)).parse().unwrap()
}

fn owned(record: &OutRecord, timestamp_ms: i64) -> OwnedRecord {
    OwnedRecord {
        topic: record.topic.name.to_owned(),
        partition: PARTITION,
        offset: 0,
        timestamp_ms,
        key: Some(record.key.clone()),
        payload: record.payload.clone(),
        traceparent: record.traceparent,
    }
}

/// What came of a record, in short.
fn told(outcome: &Result<Outcome, Reject>, effects: &[OutRecord]) -> Vec<String> {
    let mut lines: Vec<String> = effects.iter().map(written).collect();
    match outcome {
        Ok(Outcome::Done) => {}
        Ok(Outcome::Skipped(reason)) => lines.push(format!("skipped {reason}")),
        Err(reject) => lines.push(format!("rejected {}", reject.code)),
    }
    lines
}

fn written(record: &OutRecord) -> String {
    let Some(payload) = &record.payload else { return format!("{} tombstone", record.topic.name) };
    let payload: serde_json::Value = serde_json::from_slice(payload).unwrap();
    let names = ["event", "command", "phase", "by", "reason"];
    let mut words: Vec<_> = names.iter().filter_map(|name| payload[*name].as_str()).collect();
    words.extend(payload["status"]["state"].as_str());
    format!("{} {}", record.topic.name, words.join(" "))
}

#[test]
fn a_trip_goes_from_request_to_tombstone() {
    let mut bench = Bench::new();
    assert_eq!(bench.give(&bench.request(1)), ["trip-events trip_requested", "trips requested"]);
    assert_eq!(bench.give(&bench.request(1)), ["skipped repeated"]);
    assert_eq!(bench.give(&bench.reserved(1, 1)), ["trip-events offer_made", "trips offered"]);
    assert_eq!(bench.give(&bench.reserved(1, 1)), ["skipped repeated"]);
    for (step, expected) in [
        (DriverStep::PickUp, vec!["skipped impossible_step"]),
        (
            DriverStep::Accept,
            vec!["trip-events trip_matched", "driver-commands progress matched", "trips matched"],
        ),
        (DriverStep::Accept, vec!["skipped repeated"]),
        (
            DriverStep::Arrive,
            vec!["trip-events driver_arrived", "driver-commands progress arrived", "trips arrived"],
        ),
        (
            DriverStep::PickUp,
            vec!["trip-events trip_started", "driver-commands progress started", "trips started"],
        ),
        (
            DriverStep::DropOff { odometer_m: 4210 },
            vec!["trip-events trip_completed", "driver-commands progress completed", "trips completed"],
        ),
        (DriverStep::DropOff { odometer_m: 4210 }, vec!["skipped trip_ended"]),
    ] {
        bench.pass(5_000);
        assert_eq!(bench.give(&bench.act(1, 1, step)), expected, "{step:?}");
    }
    assert!(bench.pass(9 * 60_000).is_empty());
    assert_eq!(bench.pass(60_000).iter().map(written).collect::<Vec<_>>(), ["trips tombstone"]);
    assert!(bench.trips().get(trip(1)).is_none());
    assert_eq!(bench.give(&bench.act(1, 1, DriverStep::Arrive)), ["skipped unknown_trip"]);
}

#[test]
fn timers_expire_offers_then_give_the_trip_up() {
    let mut bench = Bench::new();
    bench.give(&bench.request(1));
    bench.give(&bench.reserved(1, 1));
    assert!(bench.pass(14_999).is_empty());
    let expired: Vec<_> = bench.pass(1).iter().map(written).collect();
    assert_eq!(expired, ["trip-events offer_expired", "driver-commands release expired", "trips requested"]);
    assert_eq!(bench.give(&bench.act(1, 1, DriverStep::Accept)), ["skipped stale_attempt"]);
    assert!(bench.pass(164_000).is_empty());
    let given_up: Vec<_> = bench.pass(1_000).iter().map(written).collect();
    assert_eq!(given_up, ["trip-events trip_unfulfilled no_driver", "trips unfulfilled"]);
}

#[test]
fn a_refusal_is_written_so_that_matching_sees_the_next_attempt() {
    let mut bench = Bench::new();
    bench.give(&bench.request(1));
    let busy = ReservationReply::Refused { reason: RefusalReason::Busy };
    assert_eq!(bench.give(&bench.reply(1, 1, busy)), ["trips requested"]);
    assert_eq!(bench.trips().get(trip(1)).unwrap().attempt, 2);
    assert_eq!(bench.give(&bench.reply(1, 1, busy)), ["skipped stale_attempt"]);
    assert_eq!(bench.give(&bench.reserved(1, 1)), ["driver-commands release too_late"]);
}

#[test]
fn a_driver_reserved_for_an_unknown_or_ended_trip_is_let_go() {
    let mut bench = Bench::new();
    assert_eq!(bench.give(&bench.reserved(9, 1)), ["driver-commands release too_late"]);
    bench.give(&bench.request(1));
    assert_eq!(
        bench.give(&bench.cancel(1)),
        ["trip-events trip_cancelled rider changed_mind", "trips cancelled"]
    );
    assert_eq!(bench.give(&bench.reserved(1, 1)), ["driver-commands release too_late"]);
    assert_eq!(bench.give(&bench.cancel(1)), ["skipped trip_ended"]);
    assert_eq!(bench.give(&bench.cancel(9)), ["skipped unknown_trip"]);
}

#[test]
fn surge_is_locked_at_the_request_from_fresh_figures_only() {
    let surge = SurgeMultiplier::try_from(140).unwrap();
    for (age_ms, expected) in [(0, surge), (600_000, surge), (600_001, SurgeMultiplier::NONE)] {
        let mut bench = Bench::new();
        let zone = Zone::of(PICKUP);
        let at = bench.at().plus_ms(-age_ms);
        let state = ZoneState { zone, at, supply: 1.0, demand: 3, speed_mps: None, surge };
        bench.handler.observe(&owned(&state.to_record(), START_MS).borrow()).unwrap();
        bench.give(&bench.request(1));
        assert_eq!(bench.trips().get(trip(1)).unwrap().surge, expected, "{age_ms} ms old");
        bench.handler.observe(&owned(&state.tombstone(), START_MS).borrow()).unwrap();
        bench.give(&bench.request(2));
        assert_eq!(bench.trips().get(trip(2)).unwrap().surge, SurgeMultiplier::NONE);
    }
}

#[test]
fn an_acceptance_from_before_a_crash_counts_although_it_is_read_late() {
    let mut bench = Bench::new();
    bench.give(&bench.request(1));
    let offer = bench.reserved(1, 1);
    let (_, effects) = bench.give_raw(&owned(&offer, bench.now_ms));
    let snapshot = owned(effects.iter().find(|effect| effect.topic.name == TRIPS).unwrap(), bench.now_ms);
    let accept = owned(&bench.act(1, 1, DriverStep::Accept), bench.now_ms);

    let mut restarted = Bench::new();
    restarted.handler.assigned(PARTITION);
    restarted.handler.observe(&snapshot.borrow()).unwrap();
    assert!(restarted.pass(40_000).is_empty(), "the offer is over, but its answer may wait unread");
    let (outcome, effects) = restarted.give_raw(&accept);
    assert_eq!(told(&outcome, &effects)[0], "trip-events trip_matched");
    assert!(restarted.pass(2_000).is_empty());
}

#[test]
fn a_clock_that_is_far_ahead_moves_no_deadline_far() {
    let mut bench = Bench::new();
    let far = START_MS + 365 * 24 * 3600 * 1000;
    let wish = Wish::Ride { pickup: PICKUP, dropoff: DROPOFF };
    let request = RideRequest { trip: trip(1), rider: RIDER, at: CityMs(far), wish }.to_record();
    assert_eq!(bench.give_raw(&owned(&request, far)).0, Ok(Outcome::Done));
    let kept = bench.trips().get(trip(1)).unwrap();
    assert!(kept.deadline <= RealMs(bench.now_ms + MAX_CLOCK_SKEW_MS + 180_000));
    assert!(kept.requested_at <= bench.at().plus_ms(MAX_AHEAD_MS));
}

#[test]
fn the_example_of_the_contract_is_a_snapshot_that_can_be_restored() {
    let mut bench = Bench::new();
    let example = events::trips::EXAMPLE;
    let key = &example[7..example.find("\",").unwrap()];
    let record = OwnedRecord::new(TRIPS, PARTITION, 0, key, example);
    bench.handler.observe(&record.borrow()).unwrap();
    let kept = bench.trips().get(key.parse().unwrap()).unwrap();
    assert_eq!(String::from_utf8(kept.to_record().payload.unwrap()).unwrap(), example);
}

#[test]
fn a_long_absence_is_made_up_for_in_bounded_steps() {
    let mut bench = Bench::new();
    for number in 0..2_500 {
        bench.give(&bench.request(number));
    }
    assert_eq!(bench.pass(400_000).len(), 2 * MAX_TIME_OUTS);
    assert_eq!(bench.pass(0).len(), 2 * 500);
    assert!(bench.pass(0).is_empty());
}

#[tokio::test]
async fn bad_records_become_dead_letters_and_the_partition_goes_on() {
    let bench = Bench::new();
    let good = owned(&bench.request(1), START_MS);
    let text = String::from_utf8(good.payload.clone().unwrap()).unwrap();
    let with = |payload: String| OwnedRecord { payload: Some(payload.into()), ..good.clone() };
    let bad = [
        (with("{".to_owned()), "malformed_json"),
        (with(text.replace("\"ride\"", "\"fly\"")), "wrong_shape"),
        (with(text.replace("37.774929", "NaN")), "malformed_json"),
        (with(text.replace("37.774929", "97.0")), "wrong_shape"),
        (with(text.replace("37.774929", "38.774929")), "wrong_zone"),
        (with(text.replace(&bench.now_ms.to_string(), "1")), "too_old"),
        (with(" ".repeat(2_000_000)), "payload_too_large"),
        (OwnedRecord { payload: None, ..good.clone() }, "null_payload"),
        (OwnedRecord { key: Some(b"x".to_vec()), ..good.clone() }, "key_mismatch"),
    ];
    let records = bad.iter().map(|(record, _)| record.clone()).chain([good.clone()]).collect();
    let source = FakeSource::new([Step::Assigned(vec![PARTITION]), Step::Records(records)]);
    let (sink, dead_letters, counters) = (FakeSink::default(), FakeSink::default(), Counters::default());
    let retry = Retry::default();
    let delivery = AtLeastOnce {
        sink: sink.clone(),
        dead_letters: dead_letters.clone(),
        retry,
        counters: counters.clone(),
    };
    let handler = TripsHandler::new(CityClock::REAL, Patience::default(), RealMs(START_MS));
    pipeline::run(handler, source, delivery, counters, || START_MS).await.unwrap();
    let codes: Vec<_> = dead_letters.items().iter().map(|rejected| rejected.reject.code).collect();
    assert_eq!(codes, bad.iter().map(|(_, code)| *code).collect::<Vec<_>>());
    let lines: Vec<_> = sink.items().iter().map(written).collect();
    assert_eq!(lines, ["trip-events trip_requested", "trips requested"]);
}

/// What a city does to three trips: which, in which attempt, and what.
fn any_record() -> impl Strategy<Value = Option<(u32, u32, u8)>> {
    prop_oneof![8 => (0u32..3, 1u32..3, 0u8..9).prop_map(Some), 2 => Just(None)]
}

proptest! {
    #[test]
    fn a_restored_table_is_the_live_one(moves in prop::collection::vec(any_record(), 0..80), pause_ms in 1_000i64..200_000) {
        let mut live = Bench::new();
        let mut restored = Bench::new();
        for a_move in moves {
            let effects = match a_move {
                None => live.pass(pause_ms),
                Some((number, attempt, what)) => {
                    let record = match what {
                        0 => live.request(number),
                        1 => live.cancel(number),
                        2 => live.reply(number, attempt, ReservationReply::Refused { reason: RefusalReason::Offline }),
                        3 => live.act(number, attempt, DriverStep::Accept),
                        4 => live.act(number, attempt, DriverStep::Arrive),
                        5 => live.act(number, attempt, DriverStep::PickUp),
                        6 => live.act(number, attempt, DriverStep::DropOff { odometer_m: 10 }),
                        7 => live.act(number, attempt, DriverStep::Decline),
                        _ => live.reserved(number, attempt),
                    };
                    live.give_raw(&owned(&record, live.now_ms)).1
                }
            };
            for snapshot in effects.iter().filter(|effect| effect.topic.name == TRIPS) {
                restored.handler.observe(&owned(snapshot, live.now_ms).borrow()).unwrap();
            }
        }
        prop_assert_eq!(live.trips(), restored.trips());
    }
}
