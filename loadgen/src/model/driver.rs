//! One driver between jobs: cruising the streets towards where riders are expected, with rests.

use domain::{CityMs, LatLng};
use rand::RngExt;
use roads::{EdgeId, NodeId};

use super::census::DriverState;
use super::dice::Dice;
use super::job::{Job, Stage};
use super::world::World;

/// Movement over a longer gap than this is not made up for: the driver stood still.
const LONGEST_MOVE_MS: i64 = 60_000;

/// Near enough to the place a driver heads for.
const NEAR_M: f64 = 250.0;

/// How often a turn is towards that place; the rest are by chance, which gets drivers around rivers and parks.
const PURPOSEFUL_TURNS: f64 = 0.7;

/// Drivers without a rider dawdle: share of the speed that traffic allows.
const CRUISING_PACE: (f64, f64) = (0.6, 0.9);

/// Share of drivers who rest where they wanted to go, and for how long.
const RESTING: f64 = 0.6;
const REST_MS: (i64, i64) = (20_000, 180_000);

/// Whether a driver is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Offline,
    OnShift,
    /// The shift is over, the trip under way is not.
    Leaving,
    /// Not heard of any more in the middle of a trip.
    Vanished,
}

/// A driver; kept small, for there may be a million.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) dice: Dice,
    pub(crate) presence: Presence,
    /// Never answers an offer.
    pub(crate) silent: bool,
    /// Tells current wakes from stale ones.
    pub(crate) shift: u32,
    pub(crate) step: u32,
    pub(crate) job: Option<Box<Job>>,
    edge: EdgeId,
    along_m: f32,
    speed_mps: f32,
    heads_for: NodeId,
    moved_at: CityMs,
    rests_until: CityMs,
}

/// Where a driver is and how fast it goes there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bearing {
    pub(crate) position: LatLng,
    pub(crate) heading_deg: f64,
    pub(crate) speed_mps: f64,
}

impl Driver {
    pub(crate) fn new(world: &World, number: u32, now: CityMs) -> Self {
        let mut dice = Dice::of_agent(world.seed, u64::from(number));
        let silent = dice.chance(world.settings.faults.silent_drivers);
        let start = world.districts.sample_pickup(&mut dice, world.hour(now));
        let mut driver = Self {
            dice,
            presence: Presence::Offline,
            silent,
            shift: 0,
            step: 0,
            job: None,
            edge: EdgeId(0),
            along_m: 0.0,
            speed_mps: 0.0,
            heads_for: start,
            moved_at: now,
            rests_until: now,
        };
        driver.stand_at(world, start, now);
        driver
    }

    /// Puts the driver at a junction, about to leave it by any street.
    pub(crate) fn stand_at(&mut self, world: &World, node: NodeId, now: CityMs) {
        let streets = world.network.edges_from(node).len();
        let chosen = self.dice.random_range(0..streets);
        self.edge =
            world.network.edge_ids_from(node).nth(chosen).expect("chosen among the streets of this junction");
        self.along_m = 0.0;
        self.speed_mps = 0.0;
        self.moved_at = now;
    }

    /// Puts the driver on a street.
    pub(crate) fn stand_on(&mut self, edge: EdgeId, along_m: f32, now: CityMs) {
        (self.edge, self.along_m, self.speed_mps, self.moved_at) = (edge, along_m, 0.0, now);
    }

    /// Makes up for no movement until now.
    pub(crate) fn stand_still(&mut self, now: CityMs) {
        self.stand_on(self.edge, self.along_m, now);
    }

    /// What the driver is up to.
    pub(crate) fn state(&self) -> DriverState {
        match (self.presence, self.job.as_deref().map(|job| &job.stage)) {
            (Presence::Offline, _) => DriverState::Offline,
            (Presence::Vanished, _) => DriverState::Vanished,
            (Presence::OnShift | Presence::Leaving, None) => DriverState::Idle,
            (_, Some(Stage::Deciding(_) | Stage::Accepted)) => DriverState::Offered,
            (_, Some(Stage::ToPickup { .. })) => DriverState::ToPickup,
            (_, Some(Stage::AtPickup { .. })) => DriverState::Waiting,
            (_, Some(Stage::OnTrip { .. })) => DriverState::OnTrip,
        }
    }

    /// The street the driver is on and how far along it.
    pub(crate) fn street(&self) -> (EdgeId, f32) {
        (self.edge, self.along_m)
    }

    /// Drives on until now, turning at junctions.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "some seconds along a street"
    )]
    pub(crate) fn cruise(&mut self, world: &World, now: CityMs) {
        let moving_since = self.moved_at.max(self.rests_until);
        let mut left_s = now.since(moving_since).clamp(0, LONGEST_MOVE_MS) as f64 / 1000.0;
        self.moved_at = self.moved_at.max(now);
        self.speed_mps = 0.0;
        let pace = world.pace(now) * self.dice.between(CRUISING_PACE.0, CRUISING_PACE.1);
        while left_s > 0.0 {
            let edge = *world.network.edge(self.edge);
            let speed_mps = f64::from(edge.freespeed_mps) * pace;
            let rest_s = f64::from(edge.length_m - self.along_m) / speed_mps;
            if rest_s > left_s {
                self.along_m = (self.along_m + (speed_mps * left_s) as f32).min(edge.length_m);
                self.speed_mps = speed_mps as f32;
                return;
            }
            left_s -= rest_s;
            self.turn(world, now);
            if self.rests_until > now {
                return;
            }
        }
    }

    pub(crate) fn bearing(&self, world: &World) -> Bearing {
        let edge = world.network.edge(self.edge);
        let (start, end) = (world.network.position(edge.from), world.network.position(edge.to));
        Bearing {
            position: start.towards(end, f64::from(self.along_m / edge.length_m)),
            heading_deg: start.bearing_deg(end),
            speed_mps: f64::from(self.speed_mps),
        }
    }

    /// Chooses the next street at the end of this one.
    fn turn(&mut self, world: &World, now: CityMs) {
        let came_by = *world.network.edge(self.edge);
        let goal = world.network.position(self.heads_for);
        if world.network.position(came_by.to).distance_m(goal) < NEAR_M {
            self.heads_for = world.districts.sample_pickup(&mut self.dice, world.hour(now));
            if self.dice.chance(RESTING) {
                self.rests_until = now.plus_ms(self.dice.ms(REST_MS.0, REST_MS.1));
            }
        }
        let purposeful = self.dice.chance(PURPOSEFUL_TURNS);
        let mut best: Option<(f64, EdgeId)> = None;
        for id in world.network.edge_ids_from(came_by.to) {
            let street = world.network.edge(id);
            let back = street.to == came_by.from;
            let cost = match (back, purposeful) {
                // Only where there is no other way.
                (true, _) => f64::MAX,
                (false, true) => squared_degrees(world.network.position(street.to), goal),
                (false, false) => self.dice.unit(),
            };
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, id));
            }
        }
        self.edge = best.expect("every junction of the network can be left").1;
        self.along_m = 0.0;
    }
}

/// Good enough to compare distances from one junction.
fn squared_degrees(a: LatLng, b: LatLng) -> f64 {
    let shrink = a.lat.to_radians().cos();
    let (x, y) = ((a.lon - b.lon) * shrink, a.lat - b.lat);
    x * x + y * y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_drivers_fit() {
        // Two wakes of a free driver lie in the agenda beside it.
        let wakes = 2 * size_of::<(CityMs, u64, super::super::agenda::Wake)>();
        assert!(size_of::<Driver>() + wakes <= 200, "{} + {wakes}", size_of::<Driver>());
    }
}
