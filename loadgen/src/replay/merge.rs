//! One order of time for all copies: a cursor each over the same table, the one that is due first on top of a heap.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use super::recording::Ping;

/// The cursors of all copies. Times are in ms after the first position of the recording.
#[derive(Clone, Debug)]
pub(super) struct Merge {
    /// When a copy's next position is due, which copy, and the index of the position.
    cursors: BinaryHeap<Reverse<(i64, u32, usize)>>,
    shifts_ms: Vec<i64>,
    skipped: usize,
}

/// A position that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) due_ms: i64,
    pub(super) copy: u32,
    pub(super) index: usize,
}

impl Merge {
    /// Cursors at the first position that is due at `from_ms` or later.
    pub(super) fn new(pings: &[Ping], shifts_ms: &[i64], from_ms: i64) -> Self {
        let mut merge = Self { cursors: BinaryHeap::new(), shifts_ms: shifts_ms.to_vec(), skipped: 0 };
        for (copy, &shift_ms) in (0u32..).zip(shifts_ms) {
            let index = pings.partition_point(|ping| i64::from(ping.offset_ms) + shift_ms < from_ms);
            merge.skipped += index;
            if let Some(ping) = pings.get(index) {
                merge.cursors.push(Reverse((i64::from(ping.offset_ms) + shift_ms, copy, index)));
            }
        }
        merge
    }

    /// The next position, if it is due by `until_ms`.
    pub(super) fn next(&mut self, pings: &[Ping], until_ms: i64) -> Option<Turn> {
        let mut top = self.cursors.peek_mut()?;
        let Reverse((due_ms, copy, index)) = *top;
        if due_ms > until_ms {
            return None;
        }
        match pings.get(index + 1) {
            Some(ping) => {
                let next_ms = i64::from(ping.offset_ms) + self.shifts_ms[copy as usize];
                *top = Reverse((next_ms, copy, index + 1));
            }
            None => drop(PeekMut::pop(top)),
        }
        Some(Turn { due_ms, copy, index })
    }

    /// Whether every position of every copy has had its turn.
    pub(super) fn is_done(&self) -> bool {
        self.cursors.is_empty()
    }

    /// How many positions were due before the beginning.
    pub(super) fn skipped(&self) -> usize {
        self.skipped
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::replay::recording::tests::recording;

    fn pings(seconds: &[u32]) -> Vec<Ping> {
        let rows: String = seconds.iter().map(|second| format!("{second},1,46,0.5\n")).collect();
        recording(&rows).unwrap().pings
    }

    #[test]
    fn copies_take_turns_by_time_and_nobody_is_early() {
        let pings = pings(&[0, 10, 10, 20]);
        let mut merge = Merge::new(&pings, &[0, 5_000], 0);
        let mut turns = |until_ms| -> Vec<(i64, u32, usize)> {
            std::iter::from_fn(|| merge.next(&pings, until_ms))
                .map(|turn| (turn.due_ms, turn.copy, turn.index))
                .collect()
        };
        assert_eq!(turns(9_999), [(0, 0, 0), (5_000, 1, 0)]);
        assert_eq!(turns(15_000), [(10_000, 0, 1), (10_000, 0, 2), (15_000, 1, 1), (15_000, 1, 2)]);
        assert_eq!(turns(15_000), []);
        assert_eq!(turns(i64::MAX), [(20_000, 0, 3), (25_000, 1, 3)]);
        assert!(merge.is_done());
    }

    proptest! {
        #[test]
        fn every_position_of_every_copy_comes_once_in_order_of_time(
            mut seconds in prop::collection::vec(0u32..2_000, 1..60),
            shifts_ms in prop::collection::vec(-600_000i64..600_000, 1..12),
            from_ms in -600_000i64..600_000,
            step_ms in 1i64..200_000,
        ) {
            seconds.sort_unstable();
            let pings = pings(&seconds);
            let mut merge = Merge::new(&pings, &shifts_ms, from_ms);
            let skipped = merge.skipped();
            let (mut turns, mut now_ms) = (Vec::new(), from_ms);
            while !merge.is_done() {
                while let Some(turn) = merge.next(&pings, now_ms) {
                    prop_assert!(turn.due_ms <= now_ms && turn.due_ms > now_ms - step_ms);
                    turns.push(turn);
                }
                now_ms += step_ms;
            }
            let mut expected: Vec<Turn> = (0u32..)
                .zip(&shifts_ms)
                .flat_map(|(copy, shift_ms)| pings.iter().enumerate().map(move |(index, ping)| {
                    Turn { due_ms: i64::from(ping.offset_ms) + shift_ms, copy, index }
                }))
                .filter(|turn| turn.due_ms >= from_ms)
                .collect();
            expected.sort();
            prop_assert_eq!(turns.len() + skipped, pings.len() * shifts_ms.len());
            prop_assert_eq!(turns, expected);
        }
    }
}
