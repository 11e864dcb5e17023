//! The servers of a run: brought up by one call, held together, and stopped together.

use std::fmt;
use std::process::ExitStatus;

use anyhow::{Context, Result};

use crate::docker::{self, Watchdog};
use crate::endpoints::Endpoints;
use crate::external;
use crate::native::{self, LOOPBACK};
use crate::options::{Choice, Options};
use crate::progress::{Listener, Progress};
use crate::server::{ManagedServer, Server};
use crate::storage::Storage;

/// Where the servers of a run come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They ran already.
    External,
    /// Containers of ours.
    Docker,
    /// Processes of ours.
    Native,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::External => "external",
            Self::Docker => "docker",
            Self::Native => "native",
        })
    }
}

/// One server's process, for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// `kafka`, `redis` or `mongodb`.
    pub name: &'static str,
    /// Its process id; see [`crate::process::rss_kib`].
    pub pid: u32,
}

/// Running servers. Those that we have started are killed and removed when this is dropped; [`Backends::stop`] does it in order.
#[derive(Debug)]
pub struct Backends {
    /// Where the servers come from.
    pub mode: Mode,
    /// Where clients reach them.
    pub endpoints: Endpoints,
    /// None of them if they are external. Before the storage, so that nobody writes there when it is removed.
    servers: Vec<ManagedServer>,
    watchdog: Option<Watchdog>,
    storage: Option<Storage>,
}

/// Brings up the servers of the user's choice and waits until all of them serve.
///
/// Dropping the future leaves nothing behind but what was installed
/// (and lets a package client that is at work come to its end).
pub async fn start(options: &Options, progress: impl Fn(Progress) + Send + Sync) -> Result<Backends> {
    let progress: Listener<'_> = &progress;
    let variable = |name: &str| std::env::var(name).ok();
    let (mode, reason) = choose(options.choice, variable).await;
    progress(Progress::Chosen { mode, reason });
    match mode {
        Mode::External => {
            let endpoints = external::endpoints(variable)?;
            external::check(&endpoints).await?;
            Ok(Backends { mode, endpoints, servers: Vec::new(), watchdog: None, storage: None })
        }
        Mode::Docker => {
            let chosen = options.data_dir.as_deref();
            let storage = chosen.map(|dir| Storage::open(Some(dir))).transpose()?;
            let (watchdog, servers) = docker::start(options, storage.as_ref(), progress).await?;
            Ok(Backends::of(mode, servers, Some(watchdog), storage))
        }
        Mode::Native => {
            let storage = Storage::open(options.data_dir.as_deref())?;
            let servers = native::start(options, &storage, progress).await?;
            Ok(Backends::of(mode, servers, None, Some(storage)))
        }
    }
}

/// Decides where the servers come from, and says why.
async fn choose(choice: Choice, variable: impl Fn(&str) -> Option<String>) -> (Mode, String) {
    let asked = || "as asked".to_owned();
    match choice {
        Choice::External => (Mode::External, asked()),
        Choice::Docker => (Mode::Docker, asked()),
        Choice::Native => (Mode::Native, asked()),
        Choice::Auto if external::endpoints(variable).is_ok() => {
            (Mode::External, format!("{} are set", Endpoints::VARIABLES.join(", ")))
        }
        Choice::Auto => match docker::engine_version().await {
            Some(version) => (Mode::Docker, format!("Docker {version} answers")),
            None => (Mode::Native, "no addresses are set and no Docker engine answers".to_owned()),
        },
    }
}

impl Backends {
    fn of(
        mode: Mode,
        servers: [ManagedServer; 3],
        watchdog: Option<Watchdog>,
        storage: Option<Storage>,
    ) -> Self {
        let [kafka, redis, mongodb] = &servers;
        let host = if mode == Mode::Native { LOOPBACK.to_owned() } else { docker::host() };
        let endpoints = Endpoints::on(&host, [kafka.port(), redis.port(), mongodb.port()]);
        Self { mode, endpoints, servers: servers.into(), watchdog, storage }
    }

    /// A server that we have started, to be restarted, frozen or killed; an error if it is external.
    pub fn server(&self, server: Server) -> Result<&ManagedServer> {
        let found = self.servers.iter().find(|managed| managed.server() == server);
        found.with_context(|| format!("{server} is external and not ours to control"))
    }

    /// The processes of the servers that we have started and that run now.
    pub fn processes(&self) -> Vec<Process> {
        let process =
            |managed: &ManagedServer| Some(Process { name: managed.server().name(), pid: managed.pid()? });
        self.servers.iter().filter_map(process).collect()
    }

    /// The servers that have ended though nobody here has stopped them, and how.
    pub fn ended(&self) -> Vec<(Server, ExitStatus)> {
        self.servers.iter().filter_map(|managed| Some((managed.server(), managed.ended()?))).collect()
    }

    /// Where the servers keep data and logs, if that is ours to say.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.storage.as_ref().map(Storage::root)
    }

    /// Stops what we have started, side by side and in order, each killed after a grace, and removes what is temporary.
    pub async fn stop(mut self) -> Result<()> {
        let [kafka, redis, mongodb] = Server::ALL.map(|server| self.server(server).ok());
        let stop = async |managed: Option<&ManagedServer>| match managed {
            Some(managed) => managed.stop().await,
            None => Ok(()),
        };
        let stopped = tokio::join!(stop(kafka), stop(redis), stop(mongodb));
        if let Some(watchdog) = self.watchdog.take() {
            watchdog.remove_containers().await?;
        }
        stopped.0.and(stopped.1).and(stopped.2)
    }
}

impl Drop for Backends {
    fn drop(&mut self) {
        for managed in &self.servers {
            managed.kill_now();
        }
    }
}
