//! The short way: outputs become records of Kafka, handed over when they are due and acknowledged whenever.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::{CityClock, CityMs};
use events::{Contract, OutRecord, driver_actions, ride_requests};
use kafka::{Outbox, Witness};
use runtime::{Counter, Histogram, Sample, Seldom, Stats};
use tokio::task::block_in_place;

use super::Acknowledged;
use crate::ledger::{Entry, LedgerFile, sums};
use crate::metrics;
use crate::model::Output;
use crate::schedule::REPORT_LINGER_MS;

/// Requests and actions are few and people wait for them.
const COMMAND_LINGER_MS: u32 = 1;

/// How long to wait when the client has no room for a record.
const ROOM: Duration = Duration::from_millis(1);

/// A report that leaves this much after it was due, real time, counts as late.
const LATE_MS: i64 = 1_000;

/// Sends outputs to Kafka, on schedule: nothing waits for an acknowledgement but the end. Clones share it.
#[derive(Clone)]
pub(crate) struct Direct(Arc<Shared>);

struct Shared {
    reports: Outbox,
    commands: Outbox,
    clock: CityClock,
    acknowledged: Acknowledged,
    /// What of it was already counted.
    counted: [AtomicU64; 2],
    figures: Figures,
    ledger: Option<Arc<LedgerFile>>,
}

/// Tells of a recorded trip that can't be driven: now and then, since a file may hold thousands.
fn tell_unroutable(line: u64, what: &str) {
    static SAID: Seldom = Seldom::once_in(Duration::from_secs(1));
    if SAID.is_time() {
        tracing::warn!(line, what, "recorded trip is not asked for");
    } else {
        tracing::debug!(line, what, "recorded trip is not asked for");
    }
}

/// How well the schedule was kept.
struct Figures {
    /// From when a report was due until it was handed over, real time.
    lateness: Histogram,
    late: Counter,
    /// How often the client had no room for a record.
    full_queue: Counter,
}

impl Direct {
    pub(super) fn new(
        settings: &kafka::Settings,
        clock: CityClock,
        acknowledged: Acknowledged,
        stats: &Stats,
        ledger: Option<LedgerFile>,
    ) -> anyhow::Result<Self> {
        let ledger = ledger.map(Arc::new);
        let witness = ledger.clone().map(|ledger| Witness::new(move |receipt| ledger.note(receipt)));
        let figures = Figures {
            lateness: stats.histogram(&metrics::LATENESS),
            late: stats.counter(&metrics::LATE),
            full_queue: stats.counter(&metrics::FULL_QUEUE),
        };
        let shared = Arc::new(Shared {
            reports: Outbox::witnessed(settings, "loadgen-reports", REPORT_LINGER_MS, witness)?,
            commands: Outbox::on_schedule(settings, "loadgen-commands", COMMAND_LINGER_MS)?,
            clock,
            acknowledged,
            counted: [AtomicU64::new(0), AtomicU64::new(0)],
            figures,
            ledger,
        });
        block_in_place(|| shared.commands.prepare(&[&ride_requests::TOPIC, &driver_actions::TOPIC]))?;
        let watched = Arc::clone(&shared);
        stats.watch(move || watched.ledger_figures());
        Ok(Self(shared))
    }

    /// Hands outputs to the client, in order. A client without room is waited for, and that is counted.
    ///
    /// # Errors
    /// If a record can never be sent.
    pub(super) async fn send(&self, outputs: impl Iterator<Item = &Output>) -> anyhow::Result<()> {
        let now_ms = runtime::clock::now_ms();
        for output in outputs {
            match output {
                Output::Report(report) => {
                    self.0.note_lateness(report.at, now_ms);
                    self.hand_over(&self.0.reports, &report.to_record(), Entry::mark(report.at)).await?;
                }
                Output::Shift(shift) => self.command(&shift.to_record()).await?,
                Output::Request(request) => self.command(&request.to_record()).await?,
                Output::Action(action) => self.command(&action.to_record()).await?,
                Output::Unroutable { line, what } => {
                    tell_unroutable(*line, what);
                }
            }
        }
        self.0.count();
        Ok(())
    }

    /// Waits until everything is acknowledged, and closes the ledger.
    ///
    /// # Errors
    /// If some of it never was, or not all that was could be written down.
    pub(crate) async fn finish(&self) -> anyhow::Result<()> {
        let (commands, reports) = (self.0.commands.settled().await, self.0.reports.settled().await);
        self.0.count();
        let ledger = self.0.ledger.as_ref().map_or(Ok(()), |ledger| ledger.close());
        commands.and(reports).and(ledger)
    }

    async fn command(&self, record: &OutRecord) -> anyhow::Result<()> {
        self.hand_over(&self.0.commands, record, 0).await
    }

    async fn hand_over(&self, outbox: &Outbox, record: &OutRecord, mark: usize) -> anyhow::Result<()> {
        while !outbox.try_send_marked(record, mark)? {
            self.0.figures.full_queue.add(1);
            tokio::time::sleep(ROOM).await;
        }
        Ok(())
    }
}

impl Shared {
    fn note_lateness(&self, due: CityMs, now_ms: i64) {
        let late_ms = now_ms - self.clock.real_at(due).0;
        self.figures.lateness.record_ms(late_ms);
        if late_ms > LATE_MS {
            self.figures.late.add(1);
        }
    }

    fn ledger_figures(&self) -> Vec<Sample> {
        let mut samples = sums(&self.reports);
        if self.ledger.as_ref().is_some_and(|ledger| ledger.has_stopped()) {
            samples.push(metrics::LEDGER_STOPPED.sample(1));
        }
        samples
    }

    /// Counts what was acknowledged since the last time.
    fn count(&self) {
        let grown = |now: u64, before: &AtomicU64| now.saturating_sub(before.swap(now, Ordering::Relaxed));
        let [reports, commands] = &self.counted;
        let reports = grown(self.reports.acknowledged(), reports);
        let commands = grown(self.commands.acknowledged(), commands);
        self.acknowledged.add(reports, reports + commands);
    }
}
