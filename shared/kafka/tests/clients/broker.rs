//! Brokers: one that all tests share, and one that a test may stop; topics and records.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use backends::{Backends, Choice, ManagedServer, Options, Server};
use domain::{CityMs, DriverId, LatLng};
use events::driver_shifts::{DriverShift, ShiftChange};
use events::{Contract, OutRecord};
use kafka::{Outbox, Settings, TopicAdmin};
use tokio::sync::OnceCell;

static NAMESPACES: AtomicU32 = AtomicU32::new(0);
static SERVERS: OnceCell<String> = OnceCell::const_new();

/// Partitions of the topics of a test.
pub(crate) const PARTITIONS: i32 = 4;

/// What may take a while on a busy machine, and nothing more.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// The address of the shared broker. It dies with this test process: its children carry a parent-death signal.
async fn bootstrap_servers() -> String {
    let address = SERVERS.get_or_init(|| async {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        // A runtime of its own: each test's runtime ends with the test.
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async move {
                let backends = start().await;
                sender.send(backends.endpoints.kafka_bootstrap_servers.clone()).unwrap();
                std::future::pending::<()>().await;
            });
        });
        receiver.await.expect("native servers start")
    });
    address.await.clone()
}

async fn start() -> Backends {
    let options = Options { choice: Choice::Native, ..Options::default() };
    backends::start(&options, |_| ()).await.expect("native servers start")
}

/// Settings of a namespace of its own on the shared broker, without topics.
pub(crate) async fn nowhere() -> Settings {
    let number = NAMESPACES.fetch_add(1, Ordering::Relaxed);
    Settings::new(&bootstrap_servers().await, &format!("test{number}"))
}

/// Settings of a namespace of its own on the shared broker, with its topics.
pub(crate) async fn fresh() -> Settings {
    let settings = nowhere().await;
    create_topics(&settings).await;
    settings
}

async fn create_topics(settings: &Settings) {
    TopicAdmin::new(settings, PARTITIONS, 1).unwrap().create().await.unwrap();
}

/// A broker that a test may stop, with topics.
pub(crate) struct OwnBroker {
    backends: Backends,
    pub(crate) settings: Settings,
}

impl OwnBroker {
    pub(crate) async fn start() -> Self {
        let backends = start().await;
        let settings = Settings::new(&backends.endpoints.kafka_bootstrap_servers, "");
        create_topics(&settings).await;
        Self { backends, settings }
    }

    pub(crate) fn server(&self) -> &ManagedServer {
        self.backends.server(Server::Kafka).unwrap()
    }
}

/// The beginning of a shift, a stream's record; `at` tells records of one driver apart.
pub(crate) fn shift(driver: u64, at: i64) -> OutRecord {
    let position = LatLng { lat: 46.0, lon: 0.5 };
    DriverShift { driver: DriverId(driver), at: CityMs(at), change: ShiftChange::Start, position }.to_record()
}

/// A driver, a table's record.
pub(crate) fn driver(id: u64) -> OutRecord {
    domain::driver::Driver {
        id: DriverId(id),
        status: domain::driver::DriverStatus::Idle,
        since: CityMs(0),
        assignment: None,
        leaving: false,
    }
    .to_record()
}

pub(crate) async fn produce(settings: &Settings, records: &[OutRecord]) {
    let outbox = Outbox::new(settings, "test", 0).unwrap();
    outbox.send_all(records).await.unwrap();
    outbox.settled().await.unwrap();
}
