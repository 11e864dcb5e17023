//! Members that are behind.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka::{KafkaSource, Reading, Settings, Subscription};
use pipeline::{Batch, Source};
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use tokio_util::sync::CancellationToken;

use super::broker::{LONG, PARTITIONS, fresh};

/// Records in each partition of each topic, of a KiB each that no compression makes smaller.
const BACKLOG: usize = 3000;

/// Fills partitions of a topic the way a producer does that has much to send.
fn fill(settings: &Settings, topic: &str) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &settings.kafka_bootstrap_servers)
        .set("batch.size", "65536")
        .create()
        .unwrap();
    let topic = settings.full_name(topic);
    let mut noise = 1_u64;
    for _ in 0..BACKLOG {
        for partition in 0..PARTITIONS {
            let payload: Vec<u8> = std::iter::repeat_with(|| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                noise.to_be_bytes()[0]
            })
            .take(1024)
            .collect();
            let mut record = BaseRecord::to(&topic).partition(partition).key(b"1").payload(&payload);
            while let Err((_, back)) = producer.send(record) {
                producer.poll(Duration::from_millis(10));
                record = back;
            }
        }
    }
    producer.flush(LONG).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_behind_takes_all_partitions_of_all_topics_in_turn() {
    let settings = fresh().await;
    let topics = [&events::driver_locations::TOPIC, &events::drivers::TOPIC];
    topics.iter().for_each(|topic| fill(&settings, topic.name));
    let subscription = Subscription {
        group: "slow",
        topics: topics.to_vec(),
        tables: vec![],
        followed: vec![],
        reading: Reading::Bulk,
        max_records: 200,
        linger: Duration::from_millis(40),
    };
    let mut source = KafkaSource::join(&settings, subscription, "slow-1", CancellationToken::new()).unwrap();
    let mut taken: BTreeMap<(String, i32), usize> = BTreeMap::new();
    let slots = topics.len() * usize::try_from(PARTITIONS).unwrap();
    let mut batch = Batch::new();
    let half = async {
        while taken.values().sum::<usize>() < slots * BACKLOG / 2 {
            batch.clear();
            source.poll(&mut batch).await.unwrap();
            for record in batch.iter() {
                *taken.entry((record.topic.to_owned(), record.partition)).or_default() += 1;
            }
            // What a sink takes that is slower than the network.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(LONG, half).await.expect("half of the backlog");
    let least = taken.values().min().copied().unwrap_or_default();
    assert!(taken.len() == slots && least > BACKLOG / 4, "of {BACKLOG} each: {taken:?}");
    source.close().await.unwrap();
}
