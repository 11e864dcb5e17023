//! A city that several processes play together: what all shares do is what one process would have done.

mod dispatcher;
mod town;

use std::collections::BTreeMap;

use dispatcher::Dispatcher;
use domain::tariff::SurgeMultiplier;
use domain::trip::TripFact;
use domain::{CityMs, DriverId, RiderId, TripId, Zone};
use events::Contract;
use events::ride_requests::{RideRequest, Wish};
use events::trip_events::TripEvent;
use kafka::RecordSum;
use loadgen::model::{City, Faults, Output, Settings, Share};
use town::{START, STREETS, clock, new_city, settings};
use uuid::Uuid;

const TICK_MS: i64 = 250;

fn cities(seed: u64, speed: f64, shares: u32, settings: &Settings) -> Vec<City> {
    let shares = (0..shares).map(|number| Share::new(number, shares).expect("one of them"));
    shares.map(|share| new_city(seed, speed, Settings { share, ..settings.clone() })).collect()
}

/// Reports by driver modulo four, as partitions would hold them.
fn sums(outputs: &[Output]) -> [RecordSum; 4] {
    let mut sums = [RecordSum::default(); 4];
    for output in outputs {
        if let Output::Report(report) = output {
            let partition = usize::try_from(report.driver.0 % 4).expect("less than four");
            sums[partition].add(&report.to_record().payload.expect("a report has one"));
        }
    }
    sums
}

fn at(output: &Output) -> Option<CityMs> {
    match output {
        Output::Report(report) => Some(report.at),
        Output::Shift(shift) => Some(shift.at),
        Output::Request(request) => Some(request.at),
        Output::Action(action) => Some(action.at),
        Output::Unroutable { .. } => None,
    }
}

/// In order of time, whichever share sent it.
fn in_order(mut outputs: Vec<Output>) -> Vec<Output> {
    outputs.sort_by_cached_key(|output| (at(output), format!("{output:?}")));
    outputs
}

/// What the shares of a city without riders report in half a minute, each looked at every so many ms, and until it has
/// closed: drivers take 300 ms to go home, and those in the middle report meanwhile.
fn quiet_reports(shares: u32, look_ms: i64) -> [RecordSum; 4] {
    let mut sent = Vec::new();
    for mut city in cities(5, 1.0, shares, &settings(6_003, 0.0, Faults::default())) {
        let (mut now, close_at) = (START, START.plus_ms(32_500));
        while now < close_at {
            now = now.plus_ms(look_ms).min(close_at);
            city.step(clock(1.0).city_at(now), &mut sent);
        }
        city.close(clock(1.0).city_at(close_at));
        while !city.finished() {
            assert!(now.since(close_at) < 1_000, "it takes too long to close");
            now = now.plus_ms(look_ms);
            city.step(clock(1.0).city_at(now), &mut sent);
        }
    }
    sums(&sent)
}

#[test]
fn the_reports_of_all_shares_together_are_the_reports_of_one_process() {
    let whole = quiet_reports(1, 20);
    assert!(whole.iter().all(|sum| sum.records > 500), "{whole:?}");
    for (shares, look_ms) in [(2, 20), (3, 333), (7, 50), (64, 20)] {
        assert_eq!(quiet_reports(shares, look_ms), whole, "{shares} shares");
    }
}

/// Shares of one city with one dispatcher, until all of them have closed.
struct Run {
    cities: Vec<City>,
    outputs: Vec<Output>,
}

fn run(seed: u64, shares: u32, settings: &Settings) -> Run {
    let speed = 4.0;
    let (clock, mut dispatcher) = (clock(speed), Dispatcher::new(clock(speed)));
    let mut cities = cities(seed, speed, shares, settings);
    let (mut outputs, mut now) = (Vec::new(), START);
    let (close_at, stop_at) = (START.plus_ms(240_000), START.plus_ms(500_000));
    while now < stop_at && !cities.iter().all(City::finished) {
        now = now.plus_ms(TICK_MS);
        let (city_now, events, mut sent) = (clock.city_at(now), dispatcher.tick(now), Vec::new());
        for city in &mut cities {
            if now >= close_at {
                city.close(city_now);
            }
            city.step(city_now, &mut sent);
            events.iter().for_each(|event| city.on_trip_event(event, city_now, &mut sent));
        }
        let sent = in_order(sent);
        sent.iter().for_each(|output| dispatcher.take(output, now));
        outputs.extend(sent);
    }
    Run { cities, outputs }
}

#[test]
fn rides_between_the_shares_go_as_they_would_in_one_process() {
    for seed in [3, 4] {
        let settings = settings(60, 20.0, Faults::default());
        let whole = run(seed, 1, &settings);
        let counters = whole.cities[0].counters();
        assert!(counters.completed > 30, "{counters:?}");
        for shares in [2, 3] {
            let parts = run(seed, shares, &settings);
            assert!(parts.cities.iter().all(City::finished), "{shares} shares");
            assert!(parts.cities.iter().all(|city| city.guests() == 0), "{shares} shares");
            let asked: u64 = parts.cities.iter().map(|city| city.counters().requests).sum();
            let completed: u64 = parts.cities.iter().map(|city| city.counters().completed).sum();
            let offers: u64 = parts.cities.iter().map(|city| city.counters().offers).sum();
            let counted = (asked, completed, offers);
            assert_eq!(counted, (counters.requests, counters.completed, counters.offers), "{shares} shares");
            assert_eq!(sums(&parts.outputs), sums(&whole.outputs), "{shares} shares");
            assert!(parts.outputs == whole.outputs, "{shares} shares");
            assert!(drive_each_other(&parts.outputs, shares), "nobody drove a rider of another share");
        }
    }
}

/// Whether a driver of one share acted on a trip of a rider of another.
fn drive_each_other(outputs: &[Output], shares: u32) -> bool {
    let requests = outputs.iter().filter_map(|output| match output {
        Output::Request(request) => Some((request.trip, request.rider)),
        _ => None,
    });
    let riders: BTreeMap<TripId, RiderId> = requests.collect();
    let share_of = |id: u64| (id - 1) % u64::from(shares);
    outputs.iter().any(|output| match output {
        Output::Action(action) => share_of(action.driver.0) != share_of(riders[&action.trip].0),
        _ => false,
    })
}

fn event(trip: TripId, rider: RiderId, now: CityMs, fact: TripFact) -> TripEvent {
    TripEvent { trip, rider, at: now, fact }
}

fn requested() -> TripFact {
    let pickup = STREETS.0.nodes().next().map(|node| STREETS.0.position(node)).expect("a junction");
    TripFact::TripRequested { pickup, dropoff: pickup, surge: SurgeMultiplier::NONE }
}

/// The trips for which something is said in the minutes after closing.
fn told(city: &mut City, now: CityMs) -> Vec<TripId> {
    let mut said = Vec::new();
    city.close(now);
    city.step(now.plus_ms(120_000), &mut said);
    let told = said.iter().filter_map(|output| match output {
        Output::Request(RideRequest { trip, wish: Wish::Cancel { .. }, .. }) => Some(*trip),
        Output::Action(action) => Some(action.trip),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_guest_is_told_by_the_first_share_and_awaited_by_all() {
    let trip =
        TripId { zone: Zone::of(STREETS.0.position(STREETS.0.nodes().next().unwrap())), uuid: Uuid::max() };
    let (rider, now) = (RiderId(900_000), CityMs(START.0 + 10_000));
    let mut shares = cities(4, 1.0, 2, &settings(4, 0.0, Faults::NONE));
    for (number, city) in shares.iter_mut().enumerate() {
        city.on_trip_event(&event(trip, rider, now, requested()), now, &mut Vec::new());
        let guests = usize::from(number == 0);
        assert_eq!((city.open_trips(), city.guests(), city.awaited()), (0, guests, 1), "share {number}");
        assert_eq!(told(city, now), vec![trip; guests], "share {number}");
        assert!(!city.finished(), "share {number}");
        let end = TripFact::TripUnfulfilled { reason: "no_driver".to_owned() };
        city.on_trip_event(&event(trip, rider, now, end), now, &mut Vec::new());
        assert!(city.finished(), "share {number}");
    }
}

/// The first ride that a share asks for.
fn first_ride(city: &mut City, now: CityMs) -> RideRequest {
    let mut outputs = Vec::new();
    city.step(now, &mut outputs);
    let mut requests = outputs.into_iter().filter_map(|output| match output {
        Output::Request(request) => Some(request),
        _ => None,
    });
    requests.next().expect("two riders a second ask")
}

#[test]
fn a_siblings_rider_is_no_guest_even_of_a_share_that_closed_a_little_earlier() {
    let now = CityMs(START.0 + 20_000);
    for closes_first in [false, true] {
        let mut shares = cities(8, 1.0, 2, &settings(4, 120.0, Faults::NONE));
        let [first, second] = &mut shares[..] else { panic!("two shares") };
        let RideRequest { trip, rider, at, .. } = first_ride(second, now);
        if closes_first {
            first.close(at.plus_ms(-1));
        }
        let mut said = Vec::new();
        first.on_trip_event(&event(trip, rider, now, requested()), now, &mut said);
        assert_eq!(first.guests(), 0);
        // Its driver is one of ours, who is asked as by anybody.
        let offer = TripFact::OfferMade {
            driver: DriverId(1),
            attempt: 1,
            pickup: STREETS.0.position(STREETS.0.nodes().next().unwrap()),
            dropoff: STREETS.0.position(STREETS.0.nodes().nth(9).unwrap()),
            expires_at: START.plus_ms(35_000),
        };
        first.on_trip_event(&event(trip, rider, now, offer), now, &mut said);
        assert!(!first.finished() && first.awaited() > 0);
        let spoke_for_it =
            |output: &Output| matches!(output, Output::Request(request) if request.trip == trip);
        first.step(now.plus_ms(2_000), &mut said);
        assert!(!said.iter().any(spoke_for_it), "{said:?}");
        assert!(!told(first, now.plus_ms(2_000)).contains(&trip) || !closes_first);
    }
}

#[test]
fn a_ride_that_a_sibling_never_asked_for_is_not_awaited_for_ever() {
    let mut shares = cities(8, 1.0, 2, &settings(4, 120.0, Faults::NONE));
    let now = CityMs(START.0 + 20_000);
    let mut out = Vec::new();
    shares[0].step(now, &mut out);
    let siblings = |city: &City| city.awaited() - city.open_trips();
    assert!(siblings(&shares[0]) > 5);
    shares[0].close(now);
    shares[0].step(now.plus_ms(10_000), &mut out);
    assert_eq!(siblings(&shares[0]), 0);
}
