//! Streets by place: which one a position lies on, and what lies ahead of it. What is absent on purpose: a destination;
//! who has one takes a route.

use domain::{LatLng, geo::EARTH_RADIUS_M};

use crate::grid::Grid;
use crate::network::{RoadNetwork, index};
use crate::parts::{EdgeId, NodeId};
use crate::route::{RoutePoint, fraction_on_stretch};

/// Farther from every street than this a position lies on none: GPS is off by some tens of metres among houses.
pub const NEAR_M: f64 = 50.0;

/// Side of a cell of the grid. It is more than `NEAR_M` and half of `SAMPLE_M` together, so that every street near a
/// position has a point in one of the nine cells around it.
const CELL_M: f64 = 100.0;

/// Longest stretch of a street between two points of the grid.
const SAMPLE_M: f64 = 50.0;

/// A street that leads the wrong way counts as twice this farther off: more than what lies between the two directions
/// of a road, less than what lies between two roads.
const WRONG_WAY_M: f64 = 10.0;

/// Who is this near to where they are going goes straight on.
const THERE_M: f64 = 50.0;

/// The streets of a network, found by place.
#[derive(Clone, Debug)]
pub struct Streets {
    network: RoadNetwork,
    /// Points along every edge, with its number.
    grid: Grid,
}

/// A place on a street.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Which street, in which direction.
    pub edge: EdgeId,
    /// Metres along the road from where the edge begins.
    pub along_m: f32,
}

/// A vector on the plane that is good enough for a city, in metres.
#[derive(Clone, Copy, Debug)]
struct Step {
    east_m: f64,
    north_m: f64,
}

/// The plane around a place.
#[derive(Clone, Copy, Debug)]
struct Plane {
    /// Cosine of the latitude.
    shrink: f64,
}

impl Streets {
    /// The streets of a network.
    #[must_use]
    pub fn of(network: RoadNetwork) -> Self {
        let edges = (0..index(network.edge_count())).map(EdgeId);
        let points = edges.flat_map(|edge| {
            let (start, end) = ends(&network, edge);
            samples(start, end).map(move |position| (position, edge.0))
        });
        let grid = Grid::of_points(network.bounding_box(), CELL_M, points);
        Self { network, grid }
    }

    /// The network they belong to.
    #[must_use]
    pub fn network(&self) -> &RoadNetwork {
        &self.network
    }

    /// The place on a street that is nearest to a position, if one is within `NEAR_M`; of both directions of a street
    /// the one that leads towards `course_deg` (clockwise from north).
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "metres along one street")]
    pub fn nearest(&self, position: LatLng, course_deg: f64) -> Option<Place> {
        let plane = Plane::around(position);
        let course = Step::towards(course_deg);
        let mut best: Option<(f64, Place)> = None;
        self.grid.for_near(position, |number| {
            let edge = EdgeId(number);
            let (start, end) = ends(&self.network, edge);
            let fraction = fraction_on_stretch(position, start, end, plane.shrink);
            let off_m = plane.step(position, start.towards(end, fraction)).length_m();
            let cost_m = off_m + WRONG_WAY_M * (1.0 - plane.step(start, end).cosine(course));
            if off_m <= NEAR_M && best.is_none_or(|(least_m, _)| cost_m < least_m) {
                let along_m = fraction as f32 * self.network.edge(edge).length_m;
                best = Some((cost_m, Place { edge, along_m }));
            }
        });
        best.map(|(_, place)| place)
    }

    /// Where a place is.
    ///
    /// # Panics
    /// If the place is of another network.
    #[must_use]
    pub fn position(&self, place: Place) -> LatLng {
        let (start, end) = ends(&self.network, place.edge);
        start.towards(end, f64::from(place.along_m / self.network.edge(place.edge).length_m))
    }

    /// The point that is some metres ahead on the road for who goes `towards` a position: at each junction into the
    /// street that leads there best, and straight on once that is reached, missed or absent. Back only at a dead end.
    ///
    /// # Panics
    /// If the place is of another network.
    #[must_use]
    pub fn ahead(&self, place: Place, distance_m: f64, towards: Option<LatLng>) -> RoutePoint {
        let plane = Plane::around(self.position(place));
        let mut aim = towards;
        let mut nearest_m = f64::INFINITY;
        let mut edge = place.edge;
        let mut left_m = f64::from(place.along_m) + distance_m;
        // An edge is at least a metre long, so this ends.
        while left_m > f64::from(self.network.edge(edge).length_m) {
            left_m -= f64::from(self.network.edge(edge).length_m);
            let (start, junction) = ends(&self.network, edge);
            let mut course = plane.step(start, junction);
            if let Some(target) = aim {
                let to_target = plane.step(junction, target);
                let is_nearer = to_target.length_m() < nearest_m;
                nearest_m = to_target.length_m();
                if is_nearer && nearest_m > THERE_M {
                    course = to_target;
                } else {
                    aim = None;
                }
            }
            edge = self.next(plane, edge, course);
        }
        self.point(edge, left_m)
    }

    /// The street behind the end of another that leads most towards `course`.
    fn next(&self, plane: Plane, edge: EdgeId, course: Step) -> EdgeId {
        let (back_to, junction): (NodeId, NodeId) =
            (self.network.edge(edge).from, self.network.edge(edge).to);
        let mut best: Option<(f64, EdgeId)> = None;
        let mut back = edge;
        for next in self.network.edge_ids_from(junction) {
            if self.network.edge(next).to == back_to {
                back = next;
                continue;
            }
            let (start, end) = ends(&self.network, next);
            let cosine = plane.step(start, end).cosine(course);
            if best.is_none_or(|(most, _)| cosine > most) {
                best = Some((cosine, next));
            }
        }
        best.map_or(back, |(_, next)| next)
    }

    fn point(&self, edge: EdgeId, along_m: f64) -> RoutePoint {
        let (start, end) = ends(&self.network, edge);
        let road = self.network.edge(edge);
        RoutePoint {
            position: start.towards(end, (along_m / f64::from(road.length_m)).clamp(0.0, 1.0)),
            heading_deg: start.bearing_deg(end),
            freespeed_mps: f64::from(road.freespeed_mps),
            zone: self.network.zone(road.from),
        }
    }
}

fn ends(network: &RoadNetwork, edge: EdgeId) -> (LatLng, LatLng) {
    let edge = network.edge(edge);
    (network.position(edge.from), network.position(edge.to))
}

/// Points from one end of a straight stretch to the other, at most `SAMPLE_M` apart.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a street is far shorter than 2^32 samples"
)]
fn samples(start: LatLng, end: LatLng) -> impl Iterator<Item = LatLng> {
    let steps = (start.distance_m(end) / SAMPLE_M).ceil().max(1.0) as u32;
    (0..=steps).map(move |step| start.towards(end, f64::from(step) / f64::from(steps)))
}

impl Plane {
    fn around(position: LatLng) -> Self {
        Self { shrink: position.lat.to_radians().cos() }
    }

    fn step(self, from: LatLng, to: LatLng) -> Step {
        Step {
            east_m: (to.lon - from.lon).to_radians() * self.shrink * EARTH_RADIUS_M,
            north_m: (to.lat - from.lat).to_radians() * EARTH_RADIUS_M,
        }
    }
}

impl Step {
    /// A metre in a direction, degrees clockwise from north.
    fn towards(course_deg: f64) -> Self {
        let (east_m, north_m) = course_deg.to_radians().sin_cos();
        Self { east_m, north_m }
    }

    fn length_m(self) -> f64 {
        self.east_m.hypot(self.north_m)
    }

    /// Of the angle between two; 0 if one has no length.
    fn cosine(self, other: Self) -> f64 {
        let lengths = self.length_m() * other.length_m();
        let dot = self.east_m * other.east_m + self.north_m * other.north_m;
        if lengths > 0.0 { dot / lengths } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::generate::CityOptions;
    use crate::parts::{EdgeSpec, NetworkParts, RoadClass};

    const ORIGIN: LatLng = LatLng { lat: 46.0, lon: 0.5 };

    const NORTH: f64 = 0.0;
    const SOUTH: f64 = 180.0;

    static CITY: LazyLock<Streets> =
        LazyLock::new(|| Streets::of(RoadNetwork::generate(3, &CityOptions::default())));

    fn at(north_m: f64, east_m: f64) -> LatLng {
        ORIGIN.offset_m(north_m, east_m)
    }

    /// A road of three blocks to the north, and at its second junction one to the east, both ways; positions are in
    /// metres north and east.
    fn corner() -> Streets {
        let positions =
            [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (300.0, 0.0), (200.0, 100.0), (200.0, 200.0)];
        let pairs = [(0, 1), (1, 2), (2, 3), (2, 4), (4, 5)];
        let both_ways = pairs.into_iter().flat_map(|(from, to)| [(from, to), (to, from)]);
        let spec =
            |(from, to)| EdgeSpec { from, to, length_m: 0.0, freespeed_mps: 10.0, class: RoadClass::Street };
        let parts = NetworkParts {
            positions: positions.iter().map(|&(north_m, east_m)| at(north_m, east_m)).collect(),
            edges: both_ways.map(spec).collect(),
        };
        Streets::of(RoadNetwork::build(&parts).unwrap())
    }

    #[test]
    fn a_position_lies_on_the_near_street_that_leads_its_way() {
        let streets = corner();
        for (position, course_deg, found) in [
            (at(130.0, 20.0), NORTH, Some((at(130.0, 0.0), NORTH))),
            (at(130.0, 20.0), SOUTH, Some((at(130.0, 0.0), SOUTH))),
            (at(192.0, 60.0), 90.0, Some((at(200.0, 60.0), 90.0))),
            (at(130.0, 49.0), NORTH, Some((at(130.0, 0.0), NORTH))),
            (at(130.0, 51.0), NORTH, None),
            (LatLng { lat: -33.0, lon: 151.0 }, NORTH, None),
        ] {
            let place = streets.nearest(position, course_deg);
            let told =
                place.map(|place| (streets.position(place), streets.ahead(place, 0.0, None).heading_deg));
            match (told, found) {
                (Some((position, heading_deg)), Some((expected, course_deg))) => {
                    assert!(position.distance_m(expected) < 0.1, "{position:?} {expected:?}");
                    assert!((heading_deg - course_deg).abs() < 0.1, "{heading_deg}");
                }
                (told, found) => assert_eq!(told.is_some(), found.is_some(), "{position:?}"),
            }
        }
    }

    #[test]
    fn who_goes_ahead_goes_straight_on_or_round_the_corner_to_where_they_are_going() {
        let streets = corner();
        let place = streets.nearest(at(130.0, 0.0), NORTH).unwrap();
        for (distance_m, towards, expected) in [
            (20.0, None, at(150.0, 0.0)),
            (120.0, None, at(250.0, 0.0)),
            (120.0, Some(at(200.0, 190.0)), at(200.0, 50.0)),
            (120.0, Some(at(290.0, 10.0)), at(250.0, 0.0)),
            (60.0, Some(at(0.0, 0.0)), at(190.0, 0.0)),
            (300.0, None, at(170.0, 0.0)),
        ] {
            let point = streets.ahead(place, distance_m, towards);
            assert!(point.position.distance_m(expected) < 0.5, "{distance_m} {towards:?}: {point:?}");
        }
        let round = streets.ahead(place, 120.0, Some(at(200.0, 190.0)));
        assert!((round.heading_deg - 90.0).abs() < 0.1, "{round:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_nearest_street_is_the_nearest_of_all(north_m in -4500.0..4500.0, east_m in -4500.0..4500.0) {
            let position = CITY.network().bounding_box().centre().offset_m(north_m, east_m);
            let off_m = |edge| {
                let (start, end) = ends(CITY.network(), edge);
                let fraction = fraction_on_stretch(position, start, end, Plane::around(position).shrink);
                position.distance_m(start.towards(end, fraction))
            };
            let edges = (0..index(CITY.network().edge_count())).map(EdgeId);
            let by_scan_m = edges.map(off_m).fold(f64::INFINITY, f64::min);
            match CITY.nearest(position, NORTH) {
                Some(place) => {
                    let found_m = off_m(place.edge);
                    prop_assert!(found_m <= by_scan_m + 2.0 * WRONG_WAY_M + 0.1, "{found_m} {by_scan_m}");
                }
                None => prop_assert!(by_scan_m > NEAR_M - 0.1, "{by_scan_m}"),
            }
        }

        #[test]
        fn a_step_ahead_is_as_long_as_it_was_asked_for_or_shorter(
            north_m in -3000.0..3000.0, east_m in -3000.0..3000.0, course_deg in 0.0..360.0, ahead_m in 0.0..300.0
        ) {
            let position = CITY.network().bounding_box().centre().offset_m(north_m, east_m);
            if let Some(place) = CITY.nearest(position, course_deg) {
                let point = CITY.ahead(place, ahead_m, None);
                prop_assert!(CITY.position(place).distance_m(point.position) <= ahead_m * 1.001 + 0.1);
                prop_assert_eq!(point, CITY.ahead(place, ahead_m, None));
            }
        }
    }
}
