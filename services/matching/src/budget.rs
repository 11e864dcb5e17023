//! For how many trips of a window is searched, and when: as much as Redis answers soon, and no more.
//!
//! Those who renew the view write into the Redis that is searched. When it is slow their reports come late, drivers look
//! silent, trips wait, and more of them are searched for: without a bound that ends with searches that take all its time
//! and with a view that nobody renews.

/// A search that takes longer than this is too large, in ms.
const SOON_MS: i64 = 250;

/// So many trips are searched for however slow Redis is: what fewer take is mostly their way there and back, and says
/// little about what more would take.
const LEAST: usize = 100;

/// After a search that was too large Redis has so many times as long for others,
const PAUSE: i64 = 2;

/// and so many ms at most.
const LONGEST_PAUSE_MS: i64 = 5_000;

/// What the last search says about the next.
#[derive(Debug)]
pub(crate) struct Budget {
    most: usize,
    /// Not before this moment of real time.
    resume_ms: i64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { most: usize::MAX, resume_ms: i64::MIN }
    }
}

impl Budget {
    /// For how many trips may be searched now; 0 if it is too early.
    pub(crate) fn trips(&self, now_ms: i64) -> usize {
        if now_ms < self.resume_ms { 0 } else { self.most }
    }

    /// A search for so many trips, begun then, took so long, whether it was answered or not.
    pub(crate) fn took(&mut self, trips: usize, began_ms: i64, took_ms: i64) {
        self.most = match usize::try_from(took_ms) {
            Ok(took_ms @ 1..) => (trips.max(LEAST) * SOON_MS as usize / took_ms).max(LEAST),
            _ => usize::MAX,
        };
        let pause_ms = if took_ms > SOON_MS { (took_ms * PAUSE).min(LONGEST_PAUSE_MS) } else { 0 };
        self.resume_ms = began_ms + took_ms + pause_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_took_long_is_followed_by_a_pause_and_by_smaller_ones() {
        for ((trips, took_ms), (at_once, later_ms, then)) in [
            // What is usual bounds nothing: 5,000 riders in 200 ms, one in 5.
            ((60, 0), (usize::MAX, 0, usize::MAX)),
            ((1, 5), (5_000, 5, 5_000)),
            ((5_000, 200), (6_250, 200, 6_250)),
            ((1_000, 250), (1_000, 250, 1_000)),
            // Ten times as slow as that, and a server that does not answer at all.
            ((1_000, 500), (0, 1_500, 500)),
            ((4_000, 5_000), (0, 10_000, 200)),
            ((60, 5_000), (0, 10_000, LEAST)),
        ] {
            let mut budget = Budget::default();
            assert_eq!(budget.trips(0), usize::MAX);
            budget.took(trips, 0, took_ms);
            let found = (budget.trips(took_ms), budget.trips(later_ms));
            assert_eq!(found, (at_once, then), "{trips} trips, {took_ms} ms");
            assert!(later_ms == took_ms || budget.trips(later_ms - 1) == 0);
        }
    }

    #[test]
    fn a_search_that_is_answered_soon_ends_the_pause() {
        let mut budget = Budget::default();
        budget.took(4_000, 0, 5_000);
        budget.took(200, 10_000, 20);
        assert_eq!(budget.trips(10_020), 2_500);
    }
}
