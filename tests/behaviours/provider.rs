//! Where the servers of a test run come from: containers if an engine answers, else processes of this machine.

use anyhow::Result;
use backends::{Backends, Choice, Endpoints, Options, Server, docker};

use crate::containers::Containers;

/// Servers that tests may break: in the hands of either, each keeps its address and its data.
pub(crate) enum Provider {
    Native(Backends),
    Containers(Containers),
}

impl Provider {
    /// Starts all three as HAILSTORM_BACKENDS says, `native` or `docker`. They have to be ours to be broken, so
    /// anything else is left to what there is.
    pub(crate) async fn start() -> Result<Self> {
        let forced = std::env::var("HAILSTORM_BACKENDS").unwrap_or_default();
        let in_containers = match forced.as_str() {
            "docker" => true,
            "native" => false,
            _ => docker::engine_version().await.is_some(),
        };
        if in_containers {
            return Containers::start().await.map(Self::Containers);
        }
        let options = Options { choice: Choice::Native, ..Options::default() };
        backends::start(&options, |_| ()).await.map(Self::Native)
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        match self {
            Self::Native(backends) => &backends.endpoints,
            Self::Containers(containers) => containers.endpoints(),
        }
    }

    /// What the containers bear, if they are containers.
    pub(crate) fn label(&self) -> Option<String> {
        match self {
            Self::Native(_) => None,
            Self::Containers(containers) => Some(containers.label()),
        }
    }

    /// Starts a server that is down, on the same port with the same data, and waits until it serves.
    pub(crate) async fn start_one(&self, server: Server) -> Result<()> {
        match self {
            Self::Native(backends) => backends.server(server)?.start().await.map(drop),
            Self::Containers(containers) => containers.start_one(server).await,
        }
    }

    /// Stops a server in order.
    pub(crate) async fn stop_one(&self, server: Server) -> Result<()> {
        match self {
            Self::Native(backends) => backends.server(server)?.stop().await,
            Self::Containers(containers) => containers.stop_one(server).await,
        }
    }

    /// Kills a server with SIGKILL.
    pub(crate) async fn kill(&self, server: Server) -> Result<()> {
        match self {
            Self::Native(backends) => backends.server(server)?.kill().await,
            Self::Containers(containers) => containers.kill(server).await,
        }
    }

    /// Freezes a server: it keeps its connections and answers nothing.
    pub(crate) async fn freeze(&self, server: Server) -> Result<()> {
        match self {
            Self::Native(backends) => backends.server(server)?.pause().await,
            Self::Containers(containers) => containers.freeze(server).await,
        }
    }

    /// Lets a frozen server go on.
    pub(crate) async fn thaw(&self, server: Server) -> Result<()> {
        match self {
            Self::Native(backends) => backends.server(server)?.resume().await,
            Self::Containers(containers) => containers.thaw(server).await,
        }
    }

    /// The last lines that a server wrote.
    pub(crate) async fn last_log_lines(&self, server: Server, count: usize) -> Result<Vec<String>> {
        match self {
            Self::Native(backends) => Ok(backends.server(server)?.last_log_lines(count).await),
            Self::Containers(containers) => containers.last_log_lines(server, count).await,
        }
    }

    /// Stops all of them; nothing is left.
    pub(crate) async fn stop(self) -> Result<()> {
        match self {
            Self::Native(backends) => backends.stop().await,
            Self::Containers(containers) => containers.stop().await,
        }
    }
}
