//! The course of a run: servers, topics, services, city, closing, settling, counting.

mod phases;
mod watching;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use backends::Backends;
use domain::CityClock;
use kafka::Settings;
use runtime::clock::now_ms;
use tokio_util::sync::CancellationToken;

use super::board::Board;
use super::ending::Ending;
use super::figures::Figures;
use super::gateways::Gateways;
use super::log_folder::log_folder;
use super::observers::Observers;
use super::opening::{self, Opening};
use super::options::Options;
use super::report::Report;
use super::screen::Screen;
use super::supervisor::Supervisor;
use super::{books, browser, caretaker, planned_topics, settle, signals};
use crate::fleet::SERVICES;
use crate::logs;

pub(super) use watching::Measured;

/// After this long the city opens in any case: what is late is then seen.
const LONGEST_FORMING: Duration = Duration::from_secs(20);

/// A run with everything it needs to know.
pub(super) struct Run {
    pub(super) options: Options,
    pub(super) started: Instant,
    pub(super) started_ms: i64,
    pub(super) settings: Settings,
    pub(super) clock: CityClock,
    /// When the city shall open, if that was planned, real time.
    pub(super) planned_ms: Option<i64>,
    pub(super) backends: Backends,
    pub(super) logs: PathBuf,
    pub(super) board: Board,
    pub(super) signals: signals::Signals,
    pub(super) gateways: Gateways,
    pub(super) observers: Observers,
    /// Closes the city, when cancelled.
    pub(super) apps_stop: CancellationToken,
    /// Ends the gateways, when cancelled.
    pub(super) gateways_stop: CancellationToken,
}

/// Runs the demo; whatever happens, what was started is stopped and removed.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let (started, started_ms) = (Instant::now(), now_ms());
    if std::env::var_os("RUST_LOG").is_some() {
        runtime::init_logs();
    }
    let (gateways, observers) = match prepare(&options) {
        Ok(prepared) => prepared,
        Err(error) => {
            eprintln!("hailstorm: {error:#}");
            return Ok(Ending::BadInput.into());
        }
    };
    let signals = signals::Signals::listen()?;
    let start = backends::start(&options.backends, |progress| println!("  {progress}"));
    let backends = tokio::select! {
        backends = start => backends?,
        () = signals.close.cancelled() => anyhow::bail!("stopped while the servers were starting"),
    };
    let logs = log_folder(&options)?;
    let settings =
        Settings::new(&backends.endpoints.kafka_bootstrap_servers, &namespace(&options, &backends));
    let (clock, planned_ms) = opening::city_clock(&options, now_ms());
    let run = Run {
        options,
        started,
        started_ms,
        settings,
        clock,
        planned_ms,
        backends,
        logs: logs.path().to_owned(),
        board: Board::default(),
        apps_stop: signals.close.child_token(),
        signals,
        gateways,
        observers,
        gateways_stop: CancellationToken::new(),
    };
    let abort = run.signals.abort.clone();
    let result = tokio::select! {
        result = run.go() => result,
        error = caretaker::look_after(&run.backends, &run.board) => Err(error),
        () = abort.cancelled() => Err(anyhow::anyhow!("stopped by a second signal, nothing was counted")),
    };
    println!("  stopping the servers");
    run.backends.stop().await.context("failed to stop the servers")?;
    if matches!(result, Ok(Ending::WentWrong) | Err(_)) {
        println!("  the logs of the services are kept in {}", logs.keep().display());
    }
    Ok(result?.into())
}

/// Says where the city will be, and checks what can be checked before anything is started.
fn prepare(options: &Options) -> anyhow::Result<(Gateways, Observers)> {
    let (gateways, observers) = (Gateways::reserve(&options.gateways)?, Observers::prepare(options)?);
    options.otlp_endpoint.url()?;
    gateways.announcement().iter().for_each(|line| println!("{line}"));
    let remarks = loadgen::check_files(options.city.as_deref(), options.trips.as_deref())?;
    remarks.iter().for_each(|remark| println!("  {remark}"));
    Ok((gateways, observers))
}

impl Run {
    /// The whole course.
    async fn go(&self) -> anyhow::Result<Ending> {
        let wrong = planned_topics::prepare(&self.settings, self.options.partitions).await?;
        if !wrong.is_empty() {
            wrong.iter().for_each(|line| eprintln!("hailstorm: {line}"));
            return Ok(Ending::BadInput);
        }
        let mut supervisor = Supervisor::new(self.board.clone());
        for job in self.service_jobs() {
            supervisor.start(job);
        }
        let gateways_ended = supervisor.start_all(self.gateway_jobs());
        println!("  {} services are starting; logs in {}", SERVICES.len(), self.logs.display());
        if self.options.log_to_kafka {
            println!("  all lines are in Kafka, too: {}", logs::command_line(&self.settings));
        }
        self.wait_for_groups().await;
        let opening = Opening::new(self.planned_ms, self.options.processes, now_ms());
        self.open_city(&opening);
        let city_closed = self.start_apps(&mut supervisor, &opening);
        self.observers.announcement().iter().for_each(|line| println!("  {line}"));
        let mut screen = Screen::new(self.started);
        let measured = self.watch(&mut screen, &city_closed, &opening).await;
        // Unless it has closed, a process was given up: what is left of the city ends too.
        self.apps_stop.cancel();
        city_closed.cancelled().await;
        screen.clear();
        println!("\n  the city is closed, the groups are reading to the end");
        self.gateways_stop.cancel();
        gateways_ended.cancelled().await;
        settle::settle(&self.settings, &self.board).await?;
        let figures = Figures::of(&self.board);
        supervisor.stop().await;
        let report = books::close(self, &figures, &screen, measured).await?;
        self.tell(&report)?;
        if self.options.keep {
            self.keep().await;
        }
        Ok(if report.is_good() { Ending::AddsUp } else { Ending::WentWrong })
    }

    /// Waits until every partition of every group has a member: the city shall not open before its services do.
    async fn wait_for_groups(&self) {
        let deadline = Instant::now() + LONGEST_FORMING;
        let mut look = tokio::time::interval(Duration::from_millis(100));
        let partitions = i64::from(self.options.partitions);
        while Instant::now() < deadline && self.board.with(|state| state.given_up.is_none()) {
            look.tick().await;
            let figures = Figures::of(&self.board);
            if SERVICES.iter().all(|service| figures.sum(service.name, "partitions") >= partitions) {
                return;
            }
        }
        self.board.notice("some groups have not formed yet".to_owned());
    }

    /// Says that the city opens, when and where.
    fn open_city(&self, opening: &Opening) {
        let gateway = self.gateways.addresses().zip(self.gateways.urls()).next();
        let place = gateway.as_ref().map(|(_, url)| format!(": {url}")).unwrap_or_default();
        let wait_s = opening.at.saturating_duration_since(Instant::now()).as_secs_f64();
        let when = if wait_s > 0.0 { format!(" in {wait_s:.1} s") } else { String::new() };
        println!("  the groups have formed, the city opens{when}{place}");
        opening.remark().into_iter().for_each(|remark| println!("  ! {remark}"));
        println!();
        if let Some((address, url)) = gateway.filter(|_| self.options.gateways.open) {
            browser::open(address, url, self.board.clone());
        }
    }

    fn tell(&self, report: &Report) -> anyhow::Result<()> {
        println!("\n{}", report.text());
        report.problems.iter().for_each(|problem| println!("  ! {problem}"));
        if let Some(path) = &self.options.report {
            let json = serde_json::to_vec_pretty(report).context("failed to write the report")?;
            std::fs::write(path, json)
                .with_context(|| format!("failed to write the report {}", path.display()))?;
            println!("  report written to {}", path.display());
        }
        println!("\n  {}", report.verdict());
        Ok(())
    }

    async fn keep(&self) {
        let endpoints = &self.backends.endpoints;
        println!("\n  the servers stay until Ctrl-C:");
        endpoints.environment().iter().for_each(|(key, value)| println!("    export {key}={value}"));
        println!("    export HAILSTORM_NAMESPACE={}", self.settings.namespace);
        println!("    export HAILSTORM_CITY_CLOCK={}", self.clock);
        self.signals.next().await;
    }
}

/// Runs on servers that hold or will hold other runs keep apart by a namespace of their own.
fn namespace(options: &Options, backends: &Backends) -> String {
    match &options.namespace {
        Some(namespace) => namespace.clone(),
        None if backends.mode == backends::Mode::External || options.backends.data_dir.is_some() => {
            format!("demo-{}", now_ms())
        }
        None => String::new(),
    }
}
