//! The way to Kafka: a report is handed over when it is due, whatever became of those before it.
//!
//! If the client's queue is full the report waits for room and is counted; it is neither dropped nor an error. What the
//! broker has acknowledged is counted by the client.

use std::sync::Arc;

use anyhow::ensure;
use events::Contract;
use kafka::Outbox;
use runtime::{Counter, Stats, clock};
use tokio_util::sync::CancellationToken;

use super::player::Due;
use crate::departures::Departures;
use crate::ledger::sums;
use crate::metrics;
use crate::schedule::REPORT_LINGER_MS;
use crate::silence::Silence;

/// Hands reports over.
pub(super) struct Sender {
    outbox: Arc<Outbox>,
    departures: Departures,
    silence: Arc<Silence>,
    failed: Counter,
}

impl Sender {
    /// A sender whose figures are among `stats`; after `stop` nothing waits for room in the client's queue.
    ///
    /// # Errors
    /// If a client can't be made.
    pub(super) fn new(
        settings: &kafka::Settings,
        stats: &Stats,
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let silence = Arc::new(Silence::default());
        let outbox = Arc::new(Outbox::on_schedule(settings, "replay", REPORT_LINGER_MS)?);
        let (watched, heard) = (Arc::clone(&outbox), Arc::clone(&silence));
        stats.watch(move || {
            let acknowledged = watched.acknowledged();
            let mut samples = sums(&watched);
            samples.push(metrics::REPORTS_ACKNOWLEDGED.count(acknowledged));
            samples.push(metrics::RECORDS_ACKNOWLEDGED.count(acknowledged));
            samples.push(metrics::REPORTS_UNDER_WAY.sample(watched.under_way()));
            samples.push(metrics::BROKER_SILENCE.sample(listen(&heard, &watched)));
            samples
        });
        let departures = Departures::new(stats, stop.clone());
        Ok(Self { outbox, departures, silence, failed: stats.counter(&metrics::FAILED) })
    }

    /// Hands a report over, when there is room in the queue; `false` if the stop came first.
    ///
    /// # Errors
    /// If the report can never be sent.
    pub(super) async fn hand_over(&mut self, due: &Due) -> anyhow::Result<bool> {
        let record = due.report.to_record();
        let try_send = || self.outbox.try_send_due(&record, Some(due.at.0), 0);
        self.departures.hand_over(Some(due.at), try_send).await
    }

    /// Shows how late reports have left since the last time, and counts what was not acknowledged; tells of the first.
    pub(super) fn show(&mut self) {
        self.departures.note();
        listen(&self.silence, &self.outbox);
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

/// Listens whether brokers still answer; the longest time they did not, ms.
fn listen(silence: &Silence, outbox: &Outbox) -> i64 {
    silence.look(clock::now_ms(), outbox.acknowledged(), outbox.under_way() > 0)
}
