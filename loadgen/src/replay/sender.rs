//! The way to Kafka: a report is handed over when it is due, whatever became of those before it.
//!
//! If the client's queue is full the report waits for room and is counted; it is neither dropped nor an error. What the
//! broker has acknowledged is counted by the client.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use domain::RealMs;
use events::Contract;
use kafka::Outbox;
use runtime::{Counter, Histogram, Stats, clock};
use tokio_util::sync::CancellationToken;

use super::player::Due;
use crate::ledger::sums;
use crate::metrics;
use crate::schedule::REPORT_LINGER_MS;

/// How often a full queue is looked at again: it empties by thousands of records in that time.
const ROOM_PAUSE: Duration = Duration::from_millis(1);

/// Hands reports over.
pub(super) struct Sender {
    outbox: Arc<Outbox>,
    queue_full: Counter,
    lateness: Lateness,
    failed: Counter,
}

/// Time from due to handed over; equal times in a row are recorded at once.
struct Lateness {
    histogram: Histogram,
    late_ms: i64,
    count: u64,
}

impl Sender {
    /// A sender whose figures are among `stats`.
    ///
    /// # Errors
    /// If a client can't be made.
    pub(super) fn new(settings: &kafka::Settings, stats: &Stats) -> anyhow::Result<Self> {
        let outbox = Arc::new(Outbox::on_schedule(settings, "replay", REPORT_LINGER_MS)?);
        let watched = Arc::clone(&outbox);
        stats.watch(move || {
            let acknowledged = watched.acknowledged();
            let mut samples = sums(&watched);
            samples.push(metrics::REPORTS_ACKNOWLEDGED.count(acknowledged));
            samples.push(metrics::RECORDS_ACKNOWLEDGED.count(acknowledged));
            samples.push(metrics::REPORTS_UNDER_WAY.sample(watched.under_way()));
            samples
        });
        let lateness = Lateness { histogram: stats.histogram(&metrics::LATENESS), late_ms: 0, count: 0 };
        Ok(Self {
            outbox,
            queue_full: stats.counter(&metrics::FULL_QUEUE),
            lateness,
            failed: stats.counter(&metrics::FAILED),
        })
    }

    /// Hands a report over, when there is room in the queue; `false` if `stop` came first.
    ///
    /// # Errors
    /// If the report can never be sent.
    pub(super) async fn hand_over(&mut self, due: &Due, stop: &CancellationToken) -> anyhow::Result<bool> {
        let record = due.report.to_record();
        if !self.outbox.try_send(&record)? {
            self.queue_full.add(1);
            while !self.outbox.try_send(&record)? {
                tokio::select! {
                    () = tokio::time::sleep(ROOM_PAUSE) => (),
                    () = stop.cancelled() => return Ok(false),
                }
            }
        }
        self.lateness.record(RealMs(clock::now_ms()).since(due.at));
        Ok(true)
    }

    /// Shows the times held back to be recorded together, and counts what was not acknowledged; tells of the first.
    pub(super) fn show(&mut self) {
        self.lateness.flush();
        self.count_failed(self.outbox.failed());
    }

    fn count_failed(&self, failed: u64) {
        let counted = self.failed.get();
        if failed > 0 && counted == 0 {
            tracing::error!(
                failed,
                "reports were not acknowledged in time; see that Kafka is there with its topics"
            );
        }
        self.failed.add(failed.saturating_sub(counted));
    }

    /// Waits until all reports under way are acknowledged.
    ///
    /// # Errors
    /// If some were not, within the minutes that the client tries.
    pub(super) async fn finish(mut self, handed_over: u64) -> anyhow::Result<()> {
        self.show();
        let settled = self.outbox.settled().await;
        let acknowledged = self.outbox.acknowledged();
        self.count_failed(handed_over.saturating_sub(acknowledged));
        settled?;
        ensure!(acknowledged == handed_over, "{handed_over} reports were sent, {acknowledged} acknowledged");
        Ok(())
    }
}

impl Lateness {
    fn record(&mut self, late_ms: i64) {
        if late_ms != self.late_ms {
            self.flush();
            self.late_ms = late_ms;
        }
        self.count += 1;
    }

    fn flush(&mut self) {
        self.histogram.record_many_ms(self.late_ms, self.count);
        self.count = 0;
    }
}
