//! Who wants to go where at which hour: districts with weights, and draws from them.

use domain::LatLng;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::generate::CityOptions;
use crate::network::RoadNetwork;
use crate::parts::NodeId;

/// Nobody rides less than this: they walk.
const SHORTEST_TRIP_M: f64 = 600.0;

/// After this many draws the last one is taken, so that a tiny network cannot make a draw endless.
const MOST_DRAWS: usize = 40;

/// Weights of a district by blocks of three hours, from midnight.
type ByHour = [u16; 8];

/// What a district is, which says when people come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DistrictKind {
    /// Shops and sights: all day, most in the afternoon.
    Centre,
    /// Offices: in by morning, out by evening.
    Business,
    /// Bars: in by evening, out by night.
    Nightlife,
    /// In the early morning and the evening.
    Airport,
    /// Empty but for an event in the evening.
    Stadium,
    /// Where people live: out by morning, back by evening.
    Residential,
    /// A city of which nothing is known.
    Whole,
}

/// Weighted places of pickups and drop-offs.
#[derive(Clone, Debug)]
pub struct Districts {
    districts: Vec<District>,
    /// Mean straight-line length of the trips people make; longer ones are drawn less often.
    typical_trip_m: f64,
}

#[derive(Clone, Debug)]
struct District {
    kind: DistrictKind,
    /// Junctions, and the sum of weights up to and with each.
    nodes: Vec<NodeId>,
    cumulative: Vec<f64>,
}

struct Site {
    kind: DistrictKind,
    middle: LatLng,
    radius_m: f64,
}

impl DistrictKind {
    fn pickups(self) -> ByHour {
        match self {
            Self::Centre => [6, 2, 10, 18, 20, 22, 20, 14],
            Self::Business => [1, 1, 6, 14, 16, 26, 14, 3],
            Self::Nightlife => [30, 12, 2, 3, 6, 8, 16, 30],
            Self::Airport => [3, 4, 10, 12, 12, 12, 10, 6],
            Self::Stadium => [2, 0, 0, 2, 4, 4, 4, 14],
            Self::Residential => [14, 10, 52, 30, 26, 22, 26, 18],
            Self::Whole => [1; 8],
        }
    }

    fn dropoffs(self) -> ByHour {
        match self {
            Self::Centre => [6, 3, 26, 24, 20, 18, 20, 14],
            Self::Business => [1, 2, 30, 18, 16, 10, 5, 2],
            Self::Nightlife => [8, 2, 1, 3, 6, 10, 26, 30],
            Self::Airport => [4, 10, 12, 12, 12, 12, 8, 3],
            Self::Stadium => [0, 0, 0, 2, 4, 10, 16, 2],
            Self::Residential => [40, 16, 12, 14, 22, 34, 38, 34],
            Self::Whole => [1; 8],
        }
    }
}

impl Districts {
    /// The districts of a generated city; the same seed and options as the network's.
    #[must_use]
    pub fn generated(seed: u64, options: &CityOptions, network: &RoadNetwork) -> Self {
        let sites = draw_sites(seed, options);
        let mut groups: Vec<(DistrictKind, Vec<NodeId>)> =
            sites.iter().map(|site| (site.kind, Vec::new())).collect();
        groups.push((DistrictKind::Residential, Vec::new()));
        for node in network.nodes() {
            let position = network.position(node);
            let home = sites.iter().position(|site| site.middle.distance_m(position) < site.radius_m);
            groups[home.unwrap_or(sites.len())].1.push(node);
        }
        let districts = groups
            .into_iter()
            .filter(|(_, nodes)| !nodes.is_empty())
            .map(|(kind, nodes)| District::new(kind, nodes, |_| 1.0))
            .collect();
        Self { districts, typical_trip_m: options.width_m.max(options.height_m) }
    }

    /// One district over a whole network, denser towards its middle: for cities of which no more is known.
    #[must_use]
    pub fn uniform(network: &RoadNetwork) -> Self {
        let middle = median_position(network);
        let mut distances: Vec<f64> =
            network.nodes().map(|node| network.position(node).distance_m(middle)).collect();
        distances.sort_by(f64::total_cmp);
        let half_m = distances[distances.len() / 2].max(1.0);
        let weight = |node| {
            let ratio = network.position(node).distance_m(middle) / half_m;
            0.02 + (-ratio * ratio / 2.0).exp()
        };
        let district = District::new(DistrictKind::Whole, network.nodes().collect(), weight);
        Self { districts: vec![district], typical_trip_m: half_m.max(2.0 * SHORTEST_TRIP_M) }
    }

    /// Draws where a trip begins at an hour of the day (0..24).
    pub fn sample_pickup(&self, rng: &mut impl Rng, hour: u32) -> NodeId {
        self.sample(rng, hour, DistrictKind::pickups)
    }

    /// Draws where a trip from `pickup` ends: never near enough to walk if the city allows, seldom very far.
    pub fn sample_dropoff(
        &self,
        network: &RoadNetwork,
        rng: &mut impl Rng,
        hour: u32,
        pickup: NodeId,
    ) -> NodeId {
        let start = network.position(pickup);
        let mut drawn = pickup;
        for _ in 0..MOST_DRAWS {
            drawn = self.sample(rng, hour, DistrictKind::dropoffs);
            let distance_m = start.distance_m(network.position(drawn));
            if distance_m >= SHORTEST_TRIP_M
                && rng.random::<f64>() < (-distance_m / self.typical_trip_m).exp()
            {
                break;
            }
        }
        drawn
    }

    /// The kinds of districts and how many junctions each has.
    pub fn sizes(&self) -> impl Iterator<Item = (DistrictKind, usize)> + '_ {
        self.districts.iter().map(|district| (district.kind, district.nodes.len()))
    }

    fn sample(&self, rng: &mut impl Rng, hour: u32, weights: impl Fn(DistrictKind) -> ByHour) -> NodeId {
        let block = (hour as usize % 24) / 3;
        let weight = |district: &District| u32::from(weights(district.kind)[block]);
        let total: u32 = self.districts.iter().map(weight).sum();
        let mut rest = if total == 0 { 0 } else { rng.random_range(0..total) };
        for district in &self.districts {
            if rest < weight(district) {
                return district.sample(rng);
            }
            rest -= weight(district);
        }
        self.districts[0].sample(rng)
    }
}

impl District {
    fn new(kind: DistrictKind, nodes: Vec<NodeId>, weight: impl Fn(NodeId) -> f64) -> Self {
        let mut sum = 0.0;
        let cumulative = nodes
            .iter()
            .map(|&node| {
                sum += weight(node);
                sum
            })
            .collect();
        Self { kind, nodes, cumulative }
    }

    fn sample(&self, rng: &mut impl Rng) -> NodeId {
        let total = self.cumulative[self.cumulative.len() - 1];
        let drawn = rng.random::<f64>() * total;
        let position = self.cumulative.partition_point(|&sum| sum <= drawn);
        self.nodes[position.min(self.nodes.len() - 1)]
    }
}

/// The centre in the middle, offices and bars beside it, a stadium farther out and an airport in a corner.
fn draw_sites(seed: u64, options: &CityOptions) -> Vec<Site> {
    // Not the stream that drew the streets, which would tie the two together.
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(1);
    let side_m = options.width_m.min(options.height_m);
    let turn: f64 = rng.random_range(0.0..std::f64::consts::TAU);
    let mut site = |kind, angle: f64, out: f64, radius: f64| {
        let angle = turn + angle + rng.random_range(-0.3..0.3);
        let out_m = out * side_m;
        let middle = options.centre.offset_m(out_m * angle.sin(), out_m * angle.cos());
        Site { kind, middle, radius_m: radius * side_m }
    };
    let mut sites = vec![
        site(DistrictKind::Nightlife, 2.4, 0.15, 0.07),
        site(DistrictKind::Business, 0.0, 0.18, 0.09),
        site(DistrictKind::Stadium, 4.2, 0.34, 0.05),
        site(DistrictKind::Centre, 0.0, 0.0, 0.13),
    ];
    let corner = (rng.random_bool(0.5), rng.random_bool(0.5));
    let sign = |positive: bool| if positive { 0.43 } else { -0.43 };
    let middle = options.centre.offset_m(sign(corner.0) * options.height_m, sign(corner.1) * options.width_m);
    sites.push(Site { kind: DistrictKind::Airport, middle, radius_m: 0.08 * side_m });
    sites
}

fn median_position(network: &RoadNetwork) -> LatLng {
    let median = |coordinate: fn(LatLng) -> f64| {
        let mut all: Vec<f64> = network.nodes().map(|node| coordinate(network.position(node))).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    LatLng { lat: median(|position| position.lat), lon: median(|position| position.lon) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn city(seed: u64) -> (RoadNetwork, Districts) {
        let options = CityOptions::default();
        let network = RoadNetwork::generate(seed, &options);
        let districts = Districts::generated(seed, &options, &network);
        (network, districts)
    }

    #[test]
    fn every_generated_city_has_all_its_districts() {
        for seed in 0..8 {
            let (network, districts) = city(seed);
            let sizes: Vec<_> = districts.sizes().collect();
            assert_eq!(sizes.len(), 6, "{sizes:?}");
            assert_eq!(sizes.iter().map(|(_, nodes)| nodes).sum::<usize>(), network.node_count());
        }
    }

    #[test]
    fn bars_fill_in_the_evening_and_empty_at_night() {
        let (_, districts) = city(4);
        let bars: Vec<NodeId> =
            districts.districts.iter().find(|d| d.kind == DistrictKind::Nightlife).unwrap().nodes.clone();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut pickups = |hour| {
            (0..2_000)
                .filter(|_| bars.binary_search(&districts.sample_pickup(&mut rng, hour)).is_ok())
                .count()
        };
        assert!(pickups(1) > 5 * pickups(8));
    }

    #[test]
    fn trips_are_too_long_to_walk() {
        let (network, districts) = city(4);
        let uniform = Districts::uniform(&network);
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for draw in 0..1_000 {
            let districts = if draw % 2 == 0 { &districts } else { &uniform };
            let pickup = districts.sample_pickup(&mut rng, draw % 24);
            let dropoff = districts.sample_dropoff(&network, &mut rng, draw % 24, pickup);
            assert!(network.position(pickup).distance_m(network.position(dropoff)) >= SHORTEST_TRIP_M);
        }
    }

    #[test]
    fn the_middle_of_an_unknown_city_is_busier_than_its_rim() {
        let (network, _) = city(4);
        let uniform = Districts::uniform(&network);
        let middle = network.bounding_box().centre();
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let near = |node| network.position(node).distance_m(middle) < 1_500.0;
        let drawn = (0..4_000).filter(|_| near(uniform.sample_pickup(&mut rng, 12))).count();
        let share = network.nodes().filter(|&node| near(node)).count() * 4_000 / network.node_count();
        assert!(drawn > share * 5 / 4, "{drawn} {share}");
    }
}
