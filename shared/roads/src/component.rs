//! The largest strongly connected part of a graph (Kosaraju's two passes, without recursion).

use crate::network::{index, row_starts};
use crate::parts::EdgeSpec;

/// The nodes of the largest part in which every node reaches every other, in ascending order.
pub(crate) fn largest_component(nodes: usize, edges: &[EdgeSpec]) -> Vec<u32> {
    let forward = Adjacency::new(nodes, edges, |edge| (edge.from, edge.to));
    let backward = Adjacency::new(nodes, edges, |edge| (edge.to, edge.from));
    let order = forward.finishing_order();
    let mut part = vec![u32::MAX; nodes];
    let mut sizes: Vec<u32> = Vec::new();
    for &root in order.iter().rev() {
        if part[root as usize] == u32::MAX {
            let label = index(sizes.len());
            sizes.push(backward.label_reachable(root, label, &mut part));
        }
    }
    let Some(largest) = (0..sizes.len()).max_by_key(|&label| (sizes[label], std::cmp::Reverse(label))) else {
        return Vec::new();
    };
    (0..index(nodes)).filter(|&node| part[node as usize] == index(largest)).collect()
}

struct Adjacency {
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Adjacency {
    fn new(nodes: usize, edges: &[EdgeSpec], ends: impl Fn(&EdgeSpec) -> (u32, u32)) -> Self {
        let mut pairs: Vec<(u32, u32)> = edges.iter().map(ends).collect();
        pairs.sort_unstable();
        let starts = row_starts(nodes, pairs.iter().map(|pair| pair.0));
        Self { starts, targets: pairs.into_iter().map(|pair| pair.1).collect() }
    }

    fn finishing_order(&self) -> Vec<u32> {
        let nodes = self.starts.len() - 1;
        let mut seen = vec![false; nodes];
        let mut next_edge = self.starts.clone();
        let mut order = Vec::with_capacity(nodes);
        let mut stack = Vec::new();
        for root in 0..index(nodes) {
            if std::mem::replace(&mut seen[root as usize], true) {
                continue;
            }
            stack.push(root);
            while let Some(&node) = stack.last() {
                let cursor = next_edge[node as usize];
                if cursor == self.starts[node as usize + 1] {
                    order.push(node);
                    stack.pop();
                    continue;
                }
                next_edge[node as usize] += 1;
                let target = self.targets[cursor as usize];
                if !std::mem::replace(&mut seen[target as usize], true) {
                    stack.push(target);
                }
            }
        }
        order
    }

    /// Labels all unlabelled nodes that `root` reaches; says how many.
    fn label_reachable(&self, root: u32, label: u32, part: &mut [u32]) -> u32 {
        let mut stack = vec![root];
        let mut count = 0;
        part[root as usize] = label;
        while let Some(node) = stack.pop() {
            count += 1;
            let row = self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize;
            for &target in &self.targets[row] {
                if part[target as usize] == u32::MAX {
                    part[target as usize] = label;
                    stack.push(target);
                }
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::RoadClass;

    #[test]
    fn the_largest_cycle_wins() {
        let pairs = [(0, 1), (1, 0), (1, 2), (2, 3), (3, 4), (4, 2), (4, 5)];
        let edges: Vec<EdgeSpec> = pairs
            .into_iter()
            .map(|(from, to)| EdgeSpec {
                from,
                to,
                length_m: 1.0,
                freespeed_mps: 1.0,
                class: RoadClass::Street,
            })
            .collect();
        assert_eq!(largest_component(6, &edges), vec![2, 3, 4]);
        assert!(largest_component(0, &[]).is_empty());
    }
}
