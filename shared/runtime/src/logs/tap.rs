//! A channel for lines in which nobody who logs ever waits.

use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::LogLine;

/// Lines for whoever takes them; closed until somebody does.
#[derive(Debug, Default)]
pub(super) struct Tap {
    open: RwLock<Option<Open>>,
    lost: AtomicU64,
}

#[derive(Debug)]
struct Open {
    lines: mpsc::Sender<LogLine>,
    silent: &'static [&'static str],
}

impl Tap {
    pub(super) fn open(&self, capacity: usize, silent: &'static [&'static str]) -> mpsc::Receiver<LogLine> {
        let (lines, taken) = mpsc::channel(capacity);
        *self.open.write().expect("nobody panics while holding it") = Some(Open { lines, silent });
        taken
    }

    pub(super) fn close(&self) {
        *self.open.write().expect("nobody panics while holding it") = None;
    }

    /// Passes a line on if somebody takes lines like this and there is room.
    pub(super) fn offer(&self, line: LogLine) {
        let open = self.open.read().expect("nobody panics while holding it");
        let Some(Open { lines, silent }) = &*open else { return };
        if silent.iter().any(|prefix| is_within(&line.target, prefix)) {
            return;
        }
        match lines.try_send(line) {
            // Closed: who took them is gone, and nobody misses them.
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => self.lose(1),
        }
    }

    pub(super) fn lose(&self, lines: u64) {
        self.lost.fetch_add(lines, Ordering::Relaxed);
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// Whether a target is a module or lies within it.
fn is_within(target: &str, module: &str) -> bool {
    target.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(target: &str, message: &str) -> LogLine {
        LogLine {
            timestamp: String::new(),
            level: "INFO".to_owned(),
            service: "eta".to_owned(),
            member: "eta-1".to_owned(),
            target: target.to_owned(),
            message: message.to_owned(),
            trace_id: None,
            fields: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn whoever_logs_never_waits_and_what_has_no_room_is_counted() {
        let tap = Tap::default();
        tap.offer(line("eta", "nobody takes it"));
        assert_eq!(tap.lost(), 0);
        let mut taken = tap.open(2, &["rdkafka", "kafka::quiet"]);
        for target in ["rdkafka::client", "rdkafka", "kafka::quiet", "eta", "rdkafka_like", "kafka::source"] {
            tap.offer(line(target, target));
        }
        assert_eq!(tap.lost(), 1);
        assert_eq!(taken.try_recv().unwrap().target, "eta");
        tap.offer(line("eta", "there is room again"));
        tap.close();
        tap.offer(line("eta", "too late"));
        assert_eq!(taken.try_recv().unwrap().target, "rdkafka_like");
        assert_eq!(taken.try_recv().unwrap().message, "there is room again");
        assert_eq!(taken.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
        tap.lose(4);
        assert_eq!(tap.lost(), 5);
    }

    #[test]
    fn who_takes_no_more_is_not_missed() {
        let tap = Tap::default();
        drop(tap.open(2, &[]));
        tap.offer(line("eta", "into the void"));
        assert_eq!(tap.lost(), 0);
    }
}
