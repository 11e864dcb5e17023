//! The short way: outputs become records of Kafka, handed over when they are due and acknowledged whenever.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::{CityClock, CityMs, RealMs};
use events::{Contract, OutRecord, driver_actions, ride_requests};
use kafka::{Outbox, Witness};
use runtime::{Sample, Seldom, Stats};
use tokio::task::block_in_place;

use super::Acknowledged;
use crate::departures::Departures;
use crate::ledger::{Entry, LedgerFile, sums};
use crate::metrics;
use crate::model::Output;
use crate::schedule::REPORT_LINGER_MS;
use crate::silence::Silence;

/// Requests and actions are few and people wait for them.
const COMMAND_LINGER_MS: u32 = 1;

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
    /// Held while a batch is handed over: one at a time, so that all stays in order.
    departures: tokio::sync::Mutex<Departures>,
    silence: Silence,
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

/// A record with the way it goes.
struct Parcel<'a> {
    outbox: &'a Outbox,
    record: OutRecord,
    /// When it was due, if that is what it is measured by.
    due: Option<RealMs>,
    mark: usize,
}

impl Direct {
    pub(super) fn new(
        settings: &kafka::Settings,
        clock: CityClock,
        acknowledged: Acknowledged,
        stats: &Stats,
        departures: Departures,
        ledger: Option<LedgerFile>,
    ) -> anyhow::Result<Self> {
        let ledger = ledger.map(Arc::new);
        let witness = ledger.clone().map(|ledger| Witness::new(move |receipt| ledger.note(receipt)));
        let shared = Arc::new(Shared {
            reports: Outbox::witnessed(settings, "loadgen-reports", REPORT_LINGER_MS, witness)?,
            commands: Outbox::on_schedule(settings, "loadgen-commands", COMMAND_LINGER_MS)?,
            clock,
            acknowledged,
            counted: [AtomicU64::new(0), AtomicU64::new(0)],
            departures: tokio::sync::Mutex::new(departures),
            silence: Silence::default(),
            ledger,
        });
        block_in_place(|| shared.commands.prepare(&[&ride_requests::TOPIC, &driver_actions::TOPIC]))?;
        let watched = Arc::clone(&shared);
        stats.watch(move || watched.figures());
        Ok(Self(shared))
    }

    /// Hands outputs to the client, in order. A client without room is waited for, and that is counted.
    ///
    /// # Errors
    /// If a record can never be sent.
    pub(super) async fn send(&self, outputs: impl Iterator<Item = &Output>) -> anyhow::Result<()> {
        let mut departures = self.0.departures.lock().await;
        for output in outputs {
            let Some(Parcel { outbox, record, due, mark }) = self.0.parcel(output) else { continue };
            let report_due = due.filter(|_| matches!(output, Output::Report(_)));
            departures
                .hand_over(report_due, || outbox.try_send_due(&record, due.map(|due| due.0), mark))
                .await?;
        }
        departures.note();
        self.0.count();
        self.0.listen();
        Ok(())
    }

    /// Waits until everything is acknowledged, and closes the ledger.
    ///
    /// # Errors
    /// If some of it never was, or not all that was could be written down.
    pub(crate) async fn finish(&self) -> anyhow::Result<()> {
        let (commands, reports) = (self.0.commands.settled().await, self.0.reports.settled().await);
        self.0.count();
        self.0.listen();
        let ledger = self.0.ledger.as_ref().map_or(Ok(()), |ledger| ledger.close());
        commands.and(reports).and(ledger)
    }
}

impl Shared {
    /// The record of an output. Reports and requests bear the moment they were due, so that whoever reads them counts
    /// from there; what drivers do is an answer, and as old as it is when it leaves.
    fn parcel(&self, output: &Output) -> Option<Parcel<'_>> {
        let due = |at: CityMs| Some(self.clock.real_at(at));
        let command = |record, due| Some(Parcel { outbox: &self.commands, record, due, mark: 0 });
        match output {
            Output::Report(report) => Some(Parcel {
                outbox: &self.reports,
                record: report.to_record(),
                due: due(report.at),
                mark: Entry::mark(report.at),
            }),
            Output::Shift(shift) => command(shift.to_record(), None),
            Output::Request(request) => command(request.to_record(), due(request.at)),
            Output::Action(action) => command(action.to_record(), None),
            Output::Unroutable { line, what } => {
                tell_unroutable(*line, what);
                None
            }
        }
    }

    fn figures(&self) -> Vec<Sample> {
        // The city may be waiting for room, and acknowledgements come meanwhile.
        self.count();
        let mut samples = sums(&self.reports);
        samples.push(metrics::BROKER_SILENCE.sample(self.listen()));
        if self.ledger.as_ref().is_some_and(|ledger| ledger.has_stopped()) {
            samples.push(metrics::LEDGER_STOPPED.sample(1));
        }
        samples
    }

    /// Listens whether brokers still answer; the longest time they did not, ms.
    fn listen(&self) -> i64 {
        let (reports, commands) = (&self.reports, &self.commands);
        let acknowledged = reports.acknowledged() + commands.acknowledged();
        let is_waiting = reports.under_way() > 0 || commands.under_way() > 0;
        self.silence.look(runtime::clock::now_ms(), acknowledged, is_waiting)
    }

    /// Counts what was acknowledged since the last time.
    fn count(&self) {
        // Of two who count at the same time one may have looked earlier than the other.
        let grown =
            |now: u64, before: &AtomicU64| now.saturating_sub(before.fetch_max(now, Ordering::Relaxed));
        let [reports, commands] = &self.counted;
        let reports = grown(self.reports.acknowledged(), reports);
        let commands = grown(self.commands.acknowledged(), commands);
        self.acknowledged.add(reports, reports + commands);
    }
}
