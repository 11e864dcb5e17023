//! One container of ours.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use super::engine::{self, docker};
use crate::server::Server;

/// Seconds a server may take to stop in order before the engine kills it.
const GRACE_S: &str = "10";

/// A container, running or not; the watchdog removes it.
#[derive(Debug)]
pub(crate) struct Container {
    name: String,
    /// Of its first process as the engine's host numbers it; visible from here if that host is this one.
    pid: Mutex<Option<u32>>,
}

/// What a container is called.
pub(super) fn name(run: &str, server: Server) -> String {
    format!("hailstorm-{run}-{server}")
}

impl Container {
    /// Runs a new container.
    pub(super) async fn run(run: &str, server: Server, arguments: Vec<String>) -> Result<Self> {
        let command = ["run", "--detach"].into_iter().map(str::to_owned);
        docker(command.chain(arguments)).await?;
        Ok(Self { name: name(run, server), pid: Mutex::new(None) })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        *self.pid.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn start(&self) -> Result<()> {
        docker(["start", self.name()]).await?;
        let pid = docker(["inspect", "--format", "{{.State.Pid}}", self.name()]).await?;
        self.remember(pid.parse().ok().filter(|pid| *pid > 0));
        Ok(())
    }

    pub(crate) async fn stop(&self) -> Result<()> {
        self.remember(None);
        docker(["stop", "-t", GRACE_S, self.name()]).await.map(drop)
    }

    pub(crate) async fn kill(&self) -> Result<()> {
        self.remember(None);
        docker(["kill", self.name()]).await?;
        docker(["wait", self.name()]).await.map(drop)
    }

    pub(crate) async fn pause(&self) -> Result<()> {
        docker(["pause", self.name()]).await.map(drop)
    }

    pub(crate) async fn resume(&self) -> Result<()> {
        docker(["unpause", self.name()]).await.map(drop)
    }

    pub(crate) async fn last_log_lines(&self, count: usize) -> Vec<String> {
        let log = engine::log(self.name(), count).await;
        log.unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Waits for its end and says how it ended; for ever if the engine cannot tell.
    pub(crate) async fn end(&self) -> String {
        match docker(["wait", self.name()]).await {
            Ok(code) => format!("exit status {code}"),
            Err(_) => std::future::pending().await,
        }
    }

    fn remember(&self, pid: Option<u32>) {
        *self.pid.lock().unwrap_or_else(PoisonError::into_inner) = pid;
    }
}
