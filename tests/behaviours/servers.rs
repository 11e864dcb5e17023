//! The shared servers: started with the first test that needs them, stopped after the last.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use backends::{Backends, Choice, Options, Server};
use kafka::TopicAdmin;
use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

/// A test: what it says, and what it does.
pub(crate) type Test = (&'static str, fn(&Servers));

/// Runs the tests that the arguments of the process ask for, and ends it.
pub(crate) fn run(tests: &[&[Test]]) {
    let mut arguments = Arguments::from_args();
    // The tests share two cores and break the servers they share: one after the other.
    arguments.test_threads = Some(1);
    let servers = Servers::default();
    let trials = tests.concat().into_iter().map(|test| servers.trial(test));
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    servers.stop();
    conclusion.exit();
}

/// Kafka, Redis and MongoDB of this test run.
#[derive(Clone, Default)]
pub(crate) struct Servers(Arc<Mutex<Option<Running>>>);

struct Running {
    runtime: Runtime,
    backends: Backends,
    /// Namespaces whose topics are there.
    namespaces: BTreeSet<String>,
}

impl Servers {
    /// A test that is run on these servers.
    pub(crate) fn trial(&self, (name, test): Test) -> Trial {
        let servers = self.clone();
        Trial::test(name, move || {
            servers.forget_former_tests();
            let began = Instant::now();
            test(&servers);
            print!("{:>4} s ", began.elapsed().as_secs());
            std::io::stdout().flush()?;
            Ok(())
        })
    }

    /// Deletes the topics of earlier tests: each leaves some 200 partitions, and forty times as many fill the broker's
    /// heap. Before a test rather than after one, since a test that fails ends in a panic.
    fn forget_former_tests(&self) {
        let Some(running) = &mut *self.lock() else { return };
        for namespace in std::mem::take(&mut running.namespaces) {
            let settings =
                kafka::Settings::new(&running.backends.endpoints.kafka_bootstrap_servers, &namespace);
            let deleted = running.runtime.block_on(async {
                TopicAdmin::new(&settings, events::topic::DEFAULT_PARTITIONS, 1)?.delete().await
            });
            if let Err(error) = deleted {
                eprintln!("the topics of {namespace} stay: {error:#}");
            }
        }
    }

    /// The environment that leads a command to these servers.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        self.with(|running| {
            let pairs = running.backends.endpoints.environment();
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        })
    }

    /// Where one of them listens, `host:port`.
    pub(crate) fn address(&self, server: Server) -> String {
        self.with(|running| {
            let endpoints = &running.backends.endpoints;
            match server {
                Server::Kafka => endpoints.kafka_bootstrap_servers.clone(),
                Server::Redis => {
                    endpoints.redis_url.trim_start_matches("redis://").trim_end_matches('/').to_owned()
                }
                Server::Mongodb => endpoints.mongodb_uri.clone(),
            }
        })
    }

    /// How Kafka is reached in a namespace, which is deleted before the next test.
    pub(crate) fn kafka(&self, namespace: &str) -> kafka::Settings {
        self.with(|running| running.namespaces.insert(namespace.to_owned()));
        kafka::Settings::new(&self.address(Server::Kafka), namespace)
    }

    /// Ends a server gracefully and starts it again on the same port with the same data.
    pub(crate) fn restart(&self, server: Server) {
        self.with(|running| {
            let server = running.backends.server(server).expect("the servers are ours");
            running.runtime.block_on(server.restart()).expect("it restarts");
        });
    }

    /// Ends a server with SIGKILL and starts it again.
    pub(crate) fn kill_and_start(&self, server: Server) {
        self.with(|running| {
            let server = running.backends.server(server).expect("the servers are ours");
            running
                .runtime
                .block_on(async { server.kill().await.and(server.start().await) })
                .expect("it starts again");
        });
    }

    /// Ends a server until `start`.
    pub(crate) fn stop_one(&self, server: Server) {
        self.with(|running| {
            running
                .runtime
                .block_on(running.backends.server(server).expect("ours").stop())
                .expect("it stops");
        });
    }

    /// Starts a server that was ended.
    pub(crate) fn start_one(&self, server: Server) {
        self.with(|running| {
            running
                .runtime
                .block_on(running.backends.server(server).expect("ours").start())
                .expect("it starts");
        });
    }

    /// Stops all that was started.
    pub(crate) fn stop(&self) {
        if let Some(running) = self.lock().take() {
            running.runtime.block_on(running.backends.stop()).expect("the servers stop");
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut Running) -> T) -> T {
        let mut running = self.lock();
        look(running.get_or_insert_with(start))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn start() -> Running {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    // Tests restart and kill them: they have to be ours.
    let choice = match std::env::var("HAILSTORM_BACKENDS").as_deref() {
        Ok("docker") => Choice::Docker,
        _ => Choice::Native,
    };
    let options = Options { choice, ..Options::default() };
    let backends = runtime.block_on(backends::start(&options, |_| ())).expect("the servers start");
    Running { runtime, backends, namespaces: BTreeSet::new() }
}
