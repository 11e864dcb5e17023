//! Servers as processes of this machine, on loopback; what is missing is installed once, into a cache folder of the user's.

mod cache;
mod java;
mod kafka;
pub(crate) mod mongodb;
mod packages;
pub(crate) mod redis;

use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;

pub use cache::{Filling, folder as cache_folder};
pub(crate) use java::find as find_java;
pub use java::version as java_version;
pub use kafka::{KAFKA_VERSION, kafka_tool};
pub use packages::{can_install, install};
pub(crate) use {kafka::is_cached as kafka_is_cached, mongodb::find as find_mongod};

use crate::options::Options;
use crate::ports;
use crate::process::{Child, Command, Output, last_lines};
use crate::progress::{Listener, Progress};
use crate::readiness::Probe;
use crate::server::{Instance, ManagedServer, Server};
use crate::storage::Storage;

pub(crate) const LOOPBACK: &str = "127.0.0.1";

/// Starts all three side by side and waits until they serve. Dropping the future kills what was started.
pub(crate) async fn start(
    options: &Options,
    storage: &Storage,
    progress: Listener<'_>,
) -> Result<[ManagedServer; 3]> {
    let fixed = Server::ALL.map(|server| options.port(server));
    let [kafka, redis, mongodb, controller] = ports::pick([fixed[0], fixed[1], fixed[2], None])?;
    let (kafka, redis, mongodb) = tokio::try_join!(
        async {
            let command = kafka::prepare(kafka, controller, storage, progress).await?;
            launch(Server::Kafka, kafka, command, storage, progress).await
        },
        async {
            let command = redis::prepare(redis, storage, progress).await?;
            launch(Server::Redis, redis, command, storage, progress).await
        },
        async {
            let command = mongodb::prepare(mongodb, storage, progress).await?;
            launch(Server::Mongodb, mongodb, command, storage, progress).await
        },
    )?;
    Ok([kafka, redis, mongodb])
}

async fn launch(
    server: Server,
    port: u16,
    (program, command): (String, Command),
    storage: &Storage,
    progress: Listener<'_>,
) -> Result<ManagedServer> {
    progress(Progress::Starting { server, what: program });
    let log = storage.log(server);
    let command = command
        .current_dir(storage.data(server))
        .stdout(Output::Log(log.clone()))
        .stderr(Output::Log(log.clone()));
    let native = Native { command, log, child: Mutex::new(None) };
    let probe = Probe { server, host: LOOPBACK.into(), port };
    let address = probe.address();
    let managed = ManagedServer::new(server, probe, Instance::Native(native));
    let after = managed.start().await?;
    progress(Progress::Ready { server, address, after });
    Ok(managed)
}

/// How long a server may take to stop in order, before it is killed: Kafka, the slowest, takes one to three seconds.
const GRACE: Duration = Duration::from_secs(10);

/// A server as a process, which may be down for a while.
#[derive(Debug)]
pub(crate) struct Native {
    command: Command,
    log: PathBuf,
    /// None while it is down on purpose.
    child: Mutex<Option<Arc<Child>>>,
}

impl Native {
    pub(crate) fn start(&self) -> Result<()> {
        let mut slot = self.slot();
        if slot.as_ref().is_none_or(|child| child.exit().is_some()) {
            *slot = Some(Arc::new(self.command.spawn()?));
        }
        Ok(())
    }

    pub(crate) async fn stop(&self) {
        let child = self.slot().take();
        if let Some(child) = child {
            child.terminate(GRACE).await;
        }
    }

    pub(crate) async fn kill(&self) {
        let child = self.slot().take();
        if let Some(child) = child {
            child.kill();
            child.wait().await;
        }
    }

    pub(crate) fn kill_now(&self) {
        self.signal(Child::kill);
    }

    pub(crate) fn pause(&self) {
        self.signal(Child::suspend);
    }

    pub(crate) fn resume(&self) {
        self.signal(Child::resume);
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.slot().as_ref().filter(|child| child.exit().is_none()).map(|child| child.pid())
    }

    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        self.slot().as_ref()?.exit()
    }

    pub(crate) async fn end(&self) -> String {
        let child = self.slot().clone();
        match child {
            Some(child) => child.wait().await.to_string(),
            None => "stopped".to_owned(),
        }
    }

    pub(crate) fn last_log_lines(&self, count: usize) -> Vec<String> {
        last_lines(&self.log, count)
    }

    fn signal(&self, signal: impl Fn(&Child)) {
        if let Some(child) = self.slot().as_ref() {
            signal(child);
        }
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<Child>>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
