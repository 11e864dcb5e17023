//! The servers of a test run as containers, started through testcontainers by the recipes of `backends`.
//!
//! A container that is dropped is removed by testcontainers, and nothing is dropped when a process is killed. So all of
//! them bear the label of a run, over which the watchdog of `--backends docker` watches: a process that outlives us.

use anyhow::{Context, Result};
use backends::docker::{self, LABEL, LOCAL, Watchdog};
use backends::{Endpoints, Recipe, Server};
use futures::StreamExt;
use testcontainers::bollard::models::HostConfig;
use testcontainers::bollard::query_parameters::{KillContainerOptionsBuilder, LogsOptionsBuilder};
use testcontainers::core::IntoContainerPort;
use testcontainers::core::client::docker_client_instance;
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, ContainerRequest, GenericImage, ImageExt};

/// Seconds a server may take to stop in order before the engine kills it.
const GRACE_S: i32 = 10;

/// Kafka, Redis and MongoDB in containers of one run.
pub(crate) struct Containers {
    endpoints: Endpoints,
    servers: Vec<Container>,
    watchdog: Watchdog,
}

/// A server in a container, running or not, on a port that stays.
struct Container {
    server: Server,
    host: String,
    port: u16,
    inner: ContainerAsync<GenericImage>,
}

impl Containers {
    /// Runs all three side by side and waits until they serve.
    pub(crate) async fn start() -> Result<Self> {
        let host = docker::host();
        let ports = backends::pick_ports([None; 3])?;
        let watchdog = Watchdog::start()?;
        let [kafka, redis, mongodb] = ports;
        let run = |server, port| Container::run(server, &host, port, watchdog.run());
        let (kafka, redis, mongodb) = tokio::try_join!(
            run(Server::Kafka, kafka),
            run(Server::Redis, redis),
            run(Server::Mongodb, mongodb)
        )?;
        Ok(Self { endpoints: Endpoints::on(&host, ports), servers: vec![kafka, redis, mongodb], watchdog })
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// What all of them bear, as a filter of `docker ps`.
    pub(crate) fn label(&self) -> String {
        format!("{LABEL}={}", self.watchdog.run())
    }

    pub(crate) async fn start_one(&self, server: Server) -> Result<()> {
        let container = self.of(server);
        container.inner.start().await?;
        container.wait_until_it_serves().await
    }

    pub(crate) async fn stop_one(&self, server: Server) -> Result<()> {
        Ok(self.of(server).inner.stop_with_timeout(Some(GRACE_S)).await?)
    }

    /// SIGKILL; testcontainers can only stop, so the engine is asked.
    pub(crate) async fn kill(&self, server: Server) -> Result<()> {
        let (engine, id) = (docker_client_instance().await?, self.of(server).inner.id());
        let signal = KillContainerOptionsBuilder::new().signal("KILL").build();
        engine.kill_container(id, Some(signal)).await?;
        // What it ends with counts as an error, as it is not 0.
        engine.wait_container(id, None).collect::<Vec<_>>().await;
        Ok(())
    }

    pub(crate) async fn freeze(&self, server: Server) -> Result<()> {
        Ok(self.of(server).inner.pause().await?)
    }

    pub(crate) async fn thaw(&self, server: Server) -> Result<()> {
        Ok(self.of(server).inner.unpause().await?)
    }

    /// The last lines that a server wrote.
    pub(crate) async fn last_log_lines(&self, server: Server, count: usize) -> Result<Vec<String>> {
        let engine = docker_client_instance().await?;
        let tail = LogsOptionsBuilder::new().stdout(true).stderr(true).tail(&count.to_string()).build();
        let pieces = engine.logs(self.of(server).inner.id(), Some(tail));
        let pieces: Vec<String> =
            pieces.filter_map(async |piece| Some(piece.ok()?.to_string())).collect().await;
        Ok(pieces.concat().lines().map(str::to_owned).collect())
    }

    /// Stops and removes all of them.
    pub(crate) async fn stop(self) -> Result<()> {
        for container in self.servers {
            container.inner.rm().await?;
        }
        self.watchdog.remove_containers().await
    }

    fn of(&self, server: Server) -> &Container {
        self.servers.iter().find(|container| container.server == server).expect("there is one of each")
    }
}

impl Container {
    async fn run(server: Server, host: &str, port: u16, run: &str) -> Result<Self> {
        let request = request(server, host, port, run)?;
        let inner = request.start().await.with_context(|| format!("{server} could not be run"))?;
        let container = Self { server, host: host.to_owned(), port, inner };
        container.wait_until_it_serves().await?;
        Ok(container)
    }

    async fn wait_until_it_serves(&self) -> Result<()> {
        docker::wait_until_it_serves(self.server, &self.host, self.port).await
    }
}

/// The container that a recipe makes, on this port of the host whatever happens to it.
fn request(server: Server, host: &str, port: u16, run: &str) -> Result<ContainerRequest<GenericImage>> {
    let recipe = Recipe::reached_at(server, &format!("{host}:{port}"));
    let (name, tag) = recipe.image.rsplit_once(':').context("an image has a tag")?;
    let local = host == LOCAL;
    let limits = move |config: &mut HostConfig| {
        config.memory = Some(i64::from(recipe.memory_mib) << 20);
        // Nothing here asks for a password: it is for this machine only.
        let bindings = config.port_bindings.iter_mut().flat_map(|ports| ports.values_mut());
        for binding in bindings.flatten().flatten().filter(|_| local) {
            binding.host_ip = Some(LOCAL.to_owned());
        }
    };
    let request = GenericImage::new(name, tag)
        .with_cmd(recipe.arguments)
        .with_container_name(format!("hailstorm-test-{run}-{server}"))
        .with_label(LABEL, run)
        .with_mapped_port(port, recipe.port.tcp())
        .with_host_config_modifier(limits);
    Ok(recipe
        .environment
        .into_iter()
        .fold(request, |request, (name, value)| request.with_env_var(name, value)))
}
