//! How long brokers were silent: the longest time in which records waited and none was acknowledged.

use std::sync::{Mutex, PoisonError};

/// What is known of it; whoever looks more often knows it more exactly.
#[derive(Debug, Default)]
pub(crate) struct Silence(Mutex<Heard>);

#[derive(Debug, Default)]
struct Heard {
    acknowledged: u64,
    /// When something was acknowledged last, or nothing waited, as far as was looked; ms.
    since_ms: Option<i64>,
    longest_ms: i64,
}

impl Silence {
    /// Looks at how many records were acknowledged so far, and whether more are under way; the longest silence so far,
    /// ms.
    pub(crate) fn look(&self, now_ms: i64, acknowledged: u64, is_waiting: bool) -> i64 {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.look(now_ms, acknowledged, is_waiting);
        heard.longest_ms
    }
}

impl Heard {
    fn look(&mut self, now_ms: i64, acknowledged: u64, is_waiting: bool) {
        let heard = std::mem::replace(&mut self.acknowledged, acknowledged) != acknowledged;
        let since_ms = self.since_ms.filter(|_| is_waiting && !heard).unwrap_or(now_ms);
        self.since_ms = Some(since_ms);
        self.longest_ms = self.longest_ms.max(now_ms - since_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_time_in_which_records_wait_and_none_is_acknowledged() {
        let silence = Silence::default();
        // The moment, how many are acknowledged by then, whether more wait, and the longest silence.
        for (now_ms, acknowledged, is_waiting, longest_ms) in [
            (1_000, 0, true, 0),
            (1_050, 10, true, 0),
            (1_100, 10, true, 50),
            (4_100, 10, true, 3_050),
            (4_150, 20, true, 3_050),
            (9_000, 20, false, 3_050),
            (19_000, 20, false, 3_050),
            (19_050, 20, true, 3_050),
            (19_100, 21, false, 3_050),
        ] {
            assert_eq!(silence.look(now_ms, acknowledged, is_waiting), longest_ms, "at {now_ms}");
        }
    }
}
