//! Lines that would repeat themselves, said now and then.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Says when it is time to say something again, at most once in a span of time.
#[derive(Debug)]
pub struct Seldom {
    every: Duration,
    said_at: Mutex<Option<Instant>>,
}

impl Seldom {
    /// Once in so much time.
    #[must_use]
    pub const fn once_in(every: Duration) -> Self {
        Self { every, said_at: Mutex::new(None) }
    }

    /// Whether it is time, and if so it counts as said.
    pub fn is_time(&self) -> bool {
        self.is_time_at(Instant::now())
    }

    fn is_time_at(&self, now: Instant) -> bool {
        let mut said_at = self.said_at.lock().expect("nobody panics while holding it");
        if said_at.is_some_and(|said_at| now < said_at + self.every) {
            return false;
        }
        *said_at = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_time_once_in_a_while() {
        let (seldom, start) = (Seldom::once_in(Duration::from_secs(5)), Instant::now());
        let at = |ms| seldom.is_time_at(start + Duration::from_millis(ms));
        assert_eq!([0, 1, 4_999, 5_000, 5_001, 20_000].map(at), [true, false, false, true, false, true]);
    }
}
