//! Servers as containers of the local Docker engine, on published ports.

mod container;
mod engine;
mod recipe;
mod watchdog;

use std::path::Path;

use anyhow::{Context, Result};

pub(crate) use container::Container;
pub use engine::{LOCAL, host, version as engine_version};
pub use recipe::Recipe;
pub use watchdog::{LABEL, Watchdog};

use crate::options::Options;
use crate::ports;
use crate::progress::{Listener, Progress};
use crate::readiness::Probe;
use crate::server::{Instance, ManagedServer, Server};
use crate::storage::Storage;

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
    let Recipe { image, .. } = Recipe::of(server);
    if !engine::has_image(image).await {
        progress(Progress::Installing { what: server.to_string(), how: format!("docker pull {image}") });
        engine::docker(["pull", "--quiet", image]).await?;
    }
    progress(Progress::Starting { server, what: image.to_owned() });
    let host = host();
    let data = storage.map(|storage| storage.data(server));
    let arguments = arguments(server, &host, port, data.as_deref(), watchdog.run())?;
    let container = Container::run(watchdog.run(), server, arguments).await?;
    let probe = probe(server, host, port);
    let address = probe.address();
    let managed = ManagedServer::new(server, probe, Instance::Docker(container));
    let after = managed.start().await?;
    progress(Progress::Ready { server, address, after });
    Ok(managed)
}

/// How a server in a container is asked whether it serves.
fn probe(server: Server, host: String, port: u16) -> Probe {
    Probe { server, host, port }
}

/// Waits until a server in a container of somebody else's serves, which is reached at `host:port`.
///
/// # Errors
///
/// If it does not serve within a minute.
pub async fn wait_until_it_serves(server: Server, host: &str, port: u16) -> Result<()> {
    probe(server, host.to_owned(), port).wait().await
}

/// What follows `docker run --detach`.
fn arguments(server: Server, host: &str, port: u16, data: Option<&Path>, run: &str) -> Result<Vec<String>> {
    let recipe = Recipe::reached_at(server, &format!("{host}:{port}"));
    let bind = if host == engine::LOCAL { "127.0.0.1:" } else { "" };
    let mut arguments: Vec<String> = vec![
        format!("--name={}", container::name(run, server)),
        format!("--label={}={run}", watchdog::LABEL),
        format!("--publish={bind}{port}:{}", recipe.port),
        format!("--memory={}m", recipe.memory_mib),
    ];
    if let Some(data) = data {
        // The server's own user within the container must be able to write there.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(data, open)
            .with_context(|| format!("could not open up {}", data.display()))?;
        arguments.push(format!("--volume={}:{}", data.display(), recipe.data));
    }
    let variables = recipe.environment.iter();
    arguments.extend(variables.map(|(variable, value)| format!("--env={variable}={value}")));
    arguments.push(recipe.image.to_owned());
    arguments.extend(recipe.arguments);
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_labelled_limited_and_published_on_loopback() {
        let arguments = arguments(Server::Mongodb, "127.0.0.1", 21000, None, "r1").unwrap();
        let image = arguments.iter().position(|argument| argument == "mongo:7.0").unwrap();
        for expected in ["--label=hailstorm.run=r1", "--publish=127.0.0.1:21000:27017", "--memory=1024m"] {
            assert!(arguments[..image].iter().any(|argument| argument == expected), "{expected}");
        }
        assert!(arguments[image..].contains(&"--wiredTigerCacheSizeGB".to_owned()));
    }

    #[test]
    fn the_broker_advertises_the_published_port_and_reaches_itself_by_another() {
        let arguments = arguments(Server::Kafka, "127.0.0.1", 21000, None, "r1").unwrap();
        for expected in [
            "--env=KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://127.0.0.1:21000,OWN://127.0.0.1:9094",
            "--env=KAFKA_INTER_BROKER_LISTENER_NAME=OWN",
        ] {
            assert!(arguments.iter().any(|argument| argument == expected), "{expected}: {arguments:?}");
        }
    }
}
