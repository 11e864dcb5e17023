//! How often something has ended that should not, and when it is started again.

use std::time::{Duration, Instant};

/// What ends sooner than this keeps ending.
const SHORT: Duration = Duration::from_secs(10);

/// How many short lives in a row are too many.
const MOST_SHORT: u32 = 5;

/// The lives of a process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lives {
    first_pause: Duration,
    born: Instant,
    /// Short ones in a row.
    short: u32,
}

impl Lives {
    /// The first one begins. Before the second there is this pause, doubled with each short life.
    pub(super) fn begin(first_pause: Duration, now: Instant) -> Self {
        Self { first_pause, born: now, short: 0 }
    }

    /// The next one begins.
    pub(super) fn begin_again(&mut self, now: Instant) {
        self.born = now;
    }

    /// One has ended: how long to wait before the next one; none if that was one too many.
    pub(super) fn end(&mut self, now: Instant) -> Option<Duration> {
        self.short = if now.duration_since(self.born) < SHORT { self.short + 1 } else { 1 };
        (self.short < MOST_SHORT).then(|| self.first_pause * 2u32.pow(self.short - 1))
    }

    /// How many ended in a row, at the last look.
    pub(super) fn ended(&self) -> u32 {
        self.short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_short_lives_and_the_fifth_is_too_many() {
        let mut now = Instant::now();
        let mut lives = Lives::begin(Duration::from_millis(200), now);
        let mut live = |seconds: u64| {
            now += Duration::from_secs(seconds);
            let pause = lives.end(now);
            lives.begin_again(now);
            pause.map(|pause| pause.as_millis())
        };
        assert_eq!([1, 1, 1, 1].map(&mut live), [Some(200), Some(400), Some(800), Some(1600)]);
        assert_eq!(live(10), Some(200), "a long one");
        assert_eq!([1, 1, 1, 1].map(&mut live), [Some(400), Some(800), Some(1600), None]);
    }
}
