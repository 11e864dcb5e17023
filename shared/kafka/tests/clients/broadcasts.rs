//! What a listener sees: all of its tables, what comes of its streams, over restarts of the broker, and no more.

use std::collections::BTreeSet;
use std::time::Duration;

use events::{OutRecord, driver_shifts, drivers, fares};
use kafka::{Broadcast, GroupWatch, Listening, Settings, TablesRead};
use pipeline::{Batch, Polled, Progress, Source};
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::broker::{LONG, OwnBroker, PARTITIONS, driver, fresh, produce, shift};

const MAX_RECORDS: usize = 40;

/// A listener with all it has heard: keys, in the order they came.
struct Ear {
    source: Broadcast,
    tables_read: TablesRead,
    batch: Batch,
    table: Vec<Vec<u8>>,
    stream: Vec<Vec<u8>>,
    places: BTreeSet<(i32, i64)>,
}

impl Ear {
    fn new(settings: &Settings, member: &str, stop: &CancellationToken) -> Self {
        let listening = Listening {
            streams: vec![&driver_shifts::TOPIC, &fares::TOPIC],
            tables: vec![&drivers::TOPIC, &events::zones::TOPIC],
            eager: false,
            max_records: MAX_RECORDS,
            linger: Duration::from_millis(20),
        };
        let source = Broadcast::start(settings, listening, member, stop.clone()).unwrap();
        let tables_read = source.tables_read();
        Self {
            source,
            tables_read,
            batch: Batch::new(),
            table: vec![],
            stream: vec![],
            places: BTreeSet::new(),
        }
    }

    /// Polls once and deals with what came, as the loop of a service does.
    async fn poll(&mut self) -> Polled {
        self.batch.clear();
        let polled = self.source.poll(&mut self.batch).await.unwrap();
        assert!(self.batch.len() <= MAX_RECORDS);
        let mut progress = Progress::default();
        for (index, record) in self.batch.iter().enumerate() {
            let key = record.key.unwrap().to_vec();
            if self.batch.is_followed(index) {
                assert_eq!(record.topic, "drivers");
                self.table.push(key);
            } else {
                assert_eq!(record.topic, "driver-shifts");
                assert!(self.tables_read.is_done(), "a stream before the tables are read");
                assert!(self.places.insert((record.partition, record.offset)), "a record came twice");
                progress.add(&record);
                self.stream.push(key);
            }
        }
        self.source.commit(&progress).await.unwrap();
        polled
    }

    async fn listen_until(&mut self, what: &str, enough: impl Fn(&Self) -> bool) {
        let listen = async {
            while !enough(self) {
                assert_ne!(self.poll().await, Polled::Stop);
            }
        };
        timeout(LONG, listen).await.unwrap_or_else(|_| panic!("waited too long for {what}"));
    }
}

fn records(count: u64, record: impl Fn(u64) -> OutRecord) -> Vec<OutRecord> {
    (0..count).map(record).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_listener_sees_all_of_the_tables_and_all_that_is_new_in_the_streams() {
    let settings = fresh().await;
    produce(&settings, &records(500, driver)).await;
    produce(&settings, &records(50, |n| shift(n, 0))).await;
    let stop = CancellationToken::new();
    let mut ears = ["gateway-a", "gateway-b"].map(|member| Ear::new(&settings, member, &stop));
    for ear in &mut ears {
        assert_eq!(ear.poll().await, Polled::Assigned((0..PARTITIONS).collect()));
    }
    // After a listener asked for the ends, before it has read the tables: neither may be missed.
    produce(&settings, &records(30, |n| shift(n, 1))).await;
    produce(&settings, &records(5, |n| driver(1000 + n))).await;
    for ear in &mut ears {
        assert!(!ear.tables_read.is_done());
        ear.listen_until("the tables", |ear| ear.tables_read.is_done()).await;
        assert!(ear.table.len() >= 500, "{}", ear.table.len());
    }
    produce(&settings, &records(100, |n| shift(n, 2))).await;
    for ear in &mut ears {
        ear.listen_until("the streams", |ear| ear.stream.len() == 130 && ear.table.len() == 505).await;
        let distinct: BTreeSet<_> = ear.table.iter().collect();
        assert_eq!(distinct.len(), 505, "each entry once");
    }
    stop.cancel();
    for ear in &mut ears {
        assert_eq!(ear.poll().await, Polled::Stop);
        ear.source.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_transactions_is_read_whole_and_what_was_aborted_is_not() {
    let settings = fresh().await;
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", &settings.kafka_bootstrap_servers).set("transactional.id", "tables");
    let producer: BaseProducer = client.create().unwrap();
    producer.init_transactions(LONG).unwrap();
    let topic = settings.full_name("drivers");
    for (first, commit) in [(0, true), (20, false), (40, true)] {
        producer.begin_transaction().unwrap();
        for id in first..first + 20 {
            let record = driver(id);
            let payload = record.payload.unwrap();
            producer.send(BaseRecord::to(&topic).key(&record.key).payload(&payload)).unwrap();
        }
        if commit {
            producer.commit_transaction(LONG).unwrap();
        } else {
            producer.flush(LONG).unwrap();
            producer.abort_transaction(LONG).unwrap();
        }
    }
    let mut ear = Ear::new(&settings, "gateway", &CancellationToken::new());
    ear.listen_until("the table", |ear| ear.tables_read.is_done()).await;
    produce(&settings, &[driver(99)]).await;
    ear.listen_until("a new entry", |ear| ear.table.contains(&b"99".to_vec())).await;
    let expected = (0..20).chain(40..60).chain([99]).map(|id: u64| id.to_string().into_bytes());
    assert_eq!(ear.table.into_iter().collect::<BTreeSet<_>>(), expected.collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_tells_how_far_it_is() {
    let settings = fresh().await;
    produce(&settings, &records(50, |n| shift(n, 0))).await;
    let watch = GroupWatch::new(&settings, "gateway", &["driver-shifts"]).unwrap();
    assert_eq!(watch.lag().unwrap().offsets, 50, "nothing is told yet");
    let mut ear = Ear::new(&settings, "gateway", &CancellationToken::new());
    ear.listen_until("the tables", |ear| ear.tables_read.is_done()).await;
    // One record: the partitions without one have to be told, too.
    produce(&settings, &[shift(7, 1)]).await;
    ear.listen_until("a lag of nothing", |ear| {
        let lag = tokio::task::block_in_place(|| watch.lag()).unwrap();
        ear.stream.len() == 1 && lag.offsets == 0 && lag.ends == 51
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_goes_on_over_a_restart_of_the_broker() {
    let broker = OwnBroker::start().await;
    produce(&broker.settings, &[driver(1)]).await;
    let stop = CancellationToken::new();
    let mut ear = Ear::new(&broker.settings, "gateway", &stop);
    ear.listen_until("the tables", |ear| ear.tables_read.is_done()).await;
    produce(&broker.settings, &records(20, |n| shift(n, 0))).await;
    ear.listen_until("the first records", |ear| ear.stream.len() == 20).await;
    let restart = async {
        broker.server().restart().await.unwrap();
        produce(&broker.settings, &records(20, |n| shift(n, 1))).await;
        produce(&broker.settings, &[driver(2)]).await;
    };
    let listen = ear.listen_until("what came later", |ear| ear.stream.len() == 40 && ear.table.len() == 2);
    tokio::join!(restart, listen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_without_a_broker_waits_and_stops_when_asked() {
    let stop = CancellationToken::new();
    // Nothing listens on port 1.
    let mut ear = Ear::new(&Settings::new("127.0.0.1:1", ""), "gateway", &stop);
    let polled = tokio::spawn(async move { ear.poll().await });
    let early = timeout(Duration::from_secs(3), std::future::pending::<()>()).await;
    assert!(early.is_err() && !polled.is_finished(), "it goes on trying");
    stop.cancel();
    assert_eq!(timeout(Duration::from_secs(5), polled).await.unwrap().unwrap(), Polled::Stop);
}
