//! Starts the processes, keeps them running, and ends them in order.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use backends::process::{Child, Command, Output, last_lines};
use runtime::StatsLine;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::board::Board;
use super::lives::Lives;

/// First pause before a process is started again; doubled with each short life.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// One process to run.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// Which service.
    pub(crate) service: &'static str,
    /// Its name in the group.
    pub(crate) member: String,
    /// Arguments behind `hailstorm service <service>`.
    pub(crate) args: Vec<String>,
    /// Added to the environment.
    pub(crate) env: Vec<(String, String)>,
    /// Where its log goes.
    pub(crate) log: PathBuf,
    /// Started again when it ends by itself; otherwise its end is the end.
    pub(crate) restart: bool,
    /// Ends this job alone, when cancelled.
    pub(crate) stop: CancellationToken,
    /// Time between SIGTERM and SIGKILL.
    pub(crate) grace: Duration,
}

/// Runs jobs until it is told to stop.
#[derive(Debug)]
pub(crate) struct Supervisor {
    board: Board,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Supervisor {
    pub(crate) fn new(board: Board) -> Self {
        Self { board, stop: CancellationToken::new(), tasks: JoinSet::new() }
    }

    /// Starts a process and watches over it. The token is cancelled when the job has ended for good.
    pub(crate) fn start(&mut self, job: Job) -> CancellationToken {
        let ended = CancellationToken::new();
        let (board, stop, done) = (self.board.clone(), self.stop.clone(), ended.clone());
        self.tasks.spawn(async move {
            if let Err(error) = watch(&job, &board, &stop).await {
                board.with(|state| state.given_up = Some(format!("{}: {error:#}", job.member)));
            }
            done.cancel();
        });
        ended
    }

    /// As `start`, of several jobs: the token is cancelled when all of them have ended.
    pub(crate) fn start_all(&mut self, jobs: Vec<Job>) -> CancellationToken {
        let each: Vec<CancellationToken> = jobs.into_iter().map(|job| self.start(job)).collect();
        let all = CancellationToken::new();
        let ended = all.clone();
        self.tasks.spawn(async move {
            for one in each {
                one.cancelled().await;
            }
            ended.cancel();
        });
        all
    }

    /// Ends all processes: SIGTERM, after a while SIGKILL.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn watch(job: &Job, board: &Board, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut lives = Lives::begin(FIRST_PAUSE, Instant::now());
    loop {
        let child = spawn(job)?;
        board.born(&job.member, job.service, child.pid());
        let stopped = live(&child, job, board, stop).await;
        board.died(&job.member);
        if stopped || (!job.restart && child.exit().is_some_and(|status| status.success())) {
            return Ok(());
        }
        let how = child.exit().map_or_else(|| "ended".to_owned(), |status| status.to_string());
        let Some(pause) = lives.end(Instant::now()).filter(|_| job.restart) else {
            let (times, log) = (lives.ended(), last_lines(&job.log, 15).join("\n    "));
            anyhow::bail!("ended {times} times in a row ({how}); the end of its log:\n    {log}");
        };
        board.notice(format!("{} died ({how}), starting it again in {} ms", job.member, pause.as_millis()));
        board.with(|state| {
            if let Some(member) = state.members.get_mut(&job.member) {
                member.restarts += 1;
            }
        });
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => lives.begin_again(Instant::now()),
        }
    }
}

/// Reads a process's figures until it ends; `true` if we ended it.
async fn live(child: &Child, job: &Job, board: &Board, stop: &CancellationToken) -> bool {
    let Ok(stdout) = child.take_stdout() else { return false };
    let mut lines = BufReader::new(stdout).lines();
    let read_all = async {
        while let Ok(Some(text)) = lines.next_line().await {
            match serde_json::from_str::<StatsLine>(&text) {
                Ok(line) => board.wrote(&job.member, line),
                Err(error) => tracing::debug!(%error, "not a line of figures"),
            }
        }
        child.wait().await;
    };
    let mut stopped = false;
    let end = async {
        tokio::select! {
            () = stop.cancelled() => (),
            () = job.stop.cancelled() => (),
        }
        stopped = true;
        child.terminate(job.grace).await;
        std::future::pending::<()>().await;
    };
    // Reading goes on while the process is being ended: its last figures matter.
    tokio::select! {
        () = read_all => (),
        () = end => (),
    }
    stopped
}

fn spawn(job: &Job) -> anyhow::Result<Child> {
    let program = std::env::current_exe().context("failed to find our own program")?;
    let mut command = Command::new(&job.member, program)
        .args(["service", job.service])
        .args(job.args.clone())
        // Each process needs an address of its own: the one of our environment, if any, is not for them.
        .without_env(runtime::METRICS_ADDRESS)
        .stdout(Output::Piped)
        .stderr(Output::Log(job.log.clone()));
    for (key, value) in &job.env {
        command = command.env(key, value);
    }
    command.spawn().with_context(|| format!("failed to start {}", job.member))
}
