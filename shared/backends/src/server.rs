//! One of the three servers, and what may be done to one that we have started.

use std::fmt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::docker::Container;
use crate::native::Native;
use crate::readiness::Probe;

/// The servers that everything stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    /// Apache Kafka.
    Kafka,
    /// Redis.
    Redis,
    /// MongoDB.
    Mongodb,
}

impl Server {
    /// All of them, in the order in which addresses are listed.
    pub const ALL: [Self; 3] = [Self::Kafka, Self::Redis, Self::Mongodb];

    /// The name in file names, container names and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kafka => "kafka",
            Self::Redis => "redis",
            Self::Mongodb => "mongodb",
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A server that we have started: it can be stopped, killed, frozen and started again, on the same port with the same data.
#[derive(Debug)]
pub struct ManagedServer {
    server: Server,
    probe: Probe,
    instance: Instance,
}

#[derive(Debug)]
pub(crate) enum Instance {
    Native(Native),
    Docker(Container),
}

impl ManagedServer {
    pub(crate) fn new(server: Server, probe: Probe, instance: Instance) -> Self {
        Self { server, probe, instance }
    }

    /// Which server it is.
    pub fn server(&self) -> Server {
        self.server
    }

    /// Its process id, if it runs and its process can be seen from here.
    pub fn pid(&self) -> Option<u32> {
        match &self.instance {
            Instance::Native(native) => native.pid(),
            Instance::Docker(container) => container.pid(),
        }
    }

    /// Starts it if it is down and waits until it serves; says how long that took.
    pub async fn start(&self) -> Result<Duration> {
        let began = Instant::now();
        match &self.instance {
            Instance::Native(native) => native.start()?,
            Instance::Docker(container) => container.start().await?,
        }
        let outcome = tokio::select! {
            ready = self.probe.wait() => ready,
            end = self.end() => Err(anyhow!("{} ended at its start: {end}", self.server)),
        };
        match outcome {
            Ok(()) => Ok(began.elapsed()),
            Err(error) => Err(error.context(self.story().await)),
        }
    }

    /// Stops it in order (SIGTERM, after a grace SIGKILL) and waits until it is gone; data stays.
    pub async fn stop(&self) -> Result<()> {
        match &self.instance {
            Instance::Native(native) => native.stop().await,
            Instance::Docker(container) => container.stop().await?,
        }
        Ok(())
    }

    /// Kills it with SIGKILL and waits until it is gone; data stays.
    pub async fn kill(&self) -> Result<()> {
        match &self.instance {
            Instance::Native(native) => native.kill().await,
            Instance::Docker(container) => container.kill().await?,
        }
        Ok(())
    }

    /// Stops it in order, starts it again and waits until it serves.
    pub async fn restart(&self) -> Result<Duration> {
        self.stop().await?;
        self.start().await
    }

    /// Freezes it: it keeps its connections and answers nothing.
    pub async fn pause(&self) -> Result<()> {
        match &self.instance {
            Instance::Native(native) => native.pause(),
            Instance::Docker(container) => container.pause().await?,
        }
        Ok(())
    }

    /// Lets a frozen one go on.
    pub async fn resume(&self) -> Result<()> {
        match &self.instance {
            Instance::Native(native) => native.resume(),
            Instance::Docker(container) => container.resume().await?,
        }
        Ok(())
    }

    /// The last lines of its log.
    pub async fn last_log_lines(&self, count: usize) -> Vec<String> {
        match &self.instance {
            Instance::Native(native) => native.last_log_lines(count),
            Instance::Docker(container) => container.last_log_lines(count).await,
        }
    }

    /// How it ended, if it ended though nobody here has stopped it. Not known of containers.
    pub fn ended(&self) -> Option<ExitStatus> {
        match &self.instance {
            Instance::Native(native) => native.ended(),
            Instance::Docker(_) => None,
        }
    }

    /// The port it is reached on.
    pub(crate) fn port(&self) -> u16 {
        self.probe.port
    }

    /// Kills it without waiting; for the way out when nothing can be awaited.
    pub(crate) fn kill_now(&self) {
        if let Instance::Native(native) = &self.instance {
            native.kill_now();
        }
    }

    /// Waits for its end and says how it ended.
    async fn end(&self) -> String {
        match &self.instance {
            Instance::Native(native) => native.end().await,
            Instance::Docker(container) => container.end().await,
        }
    }

    async fn story(&self) -> String {
        let mut story = format!("{} did not become ready; the end of its log:", self.server);
        for line in self.last_log_lines(LOG_LINES).await {
            story.push_str("\n  ");
            story.extend(line.chars().take(LOG_COLUMNS));
        }
        story
    }
}

/// How much of a server's log an error shows.
const LOG_LINES: usize = 20;
/// MongoDB logs lines of thousands of characters, of which the first ones say what happened.
const LOG_COLUMNS: usize = 300;
