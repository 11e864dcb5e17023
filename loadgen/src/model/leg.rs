//! One drive with a goal: the rest of the present street, then a route.

use domain::CityMs;
use roads::{EdgeId, NodeId, RoadNetwork, Route};

use super::driver::Bearing;
use super::world::whole_ms;

/// A drive under way.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    head: Head,
    route: Route,
    end: NodeId,
    started: CityMs,
    /// Share of the free speed this drive makes, traffic and driver together.
    pace: f64,
}

/// The rest of the street a driver was on when the drive began.
#[derive(Clone, Copy, Debug)]
struct Head {
    edge: EdgeId,
    from_m: f64,
    length_m: f64,
    freeflow_s: f64,
}

impl Leg {
    /// A drive from somewhere on a street to a junction; `None` if the network does not know it.
    pub(crate) fn from_street(
        network: &RoadNetwork,
        (street, along_m): (EdgeId, f32),
        end: NodeId,
        started: CityMs,
        pace: f64,
    ) -> Option<Self> {
        let edge = network.edge(street);
        let length_m = f64::from(edge.length_m - along_m);
        // Who has not left the junction yet may leave it by any street.
        let at_junction = along_m <= 0.0;
        let (start, length_m) = if at_junction { (edge.from, 0.0) } else { (edge.to, length_m) };
        let freeflow_s = length_m / f64::from(edge.freespeed_mps);
        let head = Head { edge: street, from_m: f64::from(along_m), length_m, freeflow_s };
        Some(Self { head, route: network.route(start, end)?, end, started, pace })
    }

    pub(crate) fn end(&self) -> NodeId {
        self.end
    }

    /// When the drive is over.
    pub(crate) fn ends_at(&self) -> CityMs {
        self.started.plus_ms(self.duration_ms())
    }

    pub(crate) fn duration_ms(&self) -> i64 {
        whole_ms((self.head.freeflow_s + self.route.freeflow_s()) / self.pace * 1000.0)
    }

    /// Metres driven on this leg until `now`.
    pub(crate) fn driven_m(&self, now: CityMs) -> f64 {
        let driven_s = self.freeflow_s_until(now);
        if driven_s < self.head.freeflow_s {
            return self.head.length_m * driven_s / self.head.freeflow_s;
        }
        self.head.length_m + self.route.distance_after_s(driven_s - self.head.freeflow_s)
    }

    pub(crate) fn bearing(&self, network: &RoadNetwork, now: CityMs) -> Bearing {
        let driven_m = self.driven_m(now);
        if driven_m < self.head.length_m {
            let edge = network.edge(self.head.edge);
            let (start, end) = (network.position(edge.from), network.position(edge.to));
            let share = (self.head.from_m + driven_m) / f64::from(edge.length_m);
            return Bearing {
                position: start.towards(end, share),
                heading_deg: start.bearing_deg(end),
                speed_mps: f64::from(edge.freespeed_mps) * self.pace,
            };
        }
        let point = self.route.position_at_distance(driven_m - self.head.length_m);
        let moving = now < self.ends_at();
        Bearing {
            position: point.position,
            heading_deg: point.heading_deg,
            speed_mps: if moving { point.freespeed_mps * self.pace } else { 0.0 },
        }
    }

    /// The street the driver is on at `now`, and how far along it.
    #[expect(clippy::cast_possible_truncation, reason = "metres along one street")]
    pub(crate) fn street(&self, network: &RoadNetwork, now: CityMs) -> Option<(EdgeId, f32)> {
        let driven_m = self.driven_m(now);
        if driven_m < self.head.length_m {
            return Some((self.head.edge, (self.head.from_m + driven_m) as f32));
        }
        self.route.street_at_distance(network, driven_m - self.head.length_m)
    }

    #[expect(clippy::cast_precision_loss, reason = "a drive lasts far less than 2^52 ms")]
    fn freeflow_s_until(&self, now: CityMs) -> f64 {
        now.since(self.started).max(0) as f64 / 1000.0 * self.pace
    }
}
