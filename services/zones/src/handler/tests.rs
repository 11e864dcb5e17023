//! Whole scenarios: reports and requests in, observations looped back, zones out.

use super::*;
use domain::{LatLng, TripId, Zone};
use events::zones::ZoneState;
use pipeline::fakes::OwnedRecord;

const HERE: LatLng = LatLng { lat: 46.0, lon: 0.5 };
const PARTITIONS: i32 = 3;
/// Real and city time of the tests begin here; a multiple of the interval.
const START: i64 = 1_000_000_000_000;

struct City {
    handler: ZonesHandler,
    offset: i64,
    published: Vec<ZoneState>,
    tombstones: usize,
}

impl City {
    fn new() -> Self {
        let mut handler = ZonesHandler::new(CityClock::REAL, 5_000);
        (0..PARTITIONS).for_each(|partition| handler.assigned(partition));
        Self { handler, offset: 0, published: Vec::new(), tombstones: 0 }
    }

    fn record(&mut self, topic: &str, partition: i32, now: i64, key: &str, payload: &str) -> OwnedRecord {
        self.offset += 1;
        let record = OwnedRecord::new(topic, partition, self.offset, key, payload);
        OwnedRecord { timestamp_ms: now, ..record }
    }

    fn give(
        &mut self,
        topic: &str,
        partition: i32,
        now: i64,
        key: &str,
        payload: &str,
    ) -> Result<Outcome, Reject> {
        let record = self.record(topic, partition, now, key, payload);
        let mut effects = Vec::new();
        let outcome = self.handler.handle(&record.borrow(), &mut effects);
        assert!(effects.is_empty(), "effects come with time only");
        outcome
    }

    fn driver_is(&mut self, driver: u64, status: &str) {
        let payload = format!(r#"{{"id":{driver},"status":"{status}","since":0}}"#);
        let record = self.record("drivers", partition_of(driver), 0, &driver.to_string(), &payload);
        self.handler.observe(&record.borrow()).unwrap();
    }

    fn report(&mut self, driver: u64, at: i64, speed: f32) -> Outcome {
        let payload = format!(
            r#"{{"driver":{driver},"at":{at},"lat":{},"lon":{},"heading":0,"speed":{speed}}}"#,
            HERE.lat, HERE.lon
        );
        self.give("driver-locations", partition_of(driver), at, &driver.to_string(), &payload).unwrap()
    }

    fn request(&mut self, n: u32, at: i64) -> Outcome {
        let (trip, zone) = (trip(n), Zone::of(HERE));
        let payload = format!(
            r#"{{"trip":"{trip}","rider":1,"at":{at},"wish":"ride","pickup":{{"lat":46.0,"lon":0.5}},"dropoff":{{"lat":46.01,"lon":0.5}}}}"#
        );
        self.give("ride-requests", zone.partition(PARTITIONS), at, &trip.to_string(), &payload).unwrap()
    }

    /// Lets time pass, and gives back what the service writes as a broker would.
    fn tick(&mut self, now: i64) {
        let mut effects = Vec::new();
        self.handler.tick(now, &mut effects);
        for effect in effects {
            let events::Placement::Zone(zone) = effect.placement else { panic!("all of it lies by zone") };
            self.offset += 1;
            let record = OwnedRecord {
                topic: effect.topic.name.to_owned(),
                partition: zone.partition(PARTITIONS),
                offset: self.offset,
                timestamp_ms: now,
                key: Some(effect.key),
                payload: effect.payload,
                traceparent: None,
            };
            if record.topic == "zone-observations" {
                self.handler.handle(&record.borrow(), &mut Vec::new()).unwrap();
                continue;
            }
            self.handler.observe(&record.borrow()).unwrap();
            match &record.payload {
                Some(_) => {
                    let state = events::decode(record.key.as_deref(), record.payload.as_deref(), None);
                    self.published.push(state.unwrap());
                }
                None => self.tombstones += 1,
            }
        }
    }

    /// Drivers 1 to `idle` report every five seconds, standing; driver 99 drives through.
    fn live(&mut self, idle: u64, from_s: i64, until_s: i64) {
        for second in from_s..until_s {
            let now = START + second * 1000;
            if second % 5 == 0 {
                (1..=idle).for_each(|driver| assert_eq!(self.report(driver, now, 0.0), Outcome::Done));
                self.report(99, now, 9.0);
            }
            self.tick(now);
        }
    }

    fn last(&self) -> &ZoneState {
        self.published.last().expect("something was published")
    }
}

fn partition_of(driver: u64) -> i32 {
    i32::try_from(driver % 3).unwrap()
}

fn trip(n: u32) -> TripId {
    format!("{}.00000000-0000-7000-8000-{n:012}", Zone::of(HERE)).parse().unwrap()
}

#[test]
fn idle_drivers_of_all_partitions_requests_and_speeds_become_one_state() {
    let mut city = City::new();
    (1..=4).for_each(|driver| city.driver_is(driver, "idle"));
    city.driver_is(99, "on_trip");
    city.live(4, 0, 60);
    (0..2).for_each(|n| assert_eq!(city.request(n, START + 60_000), Outcome::Done));
    assert_eq!(city.request(1, START + 61_000), Outcome::Done, "the same trip again");
    city.live(4, 60, 90);
    let state = city.last();
    assert_eq!((state.supply, state.demand, state.speed_mps), (4.0, 2, Some(9.0)));
    assert_eq!(state.surge.hundredths(), 100);
}

#[test]
fn surge_rises_step_by_step_when_demand_outgrows_supply_and_falls_when_it_is_over() {
    let mut city = City::new();
    (1..=2).for_each(|driver| city.driver_is(driver, "idle"));
    city.live(2, 0, 60);
    (0..8).for_each(|n| assert_eq!(city.request(n, START + 59_000), Outcome::Done));
    city.live(2, 60, 120);
    assert_eq!(city.last().surge.hundredths(), 250, "four requests a driver");
    city.live(2, 120, 600);
    assert_eq!(city.last().surge.hundredths(), 100);
    let surges: Vec<u16> = city.published.iter().map(|state| state.surge.hundredths()).collect();
    assert!(surges.windows(2).all(|pair| pair[0].abs_diff(pair[1]) <= 30), "{surges:?}");
}

#[test]
fn nothing_is_published_before_an_interval_is_complete() {
    let mut city = City::new();
    (0..9).for_each(|n| assert_eq!(city.request(n, START), Outcome::Done));
    city.live(3, 0, 25);
    assert!(city.published.is_empty(), "without one complete interval every zone would look empty");
}

#[test]
fn a_steady_zone_is_published_every_half_minute_only() {
    let mut city = City::new();
    (1..=2).for_each(|driver| city.driver_is(driver, "idle"));
    city.live(2, 0, 120);
    let before = city.published.len();
    city.live(2, 120, 420);
    assert_eq!(city.published.len() - before, 10);
}

#[test]
fn a_quiet_zone_is_published_with_zeros_once_and_then_removed() {
    let mut city = City::new();
    (1..=2).for_each(|driver| city.driver_is(driver, "idle"));
    city.live(2, 0, 60);
    for second in 60..720 {
        city.tick(START + second * 1000);
    }
    let state = city.last();
    assert_eq!((state.supply, state.demand, state.speed_mps), (0.0, 0, None));
    assert_eq!((state.surge.hundredths(), city.tombstones), (100, 1));
    assert_eq!(city.published.iter().filter(|s| s.at == state.at).count(), 1);
}

#[test]
fn after_a_restart_surge_is_held_until_the_windows_are_full_again() {
    let mut city = City::new();
    let zone = Zone::of(HERE);
    let payload = format!(r#"{{"zone":"{zone}","at":{START},"supply":1.0,"demand":9,"surge":200}}"#);
    let record = city.record("zones", zone.partition(PARTITIONS), START, &zone.to_string(), &payload);
    city.handler.observe(&record.borrow()).unwrap();
    (1..=2).for_each(|driver| city.driver_is(driver, "idle"));
    city.live(2, 0, 300);
    assert!(city.published.iter().all(|state| state.surge.hundredths() == 200), "{:?}", city.published);
    city.live(2, 300, 360);
    assert_eq!(city.last().surge.hundredths(), 100);
}

#[test]
fn repeated_observations_and_revoked_partitions_count_nothing_twice() {
    let mut city = City::new();
    (1..=2).for_each(|driver| city.driver_is(driver, "idle"));
    city.live(2, 0, 60);
    // The stage-one half of every partition starts anew and sees the last reports again.
    for partition in 0..PARTITIONS {
        let fresh = Partition::new(&city.handler.pace);
        let old = city.handler.partitions.insert(partition, fresh).unwrap();
        city.handler.partitions.get_mut(&partition).unwrap().book = old.book;
    }
    (1..=2).for_each(|driver| city.driver_is(driver, "idle"));
    city.live(2, 30, 90);
    assert!((city.last().supply - 2.0).abs() < 0.01, "{:?}", city.last());
}

#[test]
fn what_can_not_be_used_is_rejected_or_skipped_with_its_reason() {
    let zone = Zone::of(HERE);
    let observation = |interval: i64| {
        format!(
            r#"{{"zone":"{zone}","interval":{interval},"source":0,"idle":1,"speed_sum_mps":0.0,"moving":0}}"#
        )
    };
    let (trip, zone) = (trip(1).to_string(), zone.to_string());
    let cancel =
        format!(r#"{{"trip":"{trip}","rider":1,"at":{START},"wish":"cancel","reason":"changed_mind"}}"#);
    let old_ride = format!(
        r#"{{"trip":"{trip}","rider":1,"at":{},"wish":"ride","pickup":{{"lat":46.0,"lon":0.5}},"dropoff":{{"lat":46.0,"lon":0.5}}}}"#,
        START - 300_001
    );
    for (topic, key, payload, expected) in [
        ("driver-locations", "1", "{", Err("malformed_json")),
        (
            "driver-locations",
            "2",
            r#"{"driver":1,"at":1,"lat":0,"lon":0,"heading":0,"speed":0}"#,
            Err("key_mismatch"),
        ),
        ("drivers", "1", "[]", Err("wrong_shape")),
        ("fares", "1", "{}", Err("unknown_topic")),
        ("ride-requests", &trip, &cancel, Ok(Outcome::Done)),
        ("ride-requests", &trip, &old_ride, Ok(Outcome::Skipped("late"))),
        ("zone-observations", &zone, &observation(START), Ok(Outcome::Done)),
        ("zone-observations", &zone, &observation(START + 1), Ok(Outcome::Skipped("other_intervals"))),
        ("zone-observations", &zone, &observation(START + 20_000), Ok(Outcome::Skipped("ahead_of_time"))),
        ("zone-observations", &zone, &observation(START - 1_000_000), Ok(Outcome::Skipped("late"))),
    ] {
        let mut city = City::new();
        city.give("zone-observations", 0, START, &zone, &observation(START - 10_000)).unwrap();
        let outcome = city.give(topic, 0, START, key, payload);
        assert_eq!(outcome.map_err(|reject| reject.code), expected, "{topic} {payload}");
    }
}
