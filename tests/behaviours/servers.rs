//! The shared servers: started with the first test that needs them, stopped after the last.

use std::collections::BTreeSet;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use anyhow::Result;
use backends::{Endpoints, Server};
use kafka::TopicAdmin;
use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

use crate::provider::Provider;

/// How much of a server's log is shown when a test fails.
const LOG_LINES: usize = 30;

/// MongoDB logs lines of thousands of characters, of which the first ones say what happened.
const LOG_COLUMNS: usize = 300;

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
    provider: Provider,
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
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| test(&servers))) {
                servers.print_logs();
                resume_unwind(panic);
            }
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
                kafka::Settings::new(&running.provider.endpoints().kafka_bootstrap_servers, &namespace);
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
            let pairs = running.provider.endpoints().environment();
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        })
    }

    /// Where one of them listens, `host:port`.
    pub(crate) fn address(&self, server: Server) -> String {
        self.with(|running| {
            let endpoints: &Endpoints = running.provider.endpoints();
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
        self.stop_one(server);
        self.start_one(server);
    }

    /// Ends a server with SIGKILL and starts it again.
    pub(crate) fn kill_and_start(&self, server: Server) {
        self.with_provider("is killed", async |provider| provider.kill(server).await);
        self.start_one(server);
    }

    /// Ends a server until `start_one`.
    pub(crate) fn stop_one(&self, server: Server) {
        self.with_provider("stops", async |provider| provider.stop_one(server).await);
    }

    /// Starts a server that was ended.
    pub(crate) fn start_one(&self, server: Server) {
        self.with_provider("starts", async |provider| provider.start_one(server).await);
    }

    /// Freezes a server until `thaw`: it keeps its connections and answers nothing.
    pub(crate) fn freeze(&self, server: Server) {
        self.with_provider("freezes", async |provider| provider.freeze(server).await);
    }

    /// Lets a frozen server go on.
    pub(crate) fn thaw(&self, server: Server) {
        self.with_provider("goes on", async |provider| provider.thaw(server).await);
    }

    /// The label of the containers that the servers are, if they are containers.
    pub(crate) fn label(&self) -> Option<String> {
        self.with(|running| running.provider.label())
    }

    /// Prints what the servers wrote last, if they were started.
    fn print_logs(&self) {
        let Some(running) = &mut *self.lock() else { return };
        for server in Server::ALL {
            eprintln!("--- the log of {server}");
            let lines = running.provider.last_log_lines(server, LOG_LINES);
            match running.runtime.block_on(lines) {
                Ok(lines) => lines
                    .iter()
                    .for_each(|line| eprintln!("{}", line.chars().take(LOG_COLUMNS).collect::<String>())),
                Err(error) => eprintln!("it can't be had: {error:#}"),
            }
        }
    }

    /// Stops all that was started.
    pub(crate) fn stop(&self) {
        if let Some(running) = self.lock().take() {
            running.runtime.block_on(running.provider.stop()).expect("the servers stop");
        }
    }

    fn with_provider(&self, what: &str, act: impl AsyncFnOnce(&Provider) -> Result<()>) {
        self.with(|running| {
            let done = running.runtime.block_on(act(&running.provider));
            done.unwrap_or_else(|error| panic!("it {what}: {error:#}"));
        });
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
    let provider =
        runtime.block_on(Provider::start()).unwrap_or_else(|error| panic!("no servers: {error:#}"));
    Running { runtime, provider, namespaces: BTreeSet::new() }
}
