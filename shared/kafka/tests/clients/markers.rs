//! Transactions that are just being ended when the broker is killed.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use events::Topic;
use kafka::Settings;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::broker::{LONG, OwnBroker, PARTITIONS};

/// Kafka 4.3.1 failed at the first or the second, six times out of six.
const KILLS: usize = 3;

/// Enough that some transaction is always between its decision and its markers.
const WRITERS: usize = 8;

/// Each transaction touches all their partitions.
const TOPICS: [&Topic; 6] = [
    &events::trips::TOPIC,
    &events::trip_events::TOPIC,
    &events::drivers::TOPIC,
    &events::driver_commands::TOPIC,
    &events::reservation_replies::TOPIC,
    &events::fares::TOPIC,
];

fn producer(settings: &Settings, writer: usize) -> BaseProducer {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &settings.kafka_bootstrap_servers)
        .set("transactional.id", format!("writer-{writer}"))
        .set("transaction.timeout.ms", "60000")
        .set("retry.backoff.ms", "3")
        .create()
        .unwrap();
    producer.init_transactions(LONG).unwrap();
    producer
}

fn transact(producer: &BaseProducer) -> KafkaResult<()> {
    producer.begin_transaction()?;
    for topic in TOPICS {
        for partition in 0..PARTITIONS {
            let record = BaseRecord::to(topic.name).partition(partition).key(b"1").payload(b"{}");
            producer.send(record).map_err(|(error, _)| error)?;
        }
    }
    producer.commit_transaction(Duration::from_secs(2))
}

/// Transactions one after the other, until one fails; each that is committed is told of.
fn write(settings: &Settings, committed: &UnboundedSender<()>) -> Vec<JoinHandle<()>> {
    let begin = |writer| {
        let (settings, committed) = (settings.clone(), committed.clone());
        std::thread::spawn(move || {
            let producer = producer(&settings, writer);
            while transact(&producer).is_ok() {
                // Told of too late is told of to nobody.
                let _ = committed.send(());
            }
        })
    };
    (0..WRITERS).map(begin).collect()
}

fn reader(settings: &Settings, isolation: &str) -> BaseConsumer {
    ClientConfig::new()
        .set("bootstrap.servers", &settings.kafka_bootstrap_servers)
        .set("isolation.level", isolation)
        .create()
        .unwrap()
}

/// Waits until readers of what is committed come as far as readers of everything, in every partition.
fn expect_no_open_transaction(settings: &Settings) {
    let (committed, all) = (reader(settings, "read_committed"), reader(settings, "read_uncommitted"));
    let end = |reader: &BaseConsumer, topic: &Topic, partition| {
        reader.fetch_watermarks(topic.name, partition, LONG).unwrap().1
    };
    let deadline = Instant::now() + LONG;
    for topic in TOPICS {
        for partition in 0..PARTITIONS {
            while end(&committed, topic, partition) < end(&all, topic, partition) {
                let name = topic.name;
                assert!(Instant::now() < deadline, "a transaction on {name}/{partition} never ends");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_forgets_no_end_of_a_transaction() {
    let broker = OwnBroker::start().await;
    for kill in 1..=KILLS {
        let (sender, mut committed) = unbounded_channel();
        let writers = write(&broker.settings, &sender);
        for number in 0..10 * WRITERS {
            let told = timeout(LONG, committed.recv()).await;
            told.unwrap_or_else(|_| panic!("{number} transactions before kill {kill}"));
        }
        broker.server().kill().await.unwrap();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        broker.server().start().await.unwrap();
        // Whoever starts with the same id ends what the last life left open.
        (0..WRITERS).for_each(|writer| drop(producer(&broker.settings, writer)));
        expect_no_open_transaction(&broker.settings);
    }
}
