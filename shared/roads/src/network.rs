//! The road network: a directed graph in compressed sparse rows, all of it mutually reachable.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use domain::{LatLng, Zone};

use crate::component::largest_component;
use crate::grid::Grid;
use crate::landmarks::Landmarks;
use crate::parts::{BoundingBox, Edge, EdgeId, EdgeSpec, NetworkParts, NodeId};
use crate::route::Route;
use crate::search::shortest_path;

/// A shorter or missing length (some sources have edges of length 0) becomes this or the chord.
const SHORTEST_EDGE_M: f64 = 1.0;

/// A road network on which every junction can be reached from every other.
#[derive(Clone, Debug)]
pub struct RoadNetwork {
    positions: Vec<LatLng>,
    zones: Vec<Zone>,
    /// Edges of node `n` are `edges[first_edge[n]..first_edge[n + 1]]`.
    first_edge: Vec<u32>,
    edges: Vec<Edge>,
    bounds: BoundingBox,
    grid: Grid,
    landmarks: Landmarks,
}

impl RoadNetwork {
    /// Builds the network of the largest strongly connected part; `None` if no edge lies in it.
    #[must_use]
    pub fn build(parts: &NetworkParts) -> Option<Self> {
        let kept = largest_component(parts.positions.len(), &parts.edges);
        let mut new_index = vec![u32::MAX; parts.positions.len()];
        let mut positions = Vec::with_capacity(kept.len());
        for &old in &kept {
            new_index[old as usize] = index(positions.len());
            positions.push(parts.positions[old as usize]);
        }
        let mut edges: Vec<Edge> = parts
            .edges
            .iter()
            .filter(|edge| edge.from != edge.to)
            .filter_map(|edge| to_edge(edge, &new_index, &positions))
            .collect();
        if edges.is_empty() {
            return None;
        }
        edges.sort_by_key(|edge| (edge.from, edge.to, edge.time_ms));
        let first_edge = row_starts(positions.len(), edges.iter().map(|edge| edge.from.0));
        let bounds = BoundingBox::around(&positions);
        let grid = Grid::new(&positions, bounds);
        let landmarks = Landmarks::choose(&positions, &first_edge, &edges);
        let zones = positions.iter().copied().map(Zone::of).collect();
        Some(Self { positions, zones, first_edge, edges, bounds, grid, landmarks })
    }

    /// How many junctions there are.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.positions.len()
    }

    /// How many directed edges there are.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// Every junction.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..index(self.positions.len())).map(NodeId)
    }

    /// Where a junction is.
    ///
    /// # Panics
    /// If the node is of another network.
    #[must_use]
    pub fn position(&self, node: NodeId) -> LatLng {
        self.positions[node.0 as usize]
    }

    /// The zone a junction lies in.
    ///
    /// # Panics
    /// If the node is of another network.
    #[must_use]
    pub fn zone(&self, node: NodeId) -> Zone {
        self.zones[node.0 as usize]
    }

    /// An edge.
    ///
    /// # Panics
    /// If the edge is of another network.
    #[must_use]
    pub fn edge(&self, edge: EdgeId) -> &Edge {
        &self.edges[edge.0 as usize]
    }

    /// The edges that leave a junction; there is always at least one.
    ///
    /// # Panics
    /// If the node is of another network.
    #[must_use]
    pub fn edges_from(&self, node: NodeId) -> &[Edge] {
        let range = self.edge_range(node);
        &self.edges[range.start as usize..range.end as usize]
    }

    /// The ids of the edges that leave a junction, in the order of `edges_from`.
    pub fn edge_ids_from(&self, node: NodeId) -> impl Iterator<Item = EdgeId> + use<> {
        self.edge_range(node).map(EdgeId)
    }

    /// The rectangle around all junctions.
    #[must_use]
    pub fn bounding_box(&self) -> BoundingBox {
        self.bounds
    }

    /// The junction nearest to a position and how far it is, unless nothing lies within 2 km.
    #[must_use]
    pub fn nearest_node(&self, position: LatLng) -> Option<(NodeId, f64)> {
        self.grid.nearest(&self.positions, position)
    }

    /// The fastest way between two junctions without traffic; `None` if one is not of this network.
    #[must_use]
    pub fn route(&self, from: NodeId, to: NodeId) -> Option<Route> {
        let known = |node: NodeId| (node.0 as usize) < self.positions.len();
        if !known(from) || !known(to) {
            return None;
        }
        let path = shortest_path(&self.first_edge, &self.edges, &self.landmarks, from, to)?;
        Some(Route::along(self, from, &path))
    }

    /// The fastest way between the junctions nearest to two positions; `None` if one is off the network.
    #[must_use]
    pub fn route_between(&self, from: LatLng, to: LatLng) -> Option<Route> {
        let (from, _) = self.nearest_node(from)?;
        let (to, _) = self.nearest_node(to)?;
        self.route(from, to)
    }

    /// Metres per second on the empty roads of each zone: its road metres over the time they take, since slow streets
    /// are where drivers are seen longest.
    #[must_use]
    pub fn free_speeds(&self) -> HashMap<Zone, f64> {
        let mut sums: BTreeMap<Zone, (f64, f64)> = BTreeMap::new();
        for node in self.nodes() {
            let (metres, seconds) = sums.entry(self.zone(node)).or_default();
            for edge in self.edges_from(node) {
                *metres += f64::from(edge.length_m);
                *seconds += f64::from(edge.time_ms) / 1000.0;
            }
        }
        sums.into_iter().map(|(zone, (metres, seconds))| (zone, metres / seconds)).collect()
    }

    fn edge_range(&self, node: NodeId) -> Range<u32> {
        self.first_edge[node.0 as usize]..self.first_edge[node.0 as usize + 1]
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths and times of one street are small"
)]
fn to_edge(spec: &EdgeSpec, new_index: &[u32], positions: &[LatLng]) -> Option<Edge> {
    let (from, to) = (new_index[spec.from as usize], new_index[spec.to as usize]);
    if from == u32::MAX || to == u32::MAX {
        return None;
    }
    let chord_m = positions[from as usize].distance_m(positions[to as usize]);
    let length_m = if spec.length_m > 0.0 { spec.length_m } else { chord_m }.max(SHORTEST_EDGE_M);
    let time_ms = (length_m / spec.freespeed_mps * 1000.0).round().max(1.0) as u32;
    Some(Edge {
        from: NodeId(from),
        to: NodeId(to),
        length_m: length_m as f32,
        freespeed_mps: spec.freespeed_mps as f32,
        time_ms,
        class: spec.class,
    })
}

/// Where each row begins in a list that is sorted by row; one more entry than rows.
pub(crate) fn row_starts(rows: usize, sorted_rows: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0u32; rows + 1];
    for row in sorted_rows {
        starts[row as usize + 1] += 1;
    }
    for row in 0..rows {
        starts[row + 1] += starts[row];
    }
    starts
}

/// A count as an index; networks have far fewer than 2^32 parts.
pub(crate) fn index(count: usize) -> u32 {
    u32::try_from(count).expect("a network has fewer than 2^32 nodes and edges")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::RoadClass;

    const ORIGIN: LatLng = LatLng { lat: 46.0, lon: 0.5 };

    fn spec(from: u32, to: u32, length_m: f64) -> EdgeSpec {
        EdgeSpec { from, to, length_m, freespeed_mps: 10.0, class: RoadClass::Street }
    }

    fn positions(count: u32) -> Vec<LatLng> {
        (0..count).map(|n| ORIGIN.offset_m(0.0, 100.0 * f64::from(n))).collect()
    }

    #[test]
    fn only_the_largest_mutually_reachable_part_is_kept() {
        // 0 <-> 1 <-> 2, and 3 can be reached but not left.
        let edges = vec![
            spec(0, 1, 100.0),
            spec(1, 0, 100.0),
            spec(1, 2, 100.0),
            spec(2, 1, 100.0),
            spec(2, 3, 100.0),
        ];
        let network = RoadNetwork::build(&NetworkParts { positions: positions(4), edges }).unwrap();
        assert_eq!((network.node_count(), network.edge_count()), (3, 4));
        assert!(network.nodes().all(|node| !network.edges_from(node).is_empty()));
    }

    #[test]
    fn edges_without_length_take_the_chord_and_loops_are_dropped() {
        let edges = vec![spec(0, 1, 0.0), spec(1, 0, 130.0), spec(1, 1, 50.0)];
        let network = RoadNetwork::build(&NetworkParts { positions: positions(2), edges }).unwrap();
        assert_eq!(network.edge_count(), 2);
        assert!((network.edges_from(NodeId(0))[0].length_m - 100.0).abs() < 0.5);
        assert_eq!(network.edges_from(NodeId(1))[0].time_ms, 13_000);
    }

    #[test]
    fn a_network_without_a_way_back_is_none() {
        assert!(RoadNetwork::build(&NetworkParts::default()).is_none());
        let one_way = NetworkParts { positions: positions(2), edges: vec![spec(0, 1, 100.0)] };
        assert!(RoadNetwork::build(&one_way).is_none());
    }
}
