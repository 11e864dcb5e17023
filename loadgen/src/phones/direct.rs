//! The short way: outputs become records of Kafka, all of them acknowledged before the next ones.

use events::{Contract, OutRecord};
use kafka::Outbox;

use super::Acknowledged;
use crate::model::Output;

/// Reports are many and may wait a little for company: fewer, larger requests cost the broker far less.
const REPORT_LINGER_MS: u32 = 20;

/// Requests and actions are few and people wait for them.
const COMMAND_LINGER_MS: u32 = 1;

/// Sends outputs to Kafka.
pub(super) struct Direct {
    reports: Outbox,
    commands: Outbox,
    acknowledged: Acknowledged,
}

impl Direct {
    pub(super) fn new(settings: &kafka::Settings, acknowledged: Acknowledged) -> anyhow::Result<Self> {
        Ok(Self {
            reports: Outbox::new(settings, "loadgen-reports", REPORT_LINGER_MS)?,
            commands: Outbox::new(settings, "loadgen-commands", COMMAND_LINGER_MS)?,
            acknowledged,
        })
    }

    /// Sends outputs in order and waits until all of them are acknowledged.
    pub(super) async fn send(&self, outputs: impl Iterator<Item = &Output>) -> anyhow::Result<()> {
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
        self.acknowledged.add(reports.len(), reports.len() + commands.len());
        Ok(())
    }
}
