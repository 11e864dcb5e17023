//! Which driver for which trip: the assignment of least total cost, and the greedy one to compare it with.
//!
//! Each row is a trip with the few drivers near it, so the problem is a sparse bipartite graph. It is solved by
//! shortest augmenting paths with node potentials (Jonker and Volgenant 1987, its augmentation phase, on adjacency
//! lists with a heap). Every row also has a column of its own at a price above all else, "no driver": so as many
//! rows as possible get a driver first, and among those ways the cheapest is taken.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// A pair a row may take: the driver (any index, the same for all rows) and what it costs. Matching uses
/// deciseconds; costs may be negative, their size has to stay below 2^31 so that sums cannot overflow.
pub type Candidate = (usize, i64);

/// Rows that wait, each with its candidates in any order.
pub type Rows = [Vec<Candidate>];

/// How pairs are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Least total cost.
    #[default]
    Optimal,
    /// The cheapest pair first, then the cheapest of what is left: the baseline to beat.
    Greedy,
}

impl Method {
    /// For each row the driver it gets, if any; no driver twice.
    #[must_use]
    pub fn solve(self, rows: &Rows) -> Vec<Option<usize>> {
        match self {
            Self::Optimal => assign(rows),
            Self::Greedy => greedy(rows),
        }
    }
}

/// Gives as many rows as possible a driver, at the least total cost.
#[must_use]
pub fn assign(rows: &Rows) -> Vec<Option<usize>> {
    let graph = Graph::new(rows);
    let mut search = Search::new(&graph);
    for row in 0..rows.len() {
        search.augment(row);
    }
    let driver_of = |row: usize| graph.drivers.get(search.column_of[row]).copied();
    (0..rows.len()).map(driver_of).collect()
}

/// Takes the cheapest pair of all, then the cheapest of what is left, and so on; on a tie the earlier row.
#[must_use]
pub fn greedy(rows: &Rows) -> Vec<Option<usize>> {
    let pairs = rows
        .iter()
        .enumerate()
        .flat_map(|(row, all)| all.iter().map(move |&(driver, cost)| (cost, row, driver)));
    let mut pairs: Vec<(i64, usize, usize)> = pairs.collect();
    pairs.sort_unstable();
    let mut taken = std::collections::HashSet::new();
    let mut chosen = vec![None; rows.len()];
    for (_, row, driver) in pairs {
        if chosen[row].is_none() && taken.insert(driver) {
            chosen[row] = Some(driver);
        }
    }
    chosen
}

/// The rows as a compressed graph: columns are numbered densely, the drivers first, then one "no driver" a row.
struct Graph {
    /// Where the edges of each row begin in `edges`; one more entry than rows.
    starts: Vec<usize>,
    /// (column, cost).
    edges: Vec<(usize, i64)>,
    /// The driver of each real column.
    drivers: Vec<usize>,
}

impl Graph {
    fn new(rows: &Rows) -> Self {
        let mut columns: BTreeMap<usize, usize> =
            rows.iter().flatten().map(|&(driver, _)| (driver, 0)).collect();
        columns.values_mut().enumerate().for_each(|(number, column)| *column = number);
        let drivers: Vec<usize> = columns.keys().copied().collect();
        let largest = rows.iter().flatten().map(|&(_, cost)| cost.abs()).max().unwrap_or(0);
        let row_count = i64::try_from(rows.len()).expect("rows fit in memory");
        // More than any change of all other pairs together can save, so nobody goes without to make others cheaper.
        let no_driver = 2 * (largest + 1) * (row_count + 1);
        let mut starts = vec![0];
        let mut edges = Vec::new();
        for (row, candidates) in rows.iter().enumerate() {
            edges.extend(candidates.iter().map(|&(driver, cost)| (columns[&driver], cost)));
            edges.push((drivers.len() + row, no_driver));
            starts.push(edges.len());
        }
        Self { starts, edges, drivers }
    }

    fn edges_of(&self, row: usize) -> &[(usize, i64)] {
        &self.edges[self.starts[row]..self.starts[row + 1]]
    }
}

const NOBODY: usize = usize::MAX;

/// The matching so far with the potentials that prove it cheapest, and the memory of one search.
struct Search<'a> {
    graph: &'a Graph,
    column_of: Vec<usize>,
    row_of: Vec<usize>,
    /// The cost of each row's pair.
    cost_of: Vec<i64>,
    /// Potential of each column. Each matched pair is cheapest for its row by `cost - potential`.
    potential: Vec<i64>,
    distance: Vec<i64>,
    /// From which row a column was reached, at which cost.
    reached_from: Vec<(usize, i64)>,
    done: Vec<bool>,
    touched: Vec<usize>,
}

impl<'a> Search<'a> {
    fn new(graph: &'a Graph) -> Self {
        let rows = graph.starts.len() - 1;
        let columns = graph.drivers.len() + rows;
        Self {
            graph,
            column_of: vec![NOBODY; rows],
            row_of: vec![NOBODY; columns],
            cost_of: vec![0; rows],
            potential: vec![0; columns],
            distance: vec![i64::MAX; columns],
            reached_from: vec![(NOBODY, 0); columns],
            done: vec![false; columns],
            touched: Vec::new(),
        }
    }

    /// Matches one more row along the cheapest chain of changes that ends in a free column.
    fn augment(&mut self, start: usize) {
        let mut heap = BinaryHeap::new();
        self.scan(start, 0, &mut heap);
        let end = loop {
            let Reverse((distance, column)) = heap.pop().expect("a row's own column is always free for it");
            if self.done[column] || distance > self.distance[column] {
                continue;
            }
            if self.row_of[column] == NOBODY {
                break column;
            }
            self.done[column] = true;
            let row = self.row_of[column];
            // The pair is tight, so what it costs beyond its potential is the least this row can pay.
            let least = self.cost_of[row] - self.potential[column];
            self.scan(row, distance - least, &mut heap);
        };
        self.settle(end);
        self.flip(start, end);
    }

    /// Looks along the edges of a row; `base` is the length of the way to it.
    fn scan(&mut self, row: usize, base: i64, heap: &mut BinaryHeap<Reverse<(i64, usize)>>) {
        for &(column, cost) in self.graph.edges_of(row) {
            let distance = base + cost - self.potential[column];
            if distance < self.distance[column] && !self.done[column] {
                if self.distance[column] == i64::MAX {
                    self.touched.push(column);
                }
                self.distance[column] = distance;
                self.reached_from[column] = (row, cost);
                heap.push(Reverse((distance, column)));
            }
        }
    }

    /// Moves the potentials so that all pairs stay tight, and forgets the distances.
    fn settle(&mut self, end: usize) {
        let length = self.distance[end];
        for column in self.touched.drain(..) {
            if self.done[column] {
                self.potential[column] += self.distance[column] - length;
                self.done[column] = false;
            }
            self.distance[column] = i64::MAX;
        }
    }

    /// Gives every row on the way the column it was left by.
    fn flip(&mut self, start: usize, end: usize) {
        let mut column = end;
        loop {
            let (row, cost) = self.reached_from[column];
            let left = std::mem::replace(&mut self.column_of[row], column);
            self.row_of[column] = row;
            self.cost_of[row] = cost;
            if row == start {
                break;
            }
            column = left;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How many rows got a driver, and for how much in all. Panics if a driver serves twice or was no candidate.
    fn value(rows: &Rows, chosen: &[Option<usize>]) -> (usize, i64) {
        let mut taken = std::collections::BTreeSet::new();
        let costs: Vec<i64> = chosen
            .iter()
            .zip(rows)
            .filter_map(|(choice, candidates)| {
                let driver = (*choice)?;
                assert!(taken.insert(driver), "driver {driver} serves twice");
                Some(candidates.iter().filter(|pair| pair.0 == driver).map(|pair| pair.1).min().unwrap())
            })
            .collect();
        (costs.len(), costs.iter().sum())
    }

    /// The best by trying everything: most rows first, then least cost.
    fn best(rows: &Rows, taken: &mut Vec<usize>) -> (usize, i64) {
        let Some((first, rest)) = rows.split_first() else { return (0, 0) };
        let mut found = best(rest, taken);
        for &(driver, cost) in first {
            if taken.contains(&driver) {
                continue;
            }
            taken.push(driver);
            let (count, sum) = best(rest, taken);
            taken.pop();
            if (count + 1, Reverse(sum + cost)) > (found.0, Reverse(found.1)) {
                found = (count + 1, sum + cost);
            }
        }
        found
    }

    #[test]
    fn a_farther_driver_is_taken_when_all_are_better_off() {
        let rows = vec![vec![(7, 10), (9, 12)], vec![(7, 11), (9, 40)]];
        assert_eq!(assign(&rows), [Some(9), Some(7)]);
        assert_eq!(greedy(&rows), [Some(7), Some(9)]);
    }

    #[test]
    fn as_many_rows_as_possible_get_a_driver_even_if_that_costs_more() {
        let rows = vec![vec![(0, 1), (1, 1_000_000)], vec![(0, 1)]];
        assert_eq!(assign(&rows), [Some(1), Some(0)]);
    }

    #[test]
    fn rows_without_candidates_and_no_rows_at_all_are_fine() {
        assert_eq!(assign(&[]), []);
        assert_eq!(assign(&[vec![], vec![(3, 5)], vec![]]), [None, Some(3), None]);
        assert_eq!(greedy(&[vec![], vec![(3, 5)], vec![]]), [None, Some(3), None]);
    }

    /// Trips and drivers in a square, each trip with its nearest `k` drivers; a fixed linear congruential generator
    /// (Knuth's MMIX constants) stands in for chance.
    fn square(trips: usize, drivers: usize, k: usize) -> Vec<Vec<Candidate>> {
        let mut state = 42u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((state >> 33) % 10_000).unwrap()
        };
        let places: Vec<(i64, i64)> = (0..drivers).map(|_| (next(), next())).collect();
        let nearest = |x: i64, y: i64| {
            let mut all: Vec<Candidate> = places
                .iter()
                .enumerate()
                .map(|(driver, place)| (driver, (place.0 - x).abs() + (place.1 - y).abs()))
                .collect();
            all.sort_unstable_by_key(|pair| pair.1);
            all.truncate(k);
            all
        };
        (0..trips).map(|_| nearest(next(), next())).collect()
    }

    #[test]
    fn large_windows_are_solved_and_timed() {
        for (trips, drivers, k) in
            [(1000, 3000, 20), (1000, 1000, 20), (1000, 200, 20), (5000, 5000, 10), (5000, 500, 10)]
        {
            let rows = square(trips, drivers, k);
            let start = std::time::Instant::now();
            let optimal = assign(&rows);
            let took = start.elapsed();
            let (count, total) = value(&rows, &optimal);
            let (greedy_count, greedy_total) = value(&rows, &greedy(&rows));
            println!(
                "{trips} trips, {drivers} drivers, {k} candidates: {took:?}, {count} pairs for {total}; greedy {greedy_count} for {greedy_total}"
            );
            assert!(count >= greedy_count && (count > greedy_count || total <= greedy_total));
        }
    }

    fn any_rows(count: usize) -> impl Strategy<Value = Vec<Vec<Candidate>>> {
        prop::collection::vec(prop::collection::vec((0usize..7, -50i64..200), 0..5), 0..count)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn nothing_is_better_than_the_assignment(rows in any_rows(7)) {
            prop_assert_eq!(value(&rows, &assign(&rows)), best(&rows, &mut Vec::new()));
        }

        #[test]
        fn greedy_is_never_cheaper_with_as_many_pairs(rows in any_rows(12)) {
            let (count, total) = value(&rows, &assign(&rows));
            let (greedy_count, greedy_total) = value(&rows, &greedy(&rows));
            prop_assert!(count >= greedy_count);
            prop_assert!(count > greedy_count || total <= greedy_total);
        }
    }
}
