//! Whether a client is still there, and whether it says too much.

use std::time::Duration;

use tokio::time::Instant;

/// A ping is sent this often.
pub(crate) const PING_EVERY: Duration = Duration::from_secs(20);

/// Who answers none for so long is gone.
const PONG_WITHIN: Duration = Duration::from_secs(60);

/// Messages in a second at most: some for each picture of a screen that is dragged.
const MOST_MESSAGES: u32 = 200;

/// What is known of a client's life.
#[derive(Debug)]
pub(crate) struct Heart {
    last_pong: Instant,
    second: Instant,
    messages: u32,
}

impl Heart {
    pub(crate) fn new(now: Instant) -> Self {
        Self { last_pong: now, second: now, messages: 0 }
    }

    /// A pong came.
    pub(crate) fn pong(&mut self, now: Instant) {
        self.last_pong = now;
    }

    /// Whether pings were answered lately.
    pub(crate) fn beats(&self, now: Instant) -> bool {
        now.duration_since(self.last_pong) <= PONG_WITHIN
    }

    /// A message came; whether that is within reason.
    pub(crate) fn may_speak(&mut self, now: Instant) -> bool {
        if now.duration_since(self.second) >= Duration::from_secs(1) {
            self.second = now;
            self.messages = 0;
        }
        self.messages += 1;
        self.messages <= MOST_MESSAGES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heart_beats_for_a_minute_after_a_pong() {
        let start = Instant::now();
        let at = |s| start + Duration::from_secs(s);
        let mut heart = Heart::new(start);
        assert!(heart.beats(at(60)) && !heart.beats(at(61)));
        heart.pong(at(50));
        assert!(heart.beats(at(110)) && !heart.beats(at(111)));
    }

    #[test]
    fn two_hundred_messages_a_second_are_enough() {
        let start = Instant::now();
        let mut heart = Heart::new(start);
        assert!((0..200).all(|_| heart.may_speak(start)));
        assert!(!heart.may_speak(start + Duration::from_millis(999)));
        assert!(heart.may_speak(start + Duration::from_secs(1)));
    }
}
