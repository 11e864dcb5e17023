//! Servers as containers of the local Docker engine, on published ports.

mod container;
mod engine;
mod recipe;
mod watchdog;

use std::path::Path;

use anyhow::{Context, Result};

pub(crate) use container::Container;
pub(crate) use engine::{host, version as engine_version};
pub use recipe::Recipe;
pub(crate) use watchdog::Watchdog;

use crate::kafka_settings::{self, Place};
use crate::options::Options;
use crate::ports;
use crate::progress::{Listener, Progress};
use crate::readiness::Probe;
use crate::server::{Instance, ManagedServer, Server};
use crate::storage::Storage;

/// Memory limits: heap or cache, what the server needs besides, and room for page cache.
fn memory_limit(server: Server) -> &'static str {
    match server {
        Server::Kafka => "768m",
        Server::Redis => "384m",
        Server::Mongodb => "1g",
    }
}

/// The port a server listens on within its container.
fn inner_port(server: Server) -> u16 {
    match server {
        Server::Kafka => 9092,
        Server::Redis => 6379,
        Server::Mongodb => 27017,
    }
}

/// The folder of a server's data within its container.
fn inner_data(server: Server) -> &'static str {
    match server {
        Server::Kafka => "/var/lib/kafka/data",
        Server::Redis => "/data",
        Server::Mongodb => "/data/db",
    }
}

/// Runs all three side by side and waits until they serve. They are removed when the watchdog is dropped.
pub(crate) async fn start(
    options: &Options,
    storage: Option<&Storage>,
    progress: Listener<'_>,
) -> Result<(Watchdog, [ManagedServer; 3])> {
    let [kafka, redis, mongodb] = ports::pick(Server::ALL.map(|server| options.port(server)))?;
    let watchdog = Watchdog::start()?;
    let run = |server, port| run(server, port, &watchdog, storage, progress);
    let (kafka, redis, mongodb) = tokio::try_join!(
        run(Server::Kafka, kafka),
        run(Server::Redis, redis),
        run(Server::Mongodb, mongodb)
    )?;
    Ok((watchdog, [kafka, redis, mongodb]))
}

async fn run(
    server: Server,
    port: u16,
    watchdog: &Watchdog,
    storage: Option<&Storage>,
    progress: Listener<'_>,
) -> Result<ManagedServer> {
    let image = Recipe::of(server).image;
    if !engine::has_image(image).await {
        progress(Progress::Installing { what: server.to_string(), how: format!("docker pull {image}") });
        engine::docker(["pull", "--quiet", image]).await?;
    }
    progress(Progress::Starting { server, what: image.to_owned() });
    let host = host();
    let data = storage.map(|storage| storage.data(server));
    let arguments = arguments(server, &host, port, data.as_deref(), watchdog.run())?;
    let container = Container::run(watchdog.run(), server, arguments).await?;
    let member = format!("127.0.0.1:{}", inner_port(server));
    let probe = Probe { server, host, port, member };
    let address = probe.address();
    let managed = ManagedServer::new(server, probe, Instance::Docker(container));
    let after = managed.start().await?;
    progress(Progress::Ready { server, address, after });
    Ok(managed)
}

/// What follows `docker run --detach`.
fn arguments(server: Server, host: &str, port: u16, data: Option<&Path>, run: &str) -> Result<Vec<String>> {
    let inner = inner_port(server);
    let bind = if host == engine::LOCAL { "127.0.0.1:" } else { "" };
    let mut arguments: Vec<String> = vec![
        format!("--name={}", container::name(run, server)),
        format!("--label={}={run}", watchdog::LABEL),
        format!("--publish={bind}{port}:{inner}"),
        format!("--memory={}", memory_limit(server)),
    ];
    if let Some(data) = data {
        // The server's own user within the container must be able to write there.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(data, open)
            .with_context(|| format!("could not open up {}", data.display()))?;
        arguments.push(format!("--volume={}:{}", data.display(), inner_data(server)));
    }
    let Recipe { image, environment, arguments: flags } = Recipe::of(server);
    let placed = match server {
        Server::Kafka => whereabouts(format!("{host}:{port}")),
        Server::Redis | Server::Mongodb => Vec::new(),
    };
    let variables = placed.into_iter().chain(environment);
    arguments.extend(variables.map(|(variable, value)| format!("--env={variable}={value}")));
    arguments.push(image.to_owned());
    arguments.extend(flags);
    Ok(arguments)
}

/// What a broker has to know of where it is.
fn whereabouts(advertised: String) -> Vec<(String, String)> {
    kafka_settings::as_environment(&kafka_settings::placed(&Place {
        bind: "0.0.0.0",
        port: inner_port(Server::Kafka),
        controller_port: 9093,
        advertised,
        data: inner_data(Server::Kafka).to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_labelled_limited_and_published_on_loopback() {
        let arguments = arguments(Server::Mongodb, "127.0.0.1", 21000, None, "r1").unwrap();
        let image = arguments.iter().position(|argument| argument == "mongo:7.0").unwrap();
        for expected in ["--label=hailstorm.run=r1", "--publish=127.0.0.1:21000:27017", "--memory=1g"] {
            assert!(arguments[..image].iter().any(|argument| argument == expected), "{expected}");
        }
        assert!(arguments[image..].contains(&"--replSet".to_owned()));
    }

    #[test]
    fn the_broker_advertises_the_published_port() {
        let arguments = arguments(Server::Kafka, "127.0.0.1", 21000, None, "r1").unwrap();
        assert!(
            arguments.contains(&"--env=KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://127.0.0.1:21000".to_owned())
        );
    }
}
