//! Landmarks: exact times to and from a few far junctions, from which A* gets its lower bounds.
//!
//! The method is ALT (Goldberg and Harrelson, "Computing the shortest path: A* search meets graph theory", 2005).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use domain::LatLng;

use crate::network::{index, row_starts};
use crate::parts::{Edge, NodeId};

/// More landmarks bound better and cost memory: 8 bytes each per node.
const LANDMARKS: usize = 12;

/// How many landmarks one search uses: those that bound best between its ends.
pub(crate) const ACTIVE: usize = 4;

/// For every node and landmark the time from and to the landmark, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Landmarks {
    count: usize,
    /// `[node * count + landmark]` is (from landmark to node, from node to landmark).
    times_ms: Vec<(u32, u32)>,
}

/// The landmarks that one search uses and its target's times.
pub(crate) struct Bounds<'a> {
    landmarks: &'a Landmarks,
    active: [(usize, u32, u32); ACTIVE],
    used: usize,
}

impl Landmarks {
    /// Takes the junctions farthest from those taken before, so that they lie around the rim.
    pub(crate) fn choose(positions: &[LatLng], first_edge: &[u32], edges: &[Edge]) -> Self {
        let nodes = positions.len();
        let forward = Weighted {
            starts: first_edge.to_vec(),
            arcs: edges.iter().map(|edge| (edge.to.0, edge.time_ms)).collect(),
        };
        let backward = Weighted::reversed(nodes, edges);
        let count = LANDMARKS.min(nodes);
        let mut times_ms = vec![(0, 0); nodes * count];
        let mut nearest_ms = forward.times_from(0);
        for landmark in 0..count {
            let farthest = (0..nodes).max_by_key(|&node| (nearest_ms[node], Reverse(node))).unwrap_or(0);
            let from = forward.times_from(index(farthest));
            let to = backward.times_from(index(farthest));
            for node in 0..nodes {
                times_ms[node * count + landmark] = (from[node], to[node]);
                nearest_ms[node] = if landmark == 0 { from[node] } else { nearest_ms[node].min(from[node]) };
            }
        }
        Self { count, times_ms }
    }

    /// Picks the landmarks that bound the way from `from` to `to` best.
    pub(crate) fn towards(&self, from: NodeId, to: NodeId) -> Bounds<'_> {
        let (source, target) = (self.row(from), self.row(to));
        let mut ranked: Vec<(u32, usize)> =
            (0..self.count).map(|landmark| (bound(source[landmark], target[landmark]), landmark)).collect();
        ranked.sort_unstable_by_key(|&(ms, landmark)| (Reverse(ms), landmark));
        let mut active = [(0, 0, 0); ACTIVE];
        for (slot, &(_, landmark)) in active.iter_mut().zip(&ranked) {
            *slot = (landmark, target[landmark].0, target[landmark].1);
        }
        Bounds { landmarks: self, active, used: ACTIVE.min(self.count) }
    }

    fn row(&self, node: NodeId) -> &[(u32, u32)] {
        &self.times_ms[node.0 as usize * self.count..][..self.count]
    }
}

impl Bounds<'_> {
    /// A time that the way from `node` to the target takes at least.
    pub(crate) fn at_least_ms(&self, node: NodeId) -> u32 {
        let row = self.landmarks.row(node);
        self.active[..self.used]
            .iter()
            .map(|&(landmark, from, to)| bound(row[landmark], (from, to)))
            .max()
            .unwrap_or(0)
    }
}

/// The triangle inequality both ways round.
fn bound(node: (u32, u32), target: (u32, u32)) -> u32 {
    target.0.saturating_sub(node.0).max(node.1.saturating_sub(target.1))
}

struct Weighted {
    starts: Vec<u32>,
    arcs: Vec<(u32, u32)>,
}

impl Weighted {
    fn reversed(nodes: usize, edges: &[Edge]) -> Self {
        let mut triples: Vec<(u32, u32, u32)> =
            edges.iter().map(|edge| (edge.to.0, edge.from.0, edge.time_ms)).collect();
        triples.sort_unstable();
        let starts = row_starts(nodes, triples.iter().map(|triple| triple.0));
        Self { starts, arcs: triples.into_iter().map(|triple| (triple.1, triple.2)).collect() }
    }

    /// Dijkstra to all nodes.
    fn times_from(&self, source: u32) -> Vec<u32> {
        let mut times = vec![u32::MAX; self.starts.len() - 1];
        let mut queue = BinaryHeap::from([Reverse((0u32, source))]);
        times[source as usize] = 0;
        while let Some(Reverse((ms, node))) = queue.pop() {
            if ms > times[node as usize] {
                continue;
            }
            let row = self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize;
            for &(target, arc_ms) in &self.arcs[row] {
                let through = ms.saturating_add(arc_ms);
                if through < times[target as usize] {
                    times[target as usize] = through;
                    queue.push(Reverse((through, target)));
                }
            }
        }
        times
    }
}
