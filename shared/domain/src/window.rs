//! Sliding windows by event time: intervals, how far event time has come, and distinct things in a window.
//!
//! All of it is independent of the order of arrival: what arrives late, but not too late, counts as if in time.

use std::collections::BTreeMap;

use crate::CityMs;

/// A span of city time, but never shorter than a second of real time at this speed of the city's clock: faster
/// cities get longer intervals, not more work.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "a second at any sensible speed is far below 2^63 ms")]
pub fn at_least_a_real_second(city_ms: i64, speed: f64) -> i64 {
    city_ms.max((1000.0 * speed).ceil() as i64)
}

/// City time cut into intervals of equal length, counted from the epoch so that everybody cuts alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals {
    /// Length in city time.
    pub length_ms: i64,
}

impl Intervals {
    /// Start of the interval that holds a moment.
    #[must_use]
    pub fn start_of(self, at: CityMs) -> CityMs {
        CityMs(at.0.div_euclid(self.length_ms) * self.length_ms)
    }

    /// The end (which belongs to the next interval) of the interval that starts here.
    #[must_use]
    pub fn end_of(self, start: CityMs) -> CityMs {
        start.plus_ms(self.length_ms)
    }

    /// How many whole intervals make up a span; at least one.
    #[must_use]
    pub fn in_span(self, span_ms: i64) -> i64 {
        (span_ms / self.length_ms).max(1)
    }
}

/// How far event time has come in one stream, and what is too late for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watermark {
    newest: Option<CityMs>,
    lateness_ms: i64,
}

impl Watermark {
    /// Nothing seen yet; events may be late by this much.
    #[must_use]
    pub fn new(lateness_ms: i64) -> Self {
        Self { newest: None, lateness_ms }
    }

    /// Takes note of an event.
    pub fn advance(&mut self, at: CityMs) {
        self.newest = self.newest.max(Some(at));
    }

    /// The newest event.
    #[must_use]
    pub fn newest(&self) -> Option<CityMs> {
        self.newest
    }

    /// Whether whatever ends here gets no more events.
    #[must_use]
    pub fn has_passed(&self, end: CityMs) -> bool {
        self.newest.is_some_and(|newest| newest.since(end) > self.lateness_ms)
    }
}

/// Distinct things by the moment they were first seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinctWindow<K> {
    first_seen: BTreeMap<K, CityMs>,
}

impl<K> Default for DistinctWindow<K> {
    fn default() -> Self {
        Self { first_seen: BTreeMap::new() }
    }
}

impl<K: Ord> DistinctWindow<K> {
    /// Takes in a thing; seen again it keeps its earliest moment.
    pub fn insert(&mut self, key: K, at: CityMs) {
        let first = self.first_seen.entry(key).or_insert(at);
        *first = at.min(*first);
    }

    /// How many things lie after `start`, up to and including `end`.
    #[must_use]
    pub fn count(&self, start: CityMs, end: CityMs) -> usize {
        self.first_seen.values().filter(|at| **at > start && **at <= end).count()
    }

    /// Forgets what lies at or before `start`.
    pub fn forget_until(&mut self, start: CityMs) {
        self.first_seen.retain(|_, at| *at > start);
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first_seen.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_moment_lies_in_the_interval_that_starts_at_or_before_it() {
        let intervals = Intervals { length_ms: 10_000 };
        for (at, start) in [(0, 0), (9_999, 0), (10_000, 10_000), (-1, -10_000)] {
            assert_eq!(intervals.start_of(CityMs(at)), CityMs(start), "{at}");
        }
        assert_eq!((intervals.in_span(60_000), intervals.in_span(5_000)), (6, 1));
    }

    #[test]
    fn a_fast_city_has_long_intervals() {
        for (speed, length_ms) in [(0.5, 10_000), (1.0, 10_000), (10.0, 10_000), (60.0, 60_000)] {
            assert_eq!(at_least_a_real_second(10_000, speed), length_ms, "speed {speed}");
        }
    }

    #[test]
    fn an_end_is_passed_once_events_are_later_by_more_than_the_lateness() {
        let mut watermark = Watermark::new(15_000);
        assert!(!watermark.has_passed(CityMs(0)));
        watermark.advance(CityMs(15_000));
        assert!(!watermark.has_passed(CityMs(0)));
        watermark.advance(CityMs(15_001));
        watermark.advance(CityMs(3));
        assert!(watermark.has_passed(CityMs(0)) && !watermark.has_passed(CityMs(1)));
        assert_eq!(watermark.newest(), Some(CityMs(15_001)));
    }

    proptest! {
        #[test]
        fn order_and_repetition_change_no_count(
            events in prop::collection::vec((0u8..20, 0i64..1000), 0..60),
            order in any::<prop::sample::Index>(),
            start in 0i64..1000,
        ) {
            let mut window = DistinctWindow::default();
            events.iter().for_each(|(key, at)| window.insert(*key, CityMs(*at)));
            let mut other = DistinctWindow::default();
            let turned = if events.is_empty() { 0 } else { order.index(events.len()) };
            for (key, at) in events[turned..].iter().rev().chain(events.iter().rev()) {
                other.insert(*key, CityMs(*at));
            }
            prop_assert_eq!(&window, &other);
            let counted = window.count(CityMs(start), CityMs(start + 300));
            window.forget_until(CityMs(start));
            prop_assert_eq!(window.count(CityMs(start), CityMs(start + 300)), counted);
        }
    }
}
