//! Handing over on schedule: a Kafka client without room is waited for, and how late each report left is noted once it
//! has left. What is absent on purpose: what is handed over, and to whom.

use std::time::Duration;

use domain::RealMs;
use runtime::{Counter, Histogram, Stats, clock};
use tokio_util::sync::CancellationToken;

use crate::metrics;

/// How often a full queue is looked at again: it empties by thousands of records in that time.
const ROOM_PAUSE: Duration = Duration::from_millis(1);

/// A report that leaves this much after it was due, real time, counts as late.
const LATE_MS: i64 = 1_000;

/// Hands over, and says how well the schedule was kept.
pub(crate) struct Departures {
    /// When those were due that have left since the clock was looked at last: it is not looked at for each.
    left: Vec<RealMs>,
    figures: Figures,
    /// Once it is cancelled nothing waits for room any more.
    stop: CancellationToken,
}

struct Figures {
    /// From when a report was due until it was handed over, real time.
    lateness: Histogram,
    late: Counter,
    /// Records that found no room in the client's queue.
    waits: Counter,
    /// Those of them that never left, since the stop came first.
    left_out: Counter,
}

impl Departures {
    /// Departures whose figures are among `stats`.
    pub(crate) fn new(stats: &Stats, stop: CancellationToken) -> Self {
        let figures = Figures {
            lateness: stats.histogram(&metrics::LATENESS),
            late: stats.counter(&metrics::LATE),
            waits: stats.counter(&metrics::FULL_QUEUE),
            left_out: stats.counter(&metrics::LEFT_OUT),
        };
        Self { left: Vec::new(), figures, stop }
    }

    /// Hands something over, when there is room; `false` if the stop came first. `due` is that of a report.
    ///
    /// # Errors
    /// If it can never be sent.
    pub(crate) async fn hand_over(
        &mut self,
        due: Option<RealMs>,
        mut try_send: impl FnMut() -> anyhow::Result<bool>,
    ) -> anyhow::Result<bool> {
        if !try_send()? {
            // Those before it did not wait.
            self.note();
            self.figures.waits.add(1);
            while !try_send()? {
                tokio::select! {
                    biased;
                    () = self.stop.cancelled() => {
                        self.figures.left_out.add(1);
                        return Ok(false);
                    }
                    () = tokio::time::sleep(ROOM_PAUSE) => (),
                }
            }
        }
        self.left.extend(due);
        Ok(true)
    }

    /// Notes how late everything was that has left.
    pub(crate) fn note(&mut self) {
        if !self.left.is_empty() {
            self.note_at(RealMs(clock::now_ms()));
        }
    }

    /// Equal times in a row are recorded at once.
    fn note_at(&mut self, now: RealMs) {
        for equal in self.left.chunk_by(|one, next| one == next) {
            let (late_ms, count) = (now.since(equal[0]), equal.len() as u64);
            self.figures.lateness.record_many_ms(late_ms, count);
            if late_ms > LATE_MS {
                self.figures.late.add(count);
            }
        }
        self.left.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    struct Bench {
        departures: Departures,
        stats: Stats,
        stop: CancellationToken,
    }

    impl Bench {
        fn new() -> Self {
            let (stats, stop) = (Stats::default(), CancellationToken::new());
            Self { departures: Departures::new(&stats, stop.clone()), stats, stop }
        }

        /// Waits for room, of them left out, reports late, and reports whose lateness was noted.
        fn figures(&self) -> (i64, i64, i64, u64) {
            let line = self.stats.line("test");
            let noted =
                runtime::merge_histograms(line.histograms.get("report_lateness_ms").map(String::as_str));
            let value = |name: &str| line.values[name];
            (value("full_queue_waits"), value("left_out"), value("reports_late"), noted.len())
        }
    }

    fn ago(ms: i64) -> Option<RealMs> {
        Some(RealMs(clock::now_ms() - ms))
    }

    #[tokio::test]
    async fn a_full_queue_is_waited_for_and_that_wait_is_in_the_lateness() {
        let mut bench = Bench::new();
        // So it is when the second looks for room that the first second since it was due is over.
        let (first, second) = (ago(0), ago(800));
        let looks = Cell::new(0);
        bench.departures.hand_over(first, || Ok(true)).await.unwrap();
        let due = second.unwrap();
        let room = || {
            looks.set(looks.get() + 1);
            Ok(RealMs(clock::now_ms()).since(due) > LATE_MS)
        };
        assert!(bench.departures.hand_over(second, room).await.unwrap());
        assert!(looks.get() > 2, "it was looked for room again and again");
        assert_eq!(bench.figures(), (1, 0, 0, 1), "who left before has not waited");
        bench.departures.note();
        assert_eq!(bench.figures(), (1, 0, 1, 2));
    }

    #[tokio::test]
    async fn a_stop_ends_the_wait_and_what_is_left_out_is_counted() {
        let mut bench = Bench::new();
        let (stop, looks) = (bench.stop.clone(), Cell::new(0));
        let never = || {
            looks.set(looks.get() + 1);
            if looks.get() == 3 {
                stop.cancel();
            }
            Ok(false)
        };
        assert!(!bench.departures.hand_over(ago(0), never).await.unwrap());
        bench.departures.note();
        assert_eq!((bench.figures(), looks.get()), ((1, 1, 0, 0), 3));
        assert!(bench.departures.hand_over(ago(0), || Ok(true)).await.unwrap(), "who finds room leaves");
        let error = bench.departures.hand_over(None, || anyhow::bail!("too large")).await.unwrap_err();
        assert_eq!(error.to_string(), "too large");
    }

    #[test]
    fn lateness_counts_from_when_each_was_due() {
        let mut bench = Bench::new();
        bench.departures.left = [0, 0, 0, 40, 1_000].map(RealMs).to_vec();
        bench.departures.note_at(RealMs(1_001));
        assert_eq!(bench.figures(), (0, 0, 3, 5));
    }
}
