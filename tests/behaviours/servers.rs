//! The shared servers: started with the first test that needs them, stopped after the last.

use std::collections::BTreeSet;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use anyhow::Result;
use backends::{Endpoints, Server};
use kafka::TopicAdmin;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

use crate::provider::Provider;

/// How much of a server's log is shown when a test fails.
const LOG_LINES: usize = 30;

/// MongoDB logs lines of thousands of characters, of which the first ones say what happened.
const LOG_COLUMNS: usize = 300;

/// A test: what it says, and what it does.
pub(crate) type Test = (&'static str, fn(&Servers));

/// Tests that are run at the same time: most of what a city does is waiting, so two cores are enough for three cities.
const AT_A_TIME: usize = 3;

/// Runs the tests that the arguments of the process ask for, and ends it: `together` three at a time, then `alone` those
/// that break the servers, which all share, or look at how fast things go.
pub(crate) fn run(together: &[&[Test]], alone: &[&[Test]]) {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(arguments.test_threads.unwrap_or(AT_A_TIME).min(AT_A_TIME));
    let servers = Servers::default();
    let mut trials: Vec<Trial> =
        together.concat().into_iter().map(|test| servers.trial(test, Company::Others)).collect();
    trials.extend(alone.concat().into_iter().map(|test| servers.trial(test, Company::Nobody)));
    let conclusion = libtest_mimic::run(&arguments, trials);
    servers.stop();
    conclusion.exit();
}

/// Who may be there while a test is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Company {
    Others,
    Nobody,
}

/// Kafka, Redis and MongoDB of this test run, as one test has them.
#[derive(Clone, Default)]
pub(crate) struct Servers {
    running: Arc<Mutex<Option<Running>>>,
    /// Held by a test while it is run: read by those that may have company, written by the others.
    floor: Arc<RwLock<()>>,
    /// Namespaces of this test, whose topics are there.
    namespaces: Arc<Mutex<BTreeSet<String>>>,
}

struct Running {
    runtime: Runtime,
    provider: Provider,
}

impl Servers {
    /// A test that is run on these servers, with topics of its own.
    fn trial(&self, (name, test): Test, company: Company) -> Trial {
        let servers = Self { namespaces: Arc::default(), ..self.clone() };
        Trial::test(name, move || match company {
            Company::Others => {
                let _floor = servers.floor.read().unwrap_or_else(PoisonError::into_inner);
                servers.run_one(test)
            }
            Company::Nobody => {
                let _floor = servers.floor.write().unwrap_or_else(PoisonError::into_inner);
                servers.run_one(test)
            }
        })
    }

    fn run_one(&self, test: fn(&Self)) -> Result<(), Failed> {
        let began = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| test(self)));
        if outcome.is_err() {
            self.print_logs();
        }
        self.forget_topics();
        outcome.unwrap_or_else(|panic| resume_unwind(panic));
        print!("{:>4} s ", began.elapsed().as_secs());
        std::io::stdout().flush()?;
        Ok(())
    }

    /// Deletes the topics of the test: each leaves some 200 partitions, and forty times as many fill the broker's heap.
    fn forget_topics(&self) {
        let Some(running) = &mut *self.lock() else { return };
        for namespace in std::mem::take(&mut *self.namespaces.lock().unwrap_or_else(PoisonError::into_inner))
        {
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

    /// How Kafka is reached in a namespace, which is deleted behind the test.
    pub(crate) fn kafka(&self, namespace: &str) -> kafka::Settings {
        self.namespaces.lock().unwrap_or_else(PoisonError::into_inner).insert(namespace.to_owned());
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
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
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
    Running { runtime, provider }
}
