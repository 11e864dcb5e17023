//! One leg of one driver: routed once, then followed along the route.

use domain::eta::{Prediction, Remaining};
use domain::{CityMs, LatLng};
use roads::{RoadNetwork, Route};

use crate::assignments::Goal;
use crate::traffic::Traffic;

/// Farther from the route than this a driver has left it: more than a block, or than GPS is wrong in a city.
const OFF_ROUTE_M: f64 = 150.0;

/// This many reports off the route in a row make a new route: a single one may be a bad position.
const PATIENCE_REPORTS: u32 = 2;

/// A leg under way.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) goal: Goal,
    way: Way,
    off_route_reports: u32,
    seen_at: CityMs,
    published: Option<Prediction>,
}

/// How the rest of the leg is measured.
#[derive(Debug)]
enum Way {
    Road {
        route: Route,
        along_m: f64,
    },
    /// Position or destination lie off the network.
    Straight,
}

/// What following a report took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Followed {
    /// The report is not newer than the last one.
    Stale,
    /// The driver was found on the way.
    OnTheWay,
    /// A route was computed anew since the driver had left it.
    Rerouted,
}

impl Progress {
    /// Begins a leg where the driver is at its first report.
    pub(crate) fn begin(goal: Goal, network: &RoadNetwork, position: LatLng, at: CityMs) -> Self {
        let way = Way::find(network, position, goal.destination);
        Self { goal, way, off_route_reports: 0, seen_at: at, published: None }
    }

    /// Whether there is a road to the destination.
    pub(crate) fn is_routed(&self) -> bool {
        matches!(self.way, Way::Road { .. })
    }

    /// Follows the driver to a new position.
    pub(crate) fn follow(&mut self, network: &RoadNetwork, position: LatLng, at: CityMs) -> Followed {
        if at <= self.seen_at {
            return Followed::Stale;
        }
        self.seen_at = at;
        let Way::Road { route, along_m } = &mut self.way else {
            self.way = Way::find(network, position, self.goal.destination);
            return Followed::OnTheWay;
        };
        let found = route.project(position, *along_m);
        if found.off_route_m <= OFF_ROUTE_M {
            *along_m = found.along_m;
            self.off_route_reports = 0;
            return Followed::OnTheWay;
        }
        self.off_route_reports += 1;
        if self.off_route_reports < PATIENCE_REPORTS {
            return Followed::OnTheWay;
        }
        self.off_route_reports = 0;
        self.way = Way::find(network, position, self.goal.destination);
        Followed::Rerouted
    }

    /// What is left of the leg from the last position.
    pub(crate) fn remaining(&self, position: LatLng, traffic: &Traffic) -> Remaining {
        match &self.way {
            Way::Road { route, along_m } => Remaining {
                distance_m: (route.length_m() - along_m).max(0.0),
                time_s: route.remaining_time_s(*along_m, |zone| traffic.slowdown(zone)),
            },
            Way::Straight => Remaining::straight(position.distance_m(self.goal.destination)),
        }
    }

    /// Whether a prediction is worth publishing; if so it counts as published.
    pub(crate) fn publish(&mut self, prediction: Prediction) -> bool {
        let news = prediction.is_news_after(self.published);
        if news {
            self.published = Some(prediction);
        }
        news
    }
}

impl Way {
    fn find(network: &RoadNetwork, from: LatLng, to: LatLng) -> Self {
        network.route_between(from, to).map_or(Self::Straight, |route| Self::Road { route, along_m: 0.0 })
    }
}
