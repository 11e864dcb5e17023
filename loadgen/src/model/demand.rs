//! Who asks for a ride, and when: riders by chance, or trips that were recorded.

use domain::CityMs;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use roads::{NodeId, RecordedTrip, RoadNetwork};

use super::agenda::{Agenda, Wake};
use super::output::Output;
use super::riders::{PlannedRide, Riders};
use super::settings::Demand;
use super::siblings::Siblings;
use super::world::{Moment, World, whole_ms};

/// A recorded position farther than this from every junction is not on the network.
const FARTHEST_M: f64 = 300.0;

const MS_PER_MINUTE: f64 = 60_000.0;

/// Requests to come, from a stream of chance of their own: drivers never change who asks. Every share of a city draws all
/// of them, so that each knows the others' trips, and asks for those of its own riders.
pub(crate) struct Arrivals {
    rng: ChaCha8Rng,
    last_rider: u64,
    source: Source,
}

enum Source {
    Generated { mean_gap_ms: f64, next_at_ms: f64 },
    Recorded { trips: Vec<RecordedTrip>, next: usize },
}

impl Arrivals {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are below 2^52")]
    pub(crate) fn new(world: &World, demand: Demand, now: CityMs, agenda: &mut Agenda) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(world.seed);
        // Streams 0 and 1 of this seed draw the streets and the districts of a generated city.
        rng.set_stream(2);
        let source = match demand {
            Demand::Generated { requests_per_minute } => Source::Generated {
                mean_gap_ms: MS_PER_MINUTE / requests_per_minute * world.clock.speed(),
                // Nobody asks before the drivers are on shift.
                next_at_ms: now.plus_ms(world.city_ms(world.settings.start_over_real_ms)).0 as f64,
            },
            Demand::Recorded(file) => {
                let next = file.trips.partition_point(|trip| trip.pickup_at < now);
                Source::Recorded { trips: file.trips, next }
            }
        };
        let mut arrivals = Self { rng, last_rider: 0, source };
        arrivals.write_next(agenda);
        arrivals
    }

    /// One rider asks, or one recorded trip turns out not to be drivable.
    pub(crate) fn request(&mut self, moment: &mut Moment<'_>, riders: &mut Riders, siblings: &mut Siblings) {
        let share = moment.world.settings.share;
        // Other shares may be told to close a little later, and their riders are no guests.
        if moment.closing && share.is_whole() {
            return;
        }
        let ends = match &mut self.source {
            Source::Generated { .. } => {
                let world = moment.world;
                let hour = world.hour(moment.now);
                let pickup = world.districts.sample_pickup(&mut self.rng, hour);
                let dropoff = world.districts.sample_dropoff(&world.network, &mut self.rng, hour, pickup);
                Some((pickup, dropoff)).filter(|(pickup, dropoff)| pickup != dropoff)
            }
            Source::Recorded { trips, next } => {
                let trip = trips[*next];
                *next += 1;
                match junctions_of(&moment.world.network, &trip) {
                    Ok(ends) => Some(ends),
                    Err(what) => {
                        if share.holds(trip.line) && !moment.closing {
                            moment.counters.unroutable += 1;
                            moment.out.push(Output::Unroutable { line: trip.line, what });
                        }
                        None
                    }
                }
            }
        };
        if let Some(ends) = ends {
            let is_ours = share.holds(self.last_rider);
            self.last_rider += 1;
            let planned = PlannedRide::draw(moment, ends, &mut self.rng);
            if !is_ours {
                siblings.expect(moment, planned.trip);
            } else if !moment.closing {
                riders.request(moment, self.last_rider, planned);
            }
        }
        self.write_next(moment.agenda);
    }

    /// Recorded trips that have not been requested yet; `None` if riders come by chance and for ever.
    pub(crate) fn left(&self) -> Option<usize> {
        match &self.source {
            Source::Generated { .. } => None,
            Source::Recorded { trips, next } => Some(trips.len() - next),
        }
    }

    fn write_next(&mut self, agenda: &mut Agenda) {
        match &mut self.source {
            Source::Generated { mean_gap_ms, .. } if !mean_gap_ms.is_finite() => {}
            Source::Generated { mean_gap_ms, next_at_ms } => {
                // The gaps of a Poisson process are exponential.
                *next_at_ms -= (1.0 - self.rng.random::<f64>()).ln() * *mean_gap_ms;
                agenda.write(CityMs(whole_ms(*next_at_ms)), Wake::Request);
            }
            Source::Recorded { trips, next } => {
                if let Some(trip) = trips.get(*next) {
                    agenda.write(trip.pickup_at, Wake::Request);
                }
            }
        }
    }
}

/// The junctions between which a recorded trip is driven.
///
/// # Errors
/// Why it can't be driven on this network.
pub(crate) fn junctions_of(network: &RoadNetwork, trip: &RecordedTrip) -> Result<(NodeId, NodeId), String> {
    let end = |name: &str, position| match network.nearest_node(position) {
        Some((node, distance_m)) if distance_m <= FARTHEST_M => Ok(node),
        Some((_, distance_m)) => Err(format!("the {name} is {distance_m:.0} m from the nearest junction")),
        None => Err(format!("the {name} is off the network")),
    };
    let ends = (end("pickup", trip.pickup)?, end("drop-off", trip.dropoff)?);
    if ends.0 == ends.1 { Err("pickup and drop-off are at the same junction".to_owned()) } else { Ok(ends) }
}
