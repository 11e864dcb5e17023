//! Whether a server really serves: asked in its own protocol, as log lines and open ports lie.

mod bson;
mod kafka;
mod mongodb;
mod redis;

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::server::Server;

/// How long a server may take to become ready; a loaded machine with a cold disk needs 15 s.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long one question may take: a server that is coming up can accept a connection and then be silent.
const ATTEMPT: Duration = Duration::from_secs(3);
/// Between two questions: short against a start of seconds, and cheap.
const PAUSE: Duration = Duration::from_millis(50);

/// How to ask one server.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    /// Which server.
    pub server: Server,
    /// The host as seen from here.
    pub host: String,
    /// The port as seen from here.
    pub port: u16,
}

/// The outcome of one question.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Ready,
    NotYet(String),
}

impl Probe {
    /// `host:port` as seen from here.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Waits until the server serves; gives up at the deadline.
    pub(crate) async fn wait(&self) -> Result<()> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let failure = match timeout(ATTEMPT, self.ask()).await {
                Ok(Ok(Answer::Ready)) => return Ok(()),
                Ok(Ok(Answer::NotYet(why))) => anyhow!(why),
                Ok(Err(error)) => error,
                Err(_) => anyhow!("no answer within {} s", ATTEMPT.as_secs()),
            };
            if Instant::now() >= deadline {
                let (server, address, s) = (self.server, self.address(), DEADLINE.as_secs());
                return Err(failure.context(format!("{server} at {address} is not ready after {s} s")));
            }
            sleep(PAUSE).await;
        }
    }

    async fn ask(&self) -> Result<Answer> {
        let mut stream =
            TcpStream::connect((self.host.as_str(), self.port)).await.context("could not connect")?;
        match self.server {
            Server::Kafka => kafka::ask(&mut stream, self.port).await,
            Server::Redis => redis::ask(&mut stream).await,
            Server::Mongodb => mongodb::ask(&mut stream).await,
        }
    }
}
