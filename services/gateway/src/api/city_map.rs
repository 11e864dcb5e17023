//! The city as the API needs it: its roads, how fast they are when empty, and how far it reaches.

use std::collections::HashMap;

use domain::{LatLng, Zone, eta};
use roads::{BoundingBox, NodeId, RoadNetwork, Route};

use super::position::Position;
use super::problem::Problem;
use super::problem_kind as kinds;
use crate::roads_file::RoadsFile;
use crate::view::View;

/// Drivers come from outside: places up to this far from the roads are taken from them.
const SURROUNDINGS_M: f64 = 20_000.0;

/// Roads and all that is computed from them once.
#[derive(Debug)]
pub struct CityMap {
    pub(crate) network: RoadNetwork,
    pub(crate) roads_file: RoadsFile,
    free_mps: HashMap<Zone, f64>,
    reach: BoundingBox,
}

/// The way from one place to another, as it is now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Way {
    pub(crate) distance_m: u32,
    pub(crate) duration_s: u32,
    /// East, north.
    pub(crate) points: Vec<[f64; 2]>,
}

impl CityMap {
    /// Computes what is needed of a network; takes a moment for a large one.
    #[must_use]
    pub fn new(network: RoadNetwork) -> Self {
        let free_mps = network.free_speeds();
        let BoundingBox { min, max } = network.bounding_box();
        let reach = BoundingBox {
            min: min.offset_m(-SURROUNDINGS_M, -SURROUNDINGS_M),
            max: max.offset_m(SURROUNDINGS_M, SURROUNDINGS_M),
        };
        Self { roads_file: RoadsFile::of(&network), network, free_mps, reach }
    }

    /// Whether a driver can be there.
    pub(crate) fn reaches(&self, at: LatLng) -> bool {
        let BoundingBox { min, max } = self.reach;
        (min.lat..=max.lat).contains(&at.lat) && (min.lon..=max.lon).contains(&at.lon)
    }

    /// The junctions of both ends of a ride.
    pub(crate) fn ends(
        &self,
        from: (&'static str, LatLng),
        to: (&'static str, LatLng),
    ) -> Result<(NodeId, NodeId), Problem> {
        let (start, end) = self.junctions(from, to)?;
        if start == end {
            let detail = format!("{} and {} belong to the same junction", from.0, to.0);
            return Err(Problem::new(&kinds::SAME_PLACE, detail));
        }
        Ok((start, end))
    }

    /// The junctions nearest to two places, which may be the same one.
    pub(crate) fn junctions(
        &self,
        from: (&'static str, LatLng),
        to: (&'static str, LatLng),
    ) -> Result<(NodeId, NodeId), Problem> {
        Ok((self.junction(from)?, self.junction(to)?))
    }

    fn junction(&self, (field, at): (&'static str, LatLng)) -> Result<NodeId, Problem> {
        let (node, _) = self.network.nearest_node(at).ok_or_else(|| {
            Problem::of_field(&kinds::OUTSIDE_CITY, field, "no road within 2 km of this place")
        })?;
        Ok(node)
    }

    /// The fastest way between two junctions, at the speed of traffic now; between a junction and itself a line of
    /// no length.
    pub(crate) fn way(&self, view: &View, from: NodeId, to: NodeId) -> Result<Way, Problem> {
        let route = self
            .network
            .route(from, to)
            .ok_or_else(|| Problem::new(&kinds::NO_ROUTE, "no road leads from one to the other"))?;
        let mut points: Vec<[f64; 2]> = route
            .nodes()
            .map(|node| {
                let Position { lat, lon } = self.network.position(node).rounded().into();
                [lon, lat]
            })
            .collect();
        // Who draws a line needs two ends of it.
        if let [only] = points[..] {
            points.push(only);
        }
        Ok(Way {
            distance_m: whole(route.length_m()),
            duration_s: whole(self.travel_time_s(view, &route)),
            points,
        })
    }

    /// Seconds of city time until somebody at the first place can be at the second; `None` off the roads.
    pub(crate) fn time_between_s(&self, view: &View, from: LatLng, to: LatLng) -> Option<u32> {
        let route = self.network.route_between(from, to)?;
        Some(whole(self.travel_time_s(view, &route)))
    }

    fn travel_time_s(&self, view: &View, route: &Route) -> f64 {
        route.remaining_time_s(0.0, |zone| {
            let observed = view.zone(zone).and_then(|state| state.speed_mps).map(f64::from);
            eta::slowdown(self.free_mps.get(&zone).copied(), observed)
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "metres and seconds within a city"
)]
fn whole(amount: f64) -> u32 {
    amount.round() as u32
}
