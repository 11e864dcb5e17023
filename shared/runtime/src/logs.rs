//! Logs: lines with a constant message and fields, on standard error and, if somebody takes them, in a channel.
//!
//! Read in this order: `line` (what a line is, and how it reads), `fields` (what of an event becomes one), `layer` (where
//! lines go), `tap` (the channel). Absent on purpose: where the channel leads to.

mod fields;
mod layer;
mod line;
mod panics;
mod secrets;
mod tap;
mod trace_id;

use std::collections::BTreeMap;
use std::sync::Arc;

use figures::Sample;
use serde_json::Value;
use tokio::sync::mpsc;
use tracing::Level;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::{member, metrics};
use layer::{Form, Lines};
pub use line::LogLine;
pub use secrets::without_secrets;
pub use trace_id::trace_id;

/// What is logged unless `RUST_LOG` says otherwise. The Kafka client at `error`, since it repeats itself while a broker
/// is away.
const FILTER: &str = "info,librdkafka=error,rdkafka=error,h2=warn,mongodb=warn";

/// What a command that is no service calls itself.
const COMMAND: &str = "hailstorm";

/// The log of this process. Clones share it.
#[derive(Clone, Debug)]
pub struct Logs(Arc<Lines>);

/// Starts the log of a command that is no service; `RUST_LOG` filters (default `info`), `HAILSTORM_LOG=json` makes JSON
/// of it. A second call changes nothing.
pub fn init() {
    start(COMMAND, &member::name(COMMAND));
}

impl Logs {
    /// As `init`, for a service: a panic becomes a line, too.
    pub(crate) fn of_service(service: &str, member: &str) -> Self {
        let logs = start(service, member);
        panics::become_lines();
        logs
    }

    /// The lines that are logged from now on, but for those whose target begins with one of `silent`. Whoever logs never
    /// waits for whoever takes them: while `capacity` lines wait, further ones are dropped, and counted.
    #[must_use]
    pub fn tap(&self, capacity: usize, silent: &'static [&'static str]) -> mpsc::Receiver<LogLine> {
        self.0.tap.open(capacity, silent)
    }

    /// No more lines: who takes them finds the end behind those that wait.
    pub fn untap(&self) {
        self.0.tap.close();
    }

    /// How many lines were dropped or lost so far.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.0.tap.lost()
    }

    /// Counts lines as lost that were taken and did not arrive.
    pub fn lose(&self, lines: u64) {
        self.0.tap.lose(lines);
    }

    /// A line of this process that is written nowhere: for whoever takes the lines and has something to say among them.
    #[must_use]
    pub fn line(&self, level: Level, message: &str, fields: BTreeMap<String, Value>) -> LogLine {
        self.0.line(level, module_path!(), message, fields)
    }

    /// How many lines there were.
    pub(crate) fn samples(&self) -> Vec<Sample> {
        let mut samples = vec![metrics::LOG_LINES_LOST.count(self.lost())];
        let counted = self.0.counted().into_iter();
        samples.extend(counted.map(|(level, count)| metrics::LOG_LINES.count_of(&[level], count)));
        samples
    }
}

fn start(service: &str, member: &str) -> Logs {
    let told = std::env::var("HAILSTORM_LOG").ok();
    let form = Form::of(told.as_deref());
    let lines = Arc::new(Lines::new(service, member, form.unwrap_or(Form::Readable)));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(FILTER));
    let layer = layer::Shared(Arc::clone(&lines)).with_filter(filter);
    if tracing_subscriber::registry().with(layer).try_init().is_err() {
        tracing::debug!("logging was started before");
    } else if form.is_none() {
        tracing::warn!(value = told, "HAILSTORM_LOG is neither json nor text: lines are text");
    }
    Logs(lines)
}
