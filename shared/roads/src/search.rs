//! A* over the network with landmark bounds.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::landmarks::Landmarks;
use crate::parts::{Edge, EdgeId, NodeId};

const NONE: u32 = u32::MAX;

/// The edges of the fastest path, in order; empty if both ends are one.
///
/// Times are whole milliseconds and the bounds obey the triangle inequality, so that a node is final when popped.
pub(crate) fn shortest_path(
    first_edge: &[u32],
    edges: &[Edge],
    landmarks: &Landmarks,
    from: NodeId,
    to: NodeId,
) -> Option<Vec<EdgeId>> {
    let bounds = landmarks.towards(from, to);
    let nodes = first_edge.len() - 1;
    let mut time_ms = vec![u32::MAX; nodes];
    let mut arrived_by = vec![NONE; nodes];
    let mut queue = BinaryHeap::with_capacity(256);
    time_ms[from.0 as usize] = 0;
    let start_bound_ms = bounds.at_least_ms(from);
    queue.push(Reverse((start_bound_ms, from.0, start_bound_ms)));
    while let Some(Reverse((estimate_ms, node, bound_ms))) = queue.pop() {
        let so_far_ms = time_ms[node as usize];
        if node == to.0 {
            return Some(walk_back(edges, &arrived_by, from, to));
        }
        if estimate_ms > so_far_ms.saturating_add(bound_ms) {
            continue;
        }
        for edge in first_edge[node as usize]..first_edge[node as usize + 1] {
            let Edge { to: target, time_ms: edge_ms, .. } = edges[edge as usize];
            let through_ms = so_far_ms.saturating_add(edge_ms);
            if through_ms < time_ms[target.0 as usize] {
                time_ms[target.0 as usize] = through_ms;
                arrived_by[target.0 as usize] = edge;
                let bound_ms = bounds.at_least_ms(target);
                queue.push(Reverse((through_ms.saturating_add(bound_ms), target.0, bound_ms)));
            }
        }
    }
    None
}

fn walk_back(edges: &[Edge], arrived_by: &[u32], from: NodeId, to: NodeId) -> Vec<EdgeId> {
    let mut path = Vec::new();
    let mut node = to;
    while node != from {
        let edge = arrived_by[node.0 as usize];
        path.push(EdgeId(edge));
        node = edges[edge as usize].from;
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use crate::generate::CityOptions;
    use crate::network::RoadNetwork;
    use crate::parts::NodeId;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static CITY: LazyLock<RoadNetwork> = LazyLock::new(|| {
        RoadNetwork::generate(
            5,
            &CityOptions { width_m: 1_500.0, height_m: 1_500.0, ..CityOptions::default() },
        )
    });

    /// Bellman-Ford: slow and plainly right.
    fn time_ms_by_relaxation(from: NodeId, to: NodeId) -> u32 {
        let mut times = vec![u32::MAX; CITY.node_count()];
        times[from.0 as usize] = 0;
        loop {
            let mut changed = false;
            for node in CITY.nodes() {
                for edge in CITY.edges_from(node) {
                    let through = times[node.0 as usize].saturating_add(edge.time_ms);
                    if through < times[edge.to.0 as usize] {
                        times[edge.to.0 as usize] = through;
                        changed = true;
                    }
                }
            }
            if !changed {
                return times[to.0 as usize];
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_route_is_as_fast_as_any_can_be(a in 0u32..10_000, b in 0u32..10_000) {
            let count = u32::try_from(CITY.node_count()).unwrap();
            let (from, to) = (NodeId(a % count), NodeId(b % count));
            let route = CITY.route(from, to).unwrap();
            let expected_s = f64::from(time_ms_by_relaxation(from, to)) / 1000.0;
            prop_assert!((route.freeflow_s() - expected_s).abs() < 0.01);
            let nodes: Vec<NodeId> = route.nodes().collect();
            prop_assert_eq!((nodes[0], nodes[nodes.len() - 1]), (from, to));
            for pair in nodes.windows(2) {
                prop_assert!(CITY.edges_from(pair[0]).iter().any(|edge| edge.to == pair[1]));
            }
        }
    }

    #[test]
    fn nodes_of_another_network_have_no_route() {
        assert!(CITY.route(NodeId(0), NodeId(u32::MAX)).is_none());
    }
}
