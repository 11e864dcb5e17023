//! The simulated city against a cooperative dispatcher: it repeats itself, stays on the streets and closes its books.

mod dispatcher;
mod town;

use std::collections::BTreeMap;

use dispatcher::{Dispatcher, State};
use domain::trip::DriverStep;
use domain::{CityMs, DriverId, LatLng};
use events::Contract;
use events::driver_actions::DriverAction;
use events::driver_locations::LocationReport;
use events::driver_shifts::ShiftChange;
use events::ride_requests::{RideRequest, Wish};
use kafka::RecordSum;
use loadgen::model::{CancelShares, Census, City, Demand, Faults, Output, Settings};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use roads::{RecordedTrip, RoadNetwork, TripsFile};
use town::{START, STREETS, clock, new_city, settings};

const TICK_MS: i64 = 250;

struct Run {
    city: City,
    dispatcher: Dispatcher,
    outputs: Vec<Output>,
    closed_at: CityMs,
}

/// Runs a city for some minutes of real time, closes it and waits at most five more for its last trip.
fn run(seed: u64, speed: f64, minutes: i64, settings: Settings) -> Run {
    let mut city = new_city(seed, speed, settings);
    let clock = clock(speed);
    let mut dispatcher = Dispatcher::new(clock);
    let mut outputs = Vec::new();
    let mut taken = 0;
    let (close_at, stop_at) = (START.plus_ms(minutes * 60_000), START.plus_ms((minutes + 5) * 60_000));
    let mut now = START;
    while now < stop_at && !city.finished() {
        now = now.plus_ms(TICK_MS);
        if now >= close_at {
            city.close(clock.city_at(now));
        }
        city.step(clock.city_at(now), &mut outputs);
        for event in dispatcher.tick(now) {
            // Kafka may deliver a record again; every other seed does so with all of them.
            for _ in 0..=seed % 2 {
                city.on_trip_event(&event, clock.city_at(now), &mut outputs);
            }
        }
        outputs[taken..].iter().for_each(|output| dispatcher.take(output, now));
        taken = outputs.len();
    }
    Run { city, dispatcher, outputs, closed_at: clock.city_at(close_at) }
}

fn reports(outputs: &[Output]) -> impl Iterator<Item = &LocationReport> {
    outputs.iter().filter_map(|output| if let Output::Report(report) = output { Some(report) } else { None })
}

fn requests(outputs: &[Output]) -> Vec<&RideRequest> {
    outputs
        .iter()
        .filter_map(|output| if let Output::Request(request) = output { Some(request) } else { None })
        .collect()
}

fn off_network_m(network: &RoadNetwork, position: LatLng) -> f64 {
    let mut nearest_m = f64::INFINITY;
    for edge in network.nodes().flat_map(|node| network.edges_from(node)) {
        let (start, end) = (network.position(edge.from), network.position(edge.to));
        let (length_m, to_start_m) = (start.distance_m(end), start.distance_m(position));
        let angle = (start.bearing_deg(position) - start.bearing_deg(end)).to_radians();
        let share = (to_start_m * angle.cos() / length_m).clamp(0.0, 1.0);
        nearest_m = nearest_m.min(position.distance_m(start.towards(end, share)));
    }
    nearest_m
}

fn check_books(run: &Run, drivers: u32) {
    let counters = run.city.counters();
    assert_eq!(run.city.open_trips(), 0, "{counters:?}");
    assert!(run.dispatcher.trips.values().all(|trip| trip.state == State::Ended));
    assert_eq!(
        counters.requests,
        counters.completed + counters.cancelled() + counters.unfulfilled,
        "{counters:?}"
    );
    assert_eq!(counters.reports, reports(&run.outputs).count() as u64);
    assert!(
        counters.matched <= counters.accepts_sent && counters.accepts_sent <= counters.offers,
        "{counters:?}"
    );
    // A change that was not counted would be missing here, too.
    assert_eq!(run.city.census(), Census { offline: u64::from(drivers), ..Census::default() });
}

fn check_movement(run: &Run) {
    let mut last: BTreeMap<DriverId, &LocationReport> = BTreeMap::new();
    for report in reports(&run.outputs) {
        if let Some(before) = last.insert(report.driver, report) {
            let gap_ms = report.at.since(before.at);
            let moved_m = before.position().distance_m(report.position());
            // Nobody is faster than 16.7 m/s on the ring at the emptiest hour with the hastiest temper.
            assert!(
                gap_ms != 5_000 || moved_m <= 16.7 / 0.87 * 1.1 * 5.0 + 1.0,
                "{moved_m} m: {before:?} {report:?}"
            );
            let same_ride = before.trip == report.trip && before.odometer_m.is_some();
            assert!(!same_ride || report.odometer_m >= before.odometer_m, "{before:?} {report:?}");
        }
    }
    for report in reports(&run.outputs).step_by(997) {
        assert!(off_network_m(&STREETS.0, report.position()) < 1.0, "{report:?}");
    }
}

fn share() -> impl Strategy<Value = f64> {
    prop_oneof![3 => Just(0.0), 1 => 0.0..0.4f64]
}

fn faults() -> impl Strategy<Value = Faults> {
    let cancels = (0.0..0.2, 0.0..0.2, 0.0..0.2, 0.0..0.2, 0.0..0.2);
    let cancels = cancels.prop_map(|(requested, offered, matched, arrived, started)| CancelShares {
        requested,
        offered,
        matched,
        arrived,
        started,
    });
    (share(), share(), share(), share(), share(), cancels).prop_map(
        |(
            silent_drivers,
            ignored_offers,
            declined_offers,
            driver_cancels,
            vanishing_drivers,
            rider_cancels,
        )| Faults {
            silent_drivers,
            ignored_offers,
            declined_offers,
            driver_cancels,
            vanishing_drivers,
            rider_cancels,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::with_cases(24)
    })]
    #[test]
    fn every_trip_ends_and_every_driver_goes_home_whatever_goes_wrong(
        seed in 0u64..1_000_000,
        speed in prop_oneof![Just(1.0), Just(8.0), Just(60.0)],
        faults in faults(),
    ) {
        let run = run(seed, speed, 8, settings(40, 12.0, faults));
        check_books(&run, 40);
        check_movement(&run);
    }
}

#[test]
fn without_faults_every_trip_is_driven_to_its_drop_off() {
    let run = run(3, 1.0, 20, settings(60, 10.0, Faults::NONE));
    check_books(&run, 60);
    check_movement(&run);
    let counters = run.city.counters();
    assert!(counters.completed > 120, "{counters:?}");
    assert_eq!((counters.declines_sent, counters.driver_cancels_sent, counters.vanished), (0, 0, 0));
    let mut driven = 0;
    for output in &run.outputs {
        let Output::Action(DriverAction { trip, at, step: DriverStep::DropOff { odometer_m }, .. }) = output
        else {
            continue;
        };
        let trip = &run.dispatcher.trips[trip];
        let shortest_m = STREETS.0.route_between(trip.pickup, trip.dropoff).unwrap().length_m();
        if *at < run.closed_at {
            assert!((f64::from(*odometer_m) - shortest_m).abs() <= 1.0, "{odometer_m} {shortest_m}");
            driven += 1;
        }
    }
    assert!(driven > 100, "{driven}");
}

#[test]
fn equal_seeds_give_equal_cities_and_others_do_not() {
    let outputs = |seed| run(seed, 4.0, 6, settings(30, 20.0, Faults::default())).outputs;
    assert!(outputs(5) == outputs(5));
    assert!(outputs(5) != outputs(6));
}

/// Reports of a city without riders until a moment, by driver modulo four, looked at every so many ms.
fn report_sums(seed: u64, look_ms: i64) -> [RecordSum; 4] {
    let mut city = new_city(seed, 1.0, settings(200, 0.0, Faults::default()));
    let (mut outputs, mut now, close_at) = (Vec::new(), START, START.plus_ms(120_000));
    while now < close_at {
        now = now.plus_ms(look_ms).min(close_at);
        city.step(clock(1.0).city_at(now), &mut outputs);
    }
    city.close(clock(1.0).city_at(close_at));
    city.step(clock(1.0).city_at(close_at.plus_ms(look_ms)), &mut outputs);
    let mut sums = [RecordSum::default(); 4];
    for report in reports(&outputs) {
        let partition = usize::try_from(report.driver.0 % 4).expect("less than four");
        sums[partition].add(&report.to_record().payload.expect("a report has one"));
    }
    sums
}

#[test]
fn the_same_seed_reports_the_same_however_often_the_clock_is_looked_at() {
    let sums = report_sums(5, 20);
    assert!(sums.iter().all(|sum| sum.records > 500), "{sums:?}");
    assert_eq!(report_sums(5, 333), sums);
    assert_ne!(report_sums(6, 20), sums);
}

#[test]
fn who_asks_for_what_depends_on_the_seed_alone() {
    let wishes = |drivers, tick_ms| {
        let mut city = new_city(8, 1.0, settings(drivers, 200.0, Faults::NONE));
        let mut outputs = Vec::new();
        let mut now = CityMs(START.0);
        while now.since(CityMs(START.0)) < 60_000 {
            now = now.plus_ms(tick_ms);
            city.step(now, &mut outputs);
        }
        let rides: Vec<RideRequest> = requests(&outputs).into_iter().cloned().collect();
        rides
    };
    let few = wishes(5, 1_000);
    assert!((140..260).contains(&few.len()), "{} requests in a minute", few.len());
    assert_eq!(few, wishes(50, 10));
    for request in &few {
        let Wish::Ride { pickup, dropoff } = request.wish else {
            panic!("nobody cancels in the first minute")
        };
        assert!(pickup.distance_m(dropoff) >= 599.0);
        assert_eq!(request.trip.zone, domain::Zone::of(pickup));
    }
}

#[test]
fn requests_come_by_real_time_and_reports_by_city_time() {
    let run = run(2, 60.0, 5, settings(20, 30.0, Faults::default()));
    let asked = run.city.counters().requests;
    assert!((110..190).contains(&asked), "{asked}");
    let first = reports(&run.outputs).next().unwrap();
    let next = reports(&run.outputs).filter(|report| report.driver == first.driver).nth(1).unwrap();
    assert_eq!(next.at.since(first.at), 5_000);
}

#[test]
fn drivers_who_never_answer_leave_every_request_unfulfilled_or_taken_back() {
    let faults = Faults { silent_drivers: 1.0, ..Faults::NONE };
    let run = run(4, 1.0, 6, settings(20, 6.0, faults));
    check_books(&run, 20);
    let counters = run.city.counters();
    assert_eq!((counters.accepts_sent, counters.completed), (0, 0));
    assert!(counters.unfulfilled + counters.cancelled_by_rider > 20, "{counters:?}");
}

#[test]
fn riders_who_cancel_do_so_in_the_state_they_were_told_to() {
    let one = 1.0;
    for (shares, expect_matched) in [
        (CancelShares { requested: one, ..CancelShares::default() }, false),
        (CancelShares { offered: one, ..CancelShares::default() }, false),
        (CancelShares { matched: one, ..CancelShares::default() }, true),
        (CancelShares { arrived: one, ..CancelShares::default() }, true),
    ] {
        let run = run(4, 1.0, 6, settings(40, 10.0, Faults { rider_cancels: shares, ..Faults::NONE }));
        check_books(&run, 40);
        let counters = run.city.counters();
        assert!(counters.cancelled_by_rider * 10 >= counters.requests * 7, "{shares:?} {counters:?}");
        assert!((counters.matched * 2 > counters.requests) == expect_matched, "{shares:?} {counters:?}");
    }
}

#[test]
fn vanished_drivers_are_silent_until_their_trip_is_ended_and_then_come_back() {
    let faults = Faults { vanishing_drivers: 1.0, ..Faults::NONE };
    let run = run(4, 20.0, 15, settings(30, 5.0, faults));
    check_books(&run, 30);
    let counters = run.city.counters();
    // Whoever was on board when the city closed is let out before the driver could vanish.
    assert!(counters.vanished > 20 && counters.completed < 5, "{counters:?}");
    assert_eq!(counters.vanished + counters.completed, counters.matched, "{counters:?}");
    assert!(counters.cancelled_by_system > 20, "{counters:?}");
}

#[test]
fn recorded_trips_are_requested_at_their_time_or_said_to_be_unroutable() {
    let (network, _) = &*STREETS;
    let middle = network.bounding_box().centre();
    let trip = |line: u64, after_s: i64, pickup: LatLng, dropoff: LatLng| RecordedTrip {
        line,
        pickup_at: CityMs(START.0 + after_s * 1_000),
        pickup,
        dropoff,
    };
    let (near, far) = (middle.offset_m(-800.0, 300.0), middle.offset_m(9_000.0, 0.0));
    let trips = vec![
        trip(9, -5, middle, near),
        trip(2, 30, middle, near),
        trip(3, 30, middle, far),
        trip(4, 60, near, near.offset_m(1.0, 1.0)),
        trip(5, 90, near, middle.offset_m(1_000_000.0, 0.0)),
        trip(6, 120, near, middle),
    ];
    let file = TripsFile { path: "trips.csv".into(), trips, broken: roads::BrokenRows::default(), before: 0 };
    let settings =
        Settings { drivers: 10, demand: Demand::Recorded(file), faults: Faults::NONE, ..Settings::default() };
    let run = run(1, 1.0, 12, settings);
    check_books(&run, 10);
    let asked: Vec<i64> =
        requests(&run.outputs).iter().map(|request| request.at.since(CityMs(START.0))).collect();
    assert_eq!(asked, [30_000, 120_000]);
    let lines: Vec<u64> = run
        .outputs
        .iter()
        .filter_map(|output| if let Output::Unroutable { line, .. } = output { Some(*line) } else { None })
        .collect();
    assert_eq!(
        (lines, run.city.counters().unroutable, run.city.requests_left()),
        (vec![3, 4, 5], 3, Some(0))
    );
    assert_eq!(run.city.counters().completed, 2);
}

#[test]
fn free_drivers_go_home_one_after_the_other_when_the_city_closes() {
    let mut city = new_city(3, 1.0, settings(10_000, 0.0, Faults::NONE));
    let (mut outputs, closes) = (Vec::new(), CityMs(START.0 + 10_000));
    city.step(closes, &mut outputs);
    city.close(closes);
    // All of them take half a second.
    for (after_ms, idle) in [(0, 9_900..=9_999), (250, 4_900..=5_000), (490, 100..=250), (500, 0..=0)] {
        city.step(closes.plus_ms(after_ms), &mut outputs);
        let now_idle = city.census().idle;
        assert!(idle.contains(&now_idle), "{now_idle} after {after_ms} ms");
        assert_eq!(city.finished(), after_ms == 500);
    }
    let goes = |output: &&Output| matches!(output, Output::Shift(shift) if shift.change == ShiftChange::End);
    assert_eq!(outputs.iter().filter(goes).count(), 10_000);
}
