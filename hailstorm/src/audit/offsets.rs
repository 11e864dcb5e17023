//! Sets of offsets as ranges: millions of neighbouring ones take a few bytes.

/// A set of offsets, filled in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OffsetRanges {
    /// Half-open, ascending, with gaps in between.
    ranges: Vec<(i64, i64)>,
}

impl OffsetRanges {
    /// Adds an offset that is not below those before; a repeated one changes nothing.
    pub(super) fn push(&mut self, offset: i64) {
        match self.ranges.last_mut() {
            Some((_, end)) if *end == offset => *end += 1,
            Some((_, end)) if *end > offset => {
                debug_assert!(*end == offset + 1, "offsets come in ascending order")
            }
            Some(_) | None => self.ranges.push((offset, offset + 1)),
        }
    }

    /// The set of these runs, which come in ascending order, and what is in more than one of them.
    pub(super) fn of_runs(runs: &[(i64, i64)]) -> (Self, Vec<(i64, i64)>) {
        let (mut set, mut twice) = (Self::default(), Vec::new());
        for &(start, end) in runs {
            match set.ranges.last_mut() {
                Some((_, last)) if start <= *last => {
                    if start < *last {
                        twice.push((start, end.min(*last)));
                    }
                    *last = end.max(*last);
                }
                Some(_) | None => set.ranges.push((start, end)),
            }
        }
        (set, twice)
    }

    /// Whether it holds an offset.
    pub(super) fn contains(&self, offset: i64) -> bool {
        let behind = self.ranges.partition_point(|(start, _)| *start <= offset);
        behind > 0 && offset < self.ranges[behind - 1].1
    }

    /// What this holds below an offset, as half-open ranges.
    pub(super) fn below(&self, end: i64) -> Vec<(i64, i64)> {
        let clipped = self.ranges.iter().map(|&(start, last)| (start, last.min(end)));
        clipped.filter(|(start, last)| start < last).collect()
    }

    /// What both hold, as half-open ranges.
    pub(super) fn and(&self, other: &Self) -> Vec<(i64, i64)> {
        let only_here = Self { ranges: self.minus(other) };
        self.minus(&only_here)
    }

    /// How many offsets it holds.
    pub(super) fn len(&self) -> u64 {
        self.ranges.iter().map(|(start, end)| end.abs_diff(*start)).sum()
    }

    /// What this holds and `other` does not, as half-open ranges.
    pub(super) fn minus(&self, other: &Self) -> Vec<(i64, i64)> {
        let mut left = Vec::new();
        let mut others = other.ranges.iter().copied().peekable();
        for (mut start, end) in self.ranges.iter().copied() {
            while start < end {
                match others.peek().copied() {
                    Some((_, other_end)) if other_end <= start => {
                        others.next();
                    }
                    Some((other_start, other_end)) if other_start < end => {
                        if start < other_start {
                            left.push((start, other_start));
                        }
                        start = other_end;
                    }
                    Some(_) | None => {
                        left.push((start, end));
                        start = end;
                    }
                }
            }
        }
        left
    }
}

impl FromIterator<i64> for OffsetRanges {
    fn from_iter<I: IntoIterator<Item = i64>>(offsets: I) -> Self {
        let mut set = Self::default();
        offsets.into_iter().for_each(|offset| set.push(offset));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn neighbours_take_one_range() {
        let set: OffsetRanges = (0..1_000_000).chain(1_000_001..2_000_000).collect();
        assert_eq!(set.ranges, [(0, 1_000_000), (1_000_001, 2_000_000)]);
        assert_eq!(set.len(), 1_999_999);
    }

    #[test]
    fn runs_of_several_files_become_one_set_and_what_is_there_twice_is_told() {
        let (set, twice) = OffsetRanges::of_runs(&[(0, 5), (5, 7), (6, 9), (6, 8), (20, 21), (20, 21)]);
        assert_eq!(set.ranges, [(0, 9), (20, 21)]);
        assert_eq!(twice, [(6, 7), (6, 8), (20, 21)]);
        assert_eq!(OffsetRanges::of_runs(&[]), (OffsetRanges::default(), vec![]));
    }

    #[test]
    fn a_difference_of_ranges_is_that_of_the_sets() {
        // All pairs of subsets of 0..7, by their bits.
        for (a, b) in (0u32..128).flat_map(|a| (0u32..128).map(move |b| (a, b))) {
            let members = |bits: u32| (0i64..7).filter(move |bit| bits >> bit & 1 == 1);
            let (set_a, set_b): (OffsetRanges, OffsetRanges) = (members(a).collect(), members(b).collect());
            let found = |ranges: Vec<(i64, i64)>| -> BTreeSet<i64> {
                ranges.into_iter().flat_map(|(start, end)| start..end).collect()
            };
            assert_eq!(found(set_a.minus(&set_b)), members(a & !b).collect(), "{a:b} minus {b:b}");
            assert_eq!(found(set_a.and(&set_b)), members(a & b).collect(), "{a:b} and {b:b}");
            let (below, end) = (found(set_a.below(i64::from(b % 8))), i64::from(b % 8));
            assert_eq!(below, members(a).filter(|offset| *offset < end).collect(), "{a:b} below {end}");
            assert!((0..8).all(|offset| set_a.contains(offset) == members(a).any(|found| found == offset)));
        }
    }
}
