//! `hailstorm logs`: searches the lines that services sent to the topic `service-logs`.

mod entry;
mod filter;
mod paper;

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::TripId;
use events::service_logs::TOPIC;
use kafka::{Settings, TopicTail};
use pipeline::Batch;
use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;
use tracing::Level;

use crate::fleet;
use entry::Entry;
use filter::Filter;
use paper::Paper;

/// Records that are read at a time.
const CHUNK: usize = 5_000;

/// New lines are put in order and shown this often; Ctrl-C is noticed as soon.
const LOOK: Duration = Duration::from_millis(200);

/// What is looked for.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Only the lines of this service
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(fleet::processes()))]
    service: Option<String>,
    /// Only the lines about this trip, `<zone>.<uuid>`
    #[arg(long, value_name = "ID")]
    trip: Option<TripId>,
    /// Only lines of this level and graver ones
    #[arg(long, value_name = "LEVEL", value_parser = ["error", "warn", "info", "debug", "trace"])]
    level: Option<String>,
    /// Only lines of this last while, such as 5m
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    since: Option<Duration>,
    /// Go on with what is logged from now on, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Print each line as JSON, as it lies in the topic
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    kafka: Settings,
}

/// Prints what is found, in order of time; with `--follow` until Ctrl-C.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    if std::env::var_os("RUST_LOG").is_some() {
        runtime::init_logs();
    }
    let stop = runtime::stop_on_signals()?;
    block_in_place(|| search(&options, &stop))?;
    Ok(ExitCode::SUCCESS)
}

/// What shows all that the processes of a run log.
pub(crate) fn command_line(settings: &Settings) -> String {
    let Settings { kafka_bootstrap_servers, namespace, .. } = settings;
    let mut line = format!("hailstorm logs --follow --kafka-bootstrap-servers {kafka_bootstrap_servers}");
    if !namespace.is_empty() {
        line.push_str(&format!(" --namespace {namespace}"));
    }
    line
}

fn search(options: &Options, stop: &CancellationToken) -> anyhow::Result<()> {
    let since_ms = options.since.map(|span| {
        runtime::clock::now_ms().saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
    });
    let filter = options.filter();
    let mut tail = TopicTail::open(&options.kafka, &TOPIC, since_ms)?;
    let mut paper = Paper::new(options.json);
    let (mut found, mut seen) = (Vec::new(), 0);
    while !tail.is_at_end() && !stop.is_cancelled() {
        seen += read(&mut tail, &filter, &mut found)?;
    }
    if seen == 0 {
        eprintln!("hailstorm: no service has sent a line{}: they do with --log-to-kafka", within(options));
    }
    let mut goes_on = paper.print(&mut found)?;
    while options.follow && goes_on && !stop.is_cancelled() {
        read(&mut tail, &filter, &mut found)?;
        goes_on = paper.print(&mut found)?;
    }
    Ok(())
}

/// Adds what comes next and is looked for; says how many records came.
fn read(tail: &mut TopicTail, filter: &Filter, found: &mut Vec<Entry>) -> anyhow::Result<usize> {
    let mut batch = Batch::new();
    tail.read(CHUNK, LOOK, &mut batch)?;
    found.extend(batch.iter().map(|record| Entry::of(&record)).filter(|entry| filter.takes(entry)));
    Ok(batch.len())
}

fn within(options: &Options) -> String {
    let span = options.since.map(|span| format!(" in the last {}", humantime::format_duration(span)));
    span.unwrap_or_default()
}

impl Options {
    fn filter(&self) -> Filter {
        let level = self.level.as_deref().and_then(|level| level.parse::<Level>().ok());
        Filter { service: self.service.clone(), trip: self.trip.map(|trip| trip.to_string()), level }
    }
}
