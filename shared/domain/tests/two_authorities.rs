//! The saga between trips and drivers: whatever the order of deliveries, no driver is held twice and all ends well.

use std::collections::VecDeque;

use domain::driver::{self, Assignment, Driver, DriverCommand, DriverStatus};
use domain::tariff::SurgeMultiplier;
use domain::trip::{self, DriverStep, Next, Now, Patience, Request, Trip};
use domain::{CityClock, CityMs, DriverId, LatLng, RealMs, RiderId, TripId, Zone};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

const PICKUP: LatLng = LatLng { lat: 37.774_929, lon: -122.419_416 };
const TRIPS: usize = 3;
const DRIVERS: usize = 3;

/// One thing that happens in the city or on the way between the authorities.
#[derive(Clone, Debug)]
enum Move {
    /// The next record of a driver's key is handled.
    DeliverToDriver(usize),
    /// The next record of a trip's key is handled.
    DeliverToTrip(usize),
    /// `matching` asks for a driver, maybe with an old view of the trip, maybe twice.
    Match { trip: usize, driver: usize, behind: u32, times: usize },
    /// A driver does something about the trip it is at, or (`astray`) about another attempt.
    Act { trip: usize, driver: usize, step: DriverStep, astray: bool },
    /// A rider cancels.
    Cancel(usize),
    /// A shift begins or ends.
    Shift { driver: usize, starts: bool },
    /// Time passes and the trips' timers fire.
    Pass(i64),
}

/// Both authorities, and the records on their way: a queue for each key, its order kept.
struct City {
    now: Now,
    trips: Vec<Option<Trip>>,
    ids: Vec<TripId>,
    ends: Vec<u32>,
    drivers: Vec<Driver>,
    to_trips: Vec<VecDeque<trip::Input>>,
    to_drivers: Vec<VecDeque<driver::Input>>,
}

impl City {
    fn new() -> Self {
        let now = Now { real: RealMs(0), clock: CityClock::REAL };
        let ids: Vec<TripId> = (0..TRIPS)
            .map(|n| {
                format!("{}.0192f0c1-2345-7abc-8def-{n:012}", Zone::of(PICKUP)).parse().expect("a trip id")
            })
            .collect();
        let trips = ids.iter().map(|id| {
            let request =
                Request { id: *id, rider: RiderId(1), pickup: PICKUP, dropoff: PICKUP, at: CityMs(0) };
            match Trip::request(request, SurgeMultiplier::NONE, now, &Patience::default()).next {
                Next::Become(trip) => Some(trip),
                Next::Same | Next::Forget => None,
            }
        });
        Self {
            now,
            trips: trips.collect(),
            ids,
            ends: vec![0; TRIPS],
            drivers: (0..DRIVERS).map(|n| Driver::unknown(DriverId(n as u64))).collect(),
            to_trips: vec![VecDeque::new(); TRIPS],
            to_drivers: vec![VecDeque::new(); DRIVERS],
        }
    }

    fn take(&mut self, a_move: Move) {
        match a_move {
            Move::DeliverToDriver(driver) => self.deliver_to_driver(driver),
            Move::DeliverToTrip(trip) => self.deliver_to_trip(trip),
            Move::Match { trip, driver, behind, times } => {
                let Some(view) = &self.trips[trip] else { return };
                let assignment = Assignment {
                    trip: view.id,
                    attempt: view.attempt.saturating_sub(behind).max(1),
                    pickup: PICKUP,
                    dropoff: PICKUP,
                    surge: view.surge,
                    started_at: None,
                };
                for _ in 0..times {
                    self.to_drivers[driver]
                        .push_back(driver::Input::Command(DriverCommand::Reserve(assignment)));
                }
            }
            Move::Act { trip, driver, step, astray } => {
                let attempt = self.trips[trip].as_ref().map_or(1, |trip| trip.attempt) + u32::from(astray);
                let driver = DriverId(driver as u64);
                let input = trip::Input::DriverActs { driver, attempt, step, at: self.now.city() };
                self.to_trips[trip].push_back(input);
            }
            Move::Cancel(trip) => {
                let (rider, reason, at) = (RiderId(1), "changed_mind", self.now.city());
                self.to_trips[trip].push_back(trip::Input::RiderCancels { rider, reason, at });
            }
            Move::Shift { driver, starts } => {
                let input = if starts { driver::Input::ShiftStarts } else { driver::Input::ShiftEnds };
                self.to_drivers[driver].push_back(input);
            }
            Move::Pass(ms) => self.pass(ms),
        }
    }

    fn deliver_to_driver(&mut self, number: usize) {
        let Some(input) = self.to_drivers[number].pop_front() else { return };
        let Ok(decision) = self.drivers[number].on(&input, self.now.city()) else { return };
        if let Some(next) = decision.next {
            self.drivers[number] = next;
        }
        if let Some(answer) = decision.answer {
            let trip = self.ids.iter().position(|id| *id == answer.trip).expect("one of the trips");
            let driver = DriverId(number as u64);
            let (attempt, reply, at) = (answer.attempt, answer.reply, self.now.city());
            self.to_trips[trip].push_back(trip::Input::Reply { driver, attempt, reply, at });
        }
    }

    fn deliver_to_trip(&mut self, number: usize) {
        let Some(input) = self.to_trips[number].pop_front() else { return };
        match &self.trips[number] {
            Some(trip) => {
                if let Ok(decision) = trip.on(input, self.now, &Patience::default()) {
                    self.carry_out(number, decision);
                }
            }
            None => {
                if let Ok((driver, command)) = trip::on_unknown(self.ids[number], input) {
                    self.command(driver, command);
                }
            }
        }
    }

    fn pass(&mut self, ms: i64) {
        self.now.real = self.now.real.plus_ms(ms);
        for number in 0..TRIPS {
            while let Some(trip) = self.trips[number].as_ref().filter(|trip| trip.deadline <= self.now.real) {
                let decision = trip.time_out(self.now, &Patience::default());
                self.carry_out(number, decision);
            }
        }
    }

    fn carry_out(&mut self, number: usize, decision: trip::Decision) {
        if let Some((driver, command)) = decision.command {
            self.command(driver, command);
        }
        match decision.next {
            Next::Same => {}
            Next::Become(trip) => {
                self.ends[number] += u32::from(trip.is_ended());
                self.trips[number] = Some(trip);
            }
            Next::Forget => self.trips[number] = None,
        }
    }

    fn command(&mut self, driver: DriverId, command: DriverCommand) {
        let number = usize::try_from(driver.0).expect("a small number");
        self.to_drivers[number].push_back(driver::Input::Command(command));
    }

    /// Whom a trip holds, from the offer on, the drivers' authority keeps for that very trip and attempt.
    /// So no driver is held by two trips.
    fn check(&self) -> Result<(), TestCaseError> {
        for trip in self.trips.iter().flatten() {
            let Some(held) = trip.driver() else { continue };
            let driver = &self.drivers[usize::try_from(held.0).expect("a small number")];
            let kept = driver.assignment.map(|kept| (kept.trip, kept.attempt));
            prop_assert_eq!(kept, Some((trip.id, trip.attempt)), "{:?} holds {:?}", trip, driver);
        }
        for driver in &self.drivers {
            let holders = self.trips.iter().flatten().filter(|trip| trip.driver() == Some(driver.id)).count();
            prop_assert!(holders <= 1, "driver {} is held by {holders} trips", driver.id);
        }
        Ok(())
    }

    /// Lets everything on its way arrive, then time pass, until nothing is left to happen.
    fn drain(&mut self) {
        for _ in 0..10 {
            while self.to_drivers.iter().any(|queue| !queue.is_empty())
                || self.to_trips.iter().any(|queue| !queue.is_empty())
            {
                (0..DRIVERS).for_each(|driver| self.deliver_to_driver(driver));
                (0..TRIPS).for_each(|trip| self.deliver_to_trip(trip));
            }
            self.pass(100_000_000);
        }
    }
}

fn any_move() -> impl Strategy<Value = Move> {
    let steps = prop_oneof![
        6 => Just(DriverStep::Accept),
        2 => Just(DriverStep::Decline),
        4 => Just(DriverStep::Arrive),
        4 => Just(DriverStep::PickUp),
        4 => Just(DriverStep::DropOff { odometer_m: 5 }),
        1 => Just(DriverStep::Cancel),
    ];
    let act = (0..TRIPS, 0..DRIVERS, steps, prop::bool::weighted(0.1));
    let matching = (0..TRIPS, 0..DRIVERS, prop_oneof![4 => Just(0u32), 1 => Just(1)], 1usize..3);
    prop_oneof![
        12 => (0..DRIVERS).prop_map(Move::DeliverToDriver),
        12 => (0..TRIPS).prop_map(Move::DeliverToTrip),
        6 => matching.prop_map(|(trip, driver, behind, times)| Move::Match { trip, driver, behind, times }),
        8 => act.prop_map(|(trip, driver, step, astray)| Move::Act { trip, driver, step, astray }),
        1 => (0..TRIPS).prop_map(Move::Cancel),
        3 => (0..DRIVERS, prop::bool::weighted(0.8)).prop_map(|(driver, starts)| Move::Shift { driver, starts }),
        1 => prop_oneof![5 => 0i64..20_000, 1 => 0i64..2_000_000].prop_map(Move::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_driver_is_on_two_trips_and_every_trip_ends_once(moves in prop::collection::vec(any_move(), 0..300)) {
        let mut city = City::new();
        // All drivers begin their shift, so that most runs get somewhere.
        (0..DRIVERS).for_each(|driver| city.take(Move::Shift { driver, starts: true }));
        for a_move in moves {
            city.take(a_move);
            city.check()?;
        }
        city.drain();
        city.check()?;
        prop_assert_eq!(&city.ends, &[1; TRIPS], "each trip ends exactly once");
        prop_assert!(city.trips.iter().all(Option::is_none), "ended trips leave the table");
        for driver in &city.drivers {
            prop_assert!(driver.status <= DriverStatus::Idle, "{:?} is held by a trip that is no more", driver);
        }
    }
}

#[test]
fn the_model_completes_trips() {
    let mut city = City::new();
    let act = |step| Move::Act { trip: 0, driver: 0, step, astray: false };
    let moves = [
        Move::Shift { driver: 0, starts: true },
        Move::DeliverToDriver(0),
        Move::Match { trip: 0, driver: 0, behind: 0, times: 1 },
        Move::DeliverToDriver(0),
        Move::DeliverToTrip(0),
        act(DriverStep::Accept),
        act(DriverStep::Arrive),
        act(DriverStep::PickUp),
        Move::DeliverToTrip(0),
        Move::DeliverToTrip(0),
        Move::DeliverToTrip(0),
        act(DriverStep::DropOff { odometer_m: 5 }),
        Move::DeliverToTrip(0),
    ];
    moves.into_iter().for_each(|a_move| city.take(a_move));
    assert!(matches!(
        city.trips[0].as_ref().map(|trip| trip.status),
        Some(trip::TripStatus::Completed { .. })
    ));
    while !city.to_drivers[0].is_empty() {
        city.take(Move::DeliverToDriver(0));
    }
    assert_eq!(city.drivers[0].status, DriverStatus::Idle);
}
