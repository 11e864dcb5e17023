//! The servers of a run, and how a contender is run on them as a process of its own.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use backends::process::{Captured, Child, Command, Output, capture};
use backends::{Backends, Choice};
use clap::ValueEnum;
use kafka::Settings;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;

use crate::cpu::{self, Measured, Servers};
use crate::scenario::Plan;

/// No turn of any contender takes nearly as long: it hangs.
const LONGEST_TURN: Duration = Duration::from_secs(600);

/// Between two looks at the processor time of a process that does not tell its own: as exact as `/proc` is.
const LOOK: Duration = Duration::from_millis(10);

/// Between two looks whether the servers are there.
const SERVER_LOOK: Duration = Duration::from_millis(200);

/// Everything a scenario needs.
pub(crate) struct Lab {
    pub(crate) backends: Backends,
    pub(crate) plan: Plan,
    folder: TempDir,
    run: String,
    spaces: AtomicU32,
}

/// A tool that has ended well.
pub(crate) struct Finished {
    pub(crate) stdout: String,
    /// All processor time that it used.
    pub(crate) cpu_s: f64,
}

impl Lab {
    pub(crate) fn new(backends: Backends, plan: Plan) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("hailstorm-bench-").context("failed to make a temporary folder")?;
        let run = format!("bench-{}", runtime::clock::now_ms());
        Ok(Self { backends, plan, folder, run, spaces: AtomicU32::new(0) })
    }

    /// The same with servers that nobody has used, if they are ours to start.
    pub(crate) async fn with_servers_of_its_own(&self) -> anyhow::Result<Self> {
        let choice = Choice::from_str(&self.backends.mode.to_string(), true).map_err(anyhow::Error::msg)?;
        let options = backends::Options { choice, ..backends::Options::default() };
        let started = backends::start(&options, |progress| eprintln!("  {progress}")).await;
        Self::new(started.context("failed to start servers")?, self.plan)
    }

    /// A namespace that nobody has used.
    pub(crate) fn new_space(&self) -> Settings {
        let number = self.spaces.fetch_add(1, Ordering::Relaxed);
        Settings::new(&self.backends.endpoints.kafka_bootstrap_servers, &format!("{}-{number}", self.run))
    }

    /// For files of contenders.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The servers whose processor time can be told.
    pub(crate) fn servers(&self) -> Servers {
        let processes = self.backends.processes();
        Servers(processes.iter().map(|process| (process.name.to_owned(), process.pid)).collect())
    }

    /// `hailstorm <arguments>` as a process on these servers.
    pub(crate) fn ourselves(&self, settings: &Settings, arguments: &[&str]) -> anyhow::Result<Command> {
        let program = std::env::current_exe().context("failed to find our own program")?;
        let command = Command::new(arguments.join(" "), program)
            .args(arguments.iter().copied())
            .without_env(runtime::METRICS_ADDRESS)
            // Temporary folders of a process that is killed go with ours.
            .env("TMPDIR", self.folder())
            .env("HAILSTORM_CITY_CLOCK", domain::CityClock::REAL.to_string());
        Ok(self.on_servers(settings, command))
    }

    /// Tells any program in its environment where these servers are.
    pub(crate) fn on_servers(&self, settings: &Settings, command: Command) -> Command {
        let command = command.env("HAILSTORM_NAMESPACE", &settings.namespace);
        let addresses = self.backends.endpoints.environment();
        addresses.into_iter().fold(command, |command, (name, value)| command.env(name, value))
    }

    /// Lets a worker of ours do its work; it measures itself and the servers.
    pub(crate) async fn work(&self, settings: &Settings, arguments: &[&str]) -> anyhow::Result<Measured> {
        self.told(self.worker(settings, arguments)?).await
    }

    /// `hailstorm bench-worker <arguments>` as a process on these servers.
    pub(crate) fn worker(&self, settings: &Settings, arguments: &[&str]) -> anyhow::Result<Command> {
        let all: Vec<&str> = ["bench-worker"].into_iter().chain(arguments.iter().copied()).collect();
        self.ourselves(settings, &all)
    }

    /// Runs a program to its end that looks at the processor time of the servers and, with its last line, tells in
    /// JSON what it has measured.
    pub(crate) async fn told<T: DeserializeOwned>(&self, command: Command) -> anyhow::Result<T> {
        let command = command.args(["--servers", &self.servers().to_text()]);
        let captured = self.run_to_its_end(&command).await?;
        let (status, lines) = (captured.status, captured.last_lines(5));
        ensure!(status.success(), "{} failed ({status}):\n  {lines}", command.name());
        let line = captured.stdout.lines().last().unwrap_or_default();
        serde_json::from_str(line)
            .with_context(|| format!("a worker said {line:?} where figures were expected"))
    }

    /// Runs a program to its end, good or bad.
    pub(crate) async fn run_to_its_end(&self, command: &Command) -> anyhow::Result<Captured> {
        within_a_turn(capture(command)).await?.with_context(|| format!("failed to run {}", command.name()))
    }

    /// Runs somebody else's tool to its end and watches its processor time.
    pub(crate) async fn finish(&self, command: &Command) -> anyhow::Result<Finished> {
        let child = command.clone().stdout(Output::Piped).stderr(Output::Piped).spawn()?;
        let (mut stdout, mut stderr) = (child.take_stdout()?, child.take_stderr()?);
        let (mut said, mut complained) = (String::new(), String::new());
        let all = async {
            tokio::join!(
                stdout.read_to_string(&mut said),
                stderr.read_to_string(&mut complained),
                cpu_of(&child)
            )
        };
        let (_, _, cpu_s) = within_a_turn(all).await?;
        let status = child.wait().await;
        ensure!(status.success(), "{} failed ({status}):\n  {said}{complained}", child.name());
        Ok(Finished { stdout: said, cpu_s })
    }

    /// Goes on until it is done, or until a server has ended.
    pub(crate) async fn while_servers_live<T>(
        &self,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let ended = async {
            loop {
                tokio::time::sleep(SERVER_LOOK).await;
                if let Some((server, status)) = self.backends.ended().into_iter().next() {
                    return (server, status);
                }
            }
        };
        tokio::select! {
            result = work => result,
            (server, status) = ended => bail!("{server} has ended ({status}) while it was measured"),
        }
    }
}

/// Watches a process until it has ended.
async fn cpu_of(child: &Child) -> f64 {
    let mut last = 0.0;
    while child.exit().is_none() {
        last = cpu::seconds(child.pid()).unwrap_or(last);
        tokio::time::sleep(LOOK).await;
    }
    last
}

async fn within_a_turn<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let limit = || format!("not done within {} s", LONGEST_TURN.as_secs());
    tokio::time::timeout(LONGEST_TURN, work).await.with_context(limit)
}
