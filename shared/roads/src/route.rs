//! A route: the junctions on the way, and how far and how long it is to each.

use domain::{LatLng, Zone};

use crate::network::RoadNetwork;
use crate::parts::{EdgeId, NodeId};

/// How far ahead of the hint a position is looked for at first; a driver does not jump farther between reports.
const LOOK_AHEAD_M: f64 = 2_000.0;

/// Farther off than this, the position is looked for on all of the rest of the route.
const OFF_ROUTE_M: f64 = 100.0;

/// The way from one junction to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// At least one; the first is the start.
    stops: Vec<Waypoint>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Waypoint {
    position: LatLng,
    zone: Zone,
    node: NodeId,
    along_m: f32,
    freeflow_s: f32,
}

/// Where one is after some metres of a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoutePoint {
    /// The place.
    pub position: LatLng,
    /// Direction of travel, degrees clockwise from north.
    pub heading_deg: f64,
    /// Speed without traffic on this stretch.
    pub freespeed_mps: f64,
    /// The zone of the stretch (that of the junction it begins at).
    pub zone: Zone,
}

/// Where on a route a position belongs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    /// Metres from the start of the route.
    pub along_m: f64,
    /// Metres between the position and the route.
    pub off_route_m: f64,
}

impl Route {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a route is far shorter than f32 can count in centimetres"
    )]
    pub(crate) fn along(network: &RoadNetwork, from: NodeId, path: &[EdgeId]) -> Self {
        let waypoint = |node, along_m: f64, time_ms: u64| Waypoint {
            position: network.position(node),
            zone: network.zone(node),
            node,
            along_m: along_m as f32,
            freeflow_s: (time_ms as f64 / 1000.0) as f32,
        };
        let mut stops = Vec::with_capacity(path.len() + 1);
        let (mut along_m, mut time_ms) = (0.0, 0u64);
        stops.push(waypoint(from, along_m, time_ms));
        for &edge in path {
            let edge = network.edge(edge);
            along_m += f64::from(edge.length_m);
            time_ms += u64::from(edge.time_ms);
            stops.push(waypoint(edge.to, along_m, time_ms));
        }
        Self { stops }
    }

    /// The junctions from start to end.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + '_ {
        self.stops.iter().map(|stop| stop.node)
    }

    /// Length along the road.
    #[must_use]
    pub fn length_m(&self) -> f64 {
        f64::from(self.last().along_m)
    }

    /// Travel time without traffic.
    #[must_use]
    pub fn freeflow_s(&self) -> f64 {
        f64::from(self.last().freeflow_s)
    }

    /// Where the route ends.
    #[must_use]
    pub fn end(&self) -> LatLng {
        self.last().position
    }

    /// The place, direction and speed after some metres; the ends for less than none or more than all.
    #[must_use]
    pub fn position_at_distance(&self, along_m: f64) -> RoutePoint {
        let Some(leg) = self.leg_at(along_m) else {
            let only = self.stops[0];
            return RoutePoint {
                position: only.position,
                heading_deg: 0.0,
                freespeed_mps: 0.0,
                zone: only.zone,
            };
        };
        let (start, end) = (self.stops[leg], self.stops[leg + 1]);
        let length_m = f64::from(end.along_m - start.along_m).max(f64::from(f32::EPSILON));
        let fraction = ((along_m - f64::from(start.along_m)) / length_m).clamp(0.0, 1.0);
        RoutePoint {
            position: start.position.towards(end.position, fraction),
            heading_deg: start.position.bearing_deg(end.position),
            freespeed_mps: length_m / f64::from(end.freeflow_s - start.freeflow_s).max(0.001),
            zone: start.zone,
        }
    }

    /// Metres covered after some seconds of driving without traffic; all of them after the whole time.
    #[must_use]
    pub fn distance_after_s(&self, freeflow_s: f64) -> f64 {
        let reached = self.stops.partition_point(|stop| f64::from(stop.freeflow_s) <= freeflow_s);
        let (Some(&start), Some(&end)) = (self.stops.get(reached.wrapping_sub(1)), self.stops.get(reached))
        else {
            return if reached == 0 { 0.0 } else { self.length_m() };
        };
        let span_s = f64::from(end.freeflow_s - start.freeflow_s);
        let fraction = (freeflow_s - f64::from(start.freeflow_s)) / span_s;
        f64::from(start.along_m) + fraction * f64::from(end.along_m - start.along_m)
    }

    /// The edge that holds a distance, and how far along it that is; `None` if the route is a single junction or
    /// of another network.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "metres along one street")]
    pub fn street_at_distance(&self, network: &RoadNetwork, along_m: f64) -> Option<(EdgeId, f32)> {
        let leg = self.leg_at(along_m)?;
        let (start, end) = (self.stops.get(leg)?, self.stops.get(leg + 1)?);
        // Parallel edges are sorted by time, and a route takes the fastest.
        let edge = network.edge_ids_from(start.node).find(|&edge| network.edge(edge).to == end.node)?;
        let on_edge_m = (along_m - f64::from(start.along_m)).max(0.0) as f32;
        Some((edge, on_edge_m.min(network.edge(edge).length_m)))
    }

    /// Finds a position on the route, not before the stretch that holds `hint_m`, so that progress never runs back.
    #[must_use]
    pub fn project(&self, position: LatLng, hint_m: f64) -> Projection {
        let Some(first) = self.leg_at(hint_m) else {
            return Projection { along_m: 0.0, off_route_m: position.distance_m(self.stops[0].position) };
        };
        let near = self.nearest_on_legs(position, first, hint_m, hint_m + LOOK_AHEAD_M);
        if near.off_route_m <= OFF_ROUTE_M {
            near
        } else {
            self.nearest_on_legs(position, first, hint_m, f64::INFINITY)
        }
    }

    /// Time to the end from `along_m`, where `slowdown` says how many times longer each zone takes than without traffic.
    pub fn remaining_time_s(&self, along_m: f64, slowdown: impl Fn(Zone) -> f64) -> f64 {
        let Some(first) = self.leg_at(along_m) else { return 0.0 };
        let mut total_s = 0.0;
        let mut last: Option<(Zone, f64)> = None;
        for pair in self.stops[first..].windows(2) {
            let length_m = f64::from(pair[1].along_m - pair[0].along_m);
            let ahead_m = (f64::from(pair[1].along_m) - along_m.max(0.0)).clamp(0.0, length_m);
            let share = if length_m > 0.0 { ahead_m / length_m } else { 0.0 };
            let factor = match last {
                Some((zone, factor)) if zone == pair[0].zone => factor,
                _ => slowdown(pair[0].zone),
            };
            last = Some((pair[0].zone, factor));
            total_s += f64::from(pair[1].freeflow_s - pair[0].freeflow_s) * share * factor;
        }
        total_s
    }

    fn last(&self) -> &Waypoint {
        self.stops.last().expect("a route has a start")
    }

    /// The index of the stretch that holds a distance; `None` if the route is a single junction.
    fn leg_at(&self, along_m: f64) -> Option<usize> {
        let legs = self.stops.len() - 1;
        if legs == 0 {
            return None;
        }
        let begun = self.stops.partition_point(|stop| f64::from(stop.along_m) <= along_m);
        Some(begun.saturating_sub(1).min(legs - 1))
    }

    fn nearest_on_legs(&self, position: LatLng, first: usize, hint_m: f64, until_m: f64) -> Projection {
        let mut best = Projection { along_m: hint_m, off_route_m: f64::INFINITY };
        for pair in self.stops[first..].windows(2) {
            if f64::from(pair[0].along_m) > until_m {
                break;
            }
            let (fraction, off_route_m) = nearest_on_stretch(position, pair[0].position, pair[1].position);
            if off_route_m < best.off_route_m {
                let length_m = f64::from(pair[1].along_m - pair[0].along_m);
                let along_m = (f64::from(pair[0].along_m) + fraction * length_m).max(hint_m);
                best = Projection { along_m, off_route_m };
            }
        }
        best
    }
}

/// How far along a straight stretch (0..=1) its nearest point to a position lies, and how many metres off that is.
fn nearest_on_stretch(position: LatLng, start: LatLng, end: LatLng) -> (f64, f64) {
    let fraction = fraction_on_stretch(position, start, end, position.lat.to_radians().cos());
    (fraction, position.distance_m(start.towards(end, fraction)))
}

/// How far along a straight stretch (0..=1) its nearest point to a position lies; `shrink` is the cosine of the
/// latitude.
pub(crate) fn fraction_on_stretch(position: LatLng, start: LatLng, end: LatLng, shrink: f64) -> f64 {
    let (x, y) = ((position.lon - start.lon) * shrink, position.lat - start.lat);
    let (dx, dy) = ((end.lon - start.lon) * shrink, end.lat - start.lat);
    let squared = dx * dx + dy * dy;
    if squared > 0.0 { ((x * dx + y * dy) / squared).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::CityOptions;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static CITY: LazyLock<RoadNetwork> = LazyLock::new(|| RoadNetwork::generate(11, &CityOptions::default()));

    fn some_route(a: u32, b: u32) -> Route {
        let count = u32::try_from(CITY.node_count()).unwrap();
        CITY.route(NodeId(a % count), NodeId(b % count)).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn a_point_of_the_route_is_found_again(a in 0u32..9999, b in 0u32..9999, share in 0.0..1.0f64) {
            let route = some_route(a, b);
            let along_m = share * route.length_m();
            let point = route.position_at_distance(along_m);
            let found = route.project(point.position, (along_m - 150.0).max(0.0));
            prop_assert!(found.off_route_m < 0.5, "{found:?}");
            prop_assert!((found.along_m - along_m).abs() < 160.0, "{found:?} {along_m}");
        }

        #[test]
        fn remaining_time_shrinks_along_the_route(a in 0u32..9999, b in 0u32..9999, share in 0.0..1.0f64) {
            let route = some_route(a, b);
            let at_start_s = route.remaining_time_s(0.0, |_| 1.0);
            prop_assert!((at_start_s - route.freeflow_s()).abs() < 0.1);
            let later_s = route.remaining_time_s(share * route.length_m(), |_| 1.0);
            prop_assert!(later_s <= at_start_s + 1e-6);
            let slow_s = route.remaining_time_s(share * route.length_m(), |_| 2.0);
            prop_assert!((slow_s - 2.0 * later_s).abs() < 1e-6);
            prop_assert!(route.remaining_time_s(route.length_m(), |_| 1.0) < 0.01);
        }

        #[test]
        fn distance_and_remaining_time_agree(a in 0u32..9999, b in 0u32..9999, share in 0.0..1.0f64) {
            let route = some_route(a, b);
            let driven_s = share * route.freeflow_s();
            let left_s = route.remaining_time_s(route.distance_after_s(driven_s), |_| 1.0);
            prop_assert!((driven_s + left_s - route.freeflow_s()).abs() < 0.05);
            prop_assert_eq!(route.distance_after_s(-1.0), 0.0);
            prop_assert_eq!(route.distance_after_s(1e9), route.length_m());
        }

        #[test]
        fn progress_never_runs_back(a in 0u32..9999, b in 0u32..9999, hint in 0.0..3000.0f64, off in -80.0..80.0f64) {
            let route = some_route(a, b);
            let hint_m = hint.min(route.length_m());
            let found = route.project(route.position_at_distance(0.0).position.offset_m(off, off), hint_m);
            prop_assert!(found.along_m >= hint_m - 0.01 || route.length_m() == 0.0);
        }
    }

    #[test]
    fn a_route_to_the_same_junction_is_over_at_once() {
        let route = CITY.route(NodeId(7), NodeId(7)).unwrap();
        assert_eq!((route.length_m(), route.remaining_time_s(0.0, |_| 1.0)), (0.0, 0.0));
        assert_eq!(route.position_at_distance(10.0).position, CITY.position(NodeId(7)));
        assert_eq!(route.end(), CITY.position(NodeId(7)));
    }
}
