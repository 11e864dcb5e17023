//! Sends the lines of a service's log to the topic `service-logs`, where the logs of all services lie together.
//!
//! Never in the way of the service: whoever logs does not wait, what has no room is dropped and counted, and lines about
//! the sending itself stay on standard error.

use std::time::Duration;

use clap::Args;
use events::service_logs::ServiceLog;
use events::{Contract, OutRecord};
use kafka::{Outbox, Settings};
use runtime::{LogLine, Logs, Service};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::Level;

/// The variable that has lines sent.
pub(crate) const LOG_TO_KAFKA: &str = "HAILSTORM_LOG_TO_KAFKA";

/// Lines that wait to be sent: some seconds of a service at level debug, a megabyte or two.
const CAPACITY: usize = 4096;

/// Lines that the client holds while brokers are away; what comes then waits in the channel, as long as it has room.
const MOST_UNDER_WAY: i64 = 4096;

/// Lines are collected for this long before they are sent: nobody waits for them, and requests cost the broker.
const LINGER_MS: u32 = 100;

/// Pause between two looks whether the client has room again.
const LOOK: Duration = Duration::from_millis(20);

/// That lines were lost is said this often at most.
const SAY_EVERY: Duration = Duration::from_secs(5);

/// How long a service that ends waits for its last lines.
const FLUSH: Duration = Duration::from_secs(2);

/// Lines that would make others of their kind: those of the client that sends them, and ours.
const SILENT: &[&str] = &["rdkafka", "librdkafka", "kafka::quiet", "hailstorm::log_sender"];

/// Whether lines are sent.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Send the lines of the log to the topic service-logs as well, for `hailstorm logs`
    #[arg(long, env = LOG_TO_KAFKA)]
    log_to_kafka: bool,
}

/// Sends lines until it is told to finish.
#[derive(Debug)]
pub(crate) struct LogSender {
    logs: Logs,
    sending: JoinHandle<()>,
}

impl LogSender {
    /// Begins to send what a service logs, if that is wanted and possible.
    pub(crate) fn start(options: Options, settings: &Settings, service: &Service) -> Option<Self> {
        if !options.log_to_kafka {
            return None;
        }
        let outbox = Outbox::new(settings, &format!("{}-logs", service.member), LINGER_MS);
        let outbox = outbox
            .inspect_err(|error| tracing::warn!(error = format!("{error:#}"), "lines are not sent to Kafka"))
            .ok()?;
        let logs = service.logs.clone();
        let lines = logs.tap(CAPACITY, SILENT);
        let sending = tokio::spawn(send(outbox, lines, Losses::new(logs.clone())));
        Some(Self { logs, sending })
    }

    /// Sends what is left, for two seconds at most.
    pub(crate) async fn finish(mut self) {
        self.logs.untap();
        if tokio::time::timeout(FLUSH, &mut self.sending).await.is_err() {
            self.sending.abort();
            tracing::warn!(waited_s = FLUSH.as_secs(), "the last lines were not sent to Kafka in time");
        }
    }
}

/// Sends lines until there are no more, and waits until they are acknowledged.
async fn send(outbox: Outbox, mut lines: Receiver<LogLine>, mut losses: Losses) {
    while let Some(line) = lines.recv().await {
        while outbox.under_way() >= MOST_UNDER_WAY {
            tokio::time::sleep(LOOK).await;
        }
        losses.note(&outbox, offer(&outbox, line));
        if let Some(about) = losses.due(Instant::now()) {
            losses.note(&outbox, offer(&outbox, about));
        }
    }
    if let Err(error) = outbox.settled().await {
        tracing::warn!(error = format!("{error:#}"), "some of the last lines were not sent to Kafka");
    }
}

/// Hands a line to the client; whether it took it.
fn offer(outbox: &Outbox, line: LogLine) -> bool {
    outbox.try_send(&record_of(line)).unwrap_or_default()
}

/// The record of a line, as its contract says.
fn record_of(line: LogLine) -> OutRecord {
    let LogLine { timestamp, level, service, member, target, message, trace_id, fields } = line;
    ServiceLog { timestamp, level, service, member, target, message, trace_id, fields }.to_record()
}

/// Lines that were lost, and whether that was said.
#[derive(Debug)]
struct Losses {
    logs: Logs,
    /// Of those that the client took, how many are known to have failed.
    failed: u64,
    said: u64,
    said_at: Option<Instant>,
}

impl Losses {
    fn new(logs: Logs) -> Self {
        Self { logs, failed: 0, said: 0, said_at: None }
    }

    /// Counts a line that the client did not take, and those that it took and gave up since.
    fn note(&mut self, outbox: &Outbox, taken: bool) {
        let failed = outbox.failed();
        self.logs.lose(failed.saturating_sub(self.failed) + u64::from(!taken));
        self.failed = failed;
    }

    /// A line that says how many were lost since it was said last: for those who read the others, and on standard error.
    fn due(&mut self, now: Instant) -> Option<LogLine> {
        let lost = self.logs.lost().saturating_sub(self.said);
        let is_early = self.said_at.is_some_and(|said_at| now < said_at + SAY_EVERY);
        if lost == 0 || is_early {
            return None;
        }
        (self.said, self.said_at) = (self.said + lost, Some(now));
        tracing::warn!(lost, "lines were not sent to Kafka, which was away or slow");
        let fields = [("lost".to_owned(), lost.into())].into();
        Some(self.logs.line(Level::WARN, "lines before this one were lost: Kafka was away or slow", fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_what_the_contract_says() {
        let example: LogLine = serde_json::from_str(events::service_logs::EXAMPLE).unwrap();
        let json = example.to_json();
        assert_eq!(json, events::service_logs::EXAMPLE);
        let record = record_of(example);
        assert_eq!(record.payload.as_deref(), Some(json.as_bytes()));
        let read: ServiceLog = events::decode(Some(&record.key), record.payload.as_deref(), None).unwrap();
        assert_eq!((record.key.as_slice(), read.service.as_str()), (&b"trips"[..], "trips"));
    }
}
