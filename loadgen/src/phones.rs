//! The way out of the apps: every output becomes a record and is acknowledged.

use events::{Contract, OutRecord};
use kafka::Outbox;
use pipeline::Sink;
use runtime::{Counter, Stats};

use crate::model::Output;

/// Reports are many and may wait a little for company: fewer, larger requests cost the broker far less.
const REPORT_LINGER_MS: u32 = 20;

/// Requests and actions are few and people wait for them.
const COMMAND_LINGER_MS: u32 = 1;

/// A sink that sends what the apps put out.
pub(crate) struct Phones {
    reports: Outbox,
    commands: Outbox,
    reports_acknowledged: Counter,
    records_acknowledged: Counter,
}

impl Phones {
    pub(crate) fn new(settings: &kafka::Settings, stats: &Stats) -> anyhow::Result<Self> {
        Ok(Self {
            reports: Outbox::new(settings, "loadgen-reports", REPORT_LINGER_MS)?,
            commands: Outbox::new(settings, "loadgen-commands", COMMAND_LINGER_MS)?,
            reports_acknowledged: stats.counter("reports_acknowledged"),
            records_acknowledged: stats.counter("records_acknowledged"),
        })
    }
}

impl Sink for Phones {
    type Item = Output;

    async fn apply(&mut self, outputs: &[Output]) -> anyhow::Result<()> {
        let mut reports: Vec<OutRecord> = Vec::new();
        let mut commands: Vec<OutRecord> = Vec::new();
        for output in outputs {
            match output {
                Output::Report(report) => reports.push(report.to_record()),
                Output::Shift(shift) => commands.push(shift.to_record()),
                Output::Request(request) => commands.push(request.to_record()),
                Output::Action(action) => commands.push(action.to_record()),
                Output::Unroutable { line, what } => {
                    tracing::warn!(line, what, "recorded trip is not asked for")
                }
            }
        }
        self.commands.send_all(&commands).await?;
        self.reports.send_all(&reports).await?;
        self.commands.settled().await?;
        self.reports.settled().await?;
        self.reports_acknowledged.add(reports.len() as u64);
        self.records_acknowledged.add((reports.len() + commands.len()) as u64);
        Ok(())
    }
}
