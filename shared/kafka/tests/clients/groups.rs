//! Groups, tallies, transactions and tables.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::{CityMs, DriverId};
use events::driver_shifts::DriverShift;
use events::{Contract, OutRecord};
use kafka::{
    DeadLetterSink, ExactlyOnce, GroupWatch, KafkaSource, Outbox, Reading, RecordSink, Settings,
    Subscription, TopicAdmin, TopicReader,
};
use pipeline::{AtLeastOnce, Batch, Counters, Handler, Outcome, Polled, Record, Reject, Retry, Source};
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::broker::{LONG, PARTITIONS, fresh, produce, shift};

fn subscription(linger_ms: u64) -> Subscription {
    Subscription {
        group: "echo",
        topics: vec![&events::driver_shifts::TOPIC],
        tables: vec![&events::drivers::TOPIC],
        followed: vec![],
        reading: Reading::Commands { pace: Duration::from_millis(20) },
        max_records: 10,
        linger: Duration::from_millis(linger_ms),
    }
}

/// Counts the shifts of each driver, starting from the table, and writes the count as the driver's new table entry.
struct Counting {
    counts: BTreeMap<u64, i64>,
    stop_after: Option<u32>,
    seen: u32,
    stop: CancellationToken,
}

impl Counting {
    fn new(stop: &CancellationToken, stop_after: Option<u32>) -> Self {
        Self { counts: BTreeMap::new(), stop_after, seen: 0, stop: stop.clone() }
    }
}

fn driver(id: u64, count: i64) -> domain::driver::Driver {
    let status = domain::driver::DriverStatus::Idle;
    domain::driver::Driver {
        id: DriverId(id),
        status,
        since: CityMs(count),
        assignment: None,
        leaving: false,
    }
}

impl Handler for Counting {
    type Effect = OutRecord;

    fn observe(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        let driver: domain::driver::Driver = serde_json::from_slice(record.payload.unwrap()).unwrap();
        self.counts.insert(driver.id.0, driver.since.0);
        Ok(())
    }

    fn handle(&mut self, record: &Record<'_>, effects: &mut Vec<OutRecord>) -> Result<Outcome, Reject> {
        self.seen += 1;
        if self.stop_after == Some(self.seen) {
            self.stop.cancel();
        }
        let shift: DriverShift = events::decode(record.key, record.payload, None)
            .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
        let count = self.counts.entry(shift.driver.0).or_default();
        *count += 1;
        effects.push(driver(shift.driver.0, *count).to_record());
        Ok(Outcome::Done)
    }
}

async fn table(settings: &Settings) -> BTreeMap<u64, i64> {
    let mut reader = TopicReader::open(settings, "drivers").unwrap();
    let (mut batch, mut table) = (Batch::new(), BTreeMap::new());
    loop {
        batch.clear();
        let more = reader.next_chunk(100, &mut batch).unwrap();
        for record in batch.iter() {
            let driver: domain::driver::Driver = serde_json::from_slice(record.payload.unwrap()).unwrap();
            table.insert(driver.id.0, driver.since.0);
        }
        if !more {
            return table;
        }
    }
}

async fn consumed(settings: &Settings) -> BTreeMap<String, u64> {
    let mut members = BTreeMap::new();
    for slot in GroupWatch::new(settings, "echo", &["driver-shifts"]).unwrap().progress().unwrap() {
        for (member, count) in slot.consumed {
            *members.entry(member).or_default() += count;
        }
    }
    members
}

async fn wait_until_consumed(settings: &Settings, records: u64) {
    let all = async {
        while consumed(settings).await.values().sum::<u64>() < records {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("the group reads everything");
}

fn exactly_once(
    settings: &Settings,
    member: &'static str,
    stop: &CancellationToken,
    stop_after: Option<u32>,
) -> tokio::task::JoinHandle<()> {
    let (settings, stop) = (settings.clone(), stop.clone());
    tokio::spawn(async move {
        let source = KafkaSource::join(&settings, subscription(10), member, stop.clone()).unwrap();
        let delivery = ExactlyOnce::new(&settings, &source, "echo", member).unwrap();
        pipeline::run(Counting::new(&stop, stop_after), source, delivery, Counters::default(), || 0)
            .await
            .unwrap();
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stops_and_starts_goes_on_where_it_was_with_its_table() {
    let _again = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .try_init();
    let settings = fresh().await;
    let shifts: Vec<OutRecord> = (0..200).map(|n| shift(n % 5, i64::try_from(n).unwrap())).collect();
    produce(&settings, &shifts).await;
    let stop = CancellationToken::new();
    exactly_once(&settings, "first", &stop, Some(50)).await.unwrap();
    let stop = CancellationToken::new();
    let second = exactly_once(&settings, "second", &stop, None);
    wait_until_consumed(&settings, 200).await;
    stop.cancel();
    second.await.unwrap();
    assert_eq!(table(&settings).await, BTreeMap::from([(0, 40), (1, 40), (2, 40), (3, 40), (4, 40)]));
    let members = consumed(&settings).await;
    assert_eq!(members.values().sum::<u64>(), 200);
    assert!(members["first"] >= 50 && members["second"] > 0, "{members:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_share_the_partitions_and_count_every_record_once() {
    let settings = fresh().await;
    let stop = CancellationToken::new();
    let members = ["left", "right"].map(|member| exactly_once(&settings, member, &stop, None));
    for round in 0..20 {
        let shifts: Vec<OutRecord> = (0..100).map(|n| shift(n, round)).collect();
        produce(&settings, &shifts).await;
    }
    wait_until_consumed(&settings, 2000).await;
    stop.cancel();
    for member in members {
        member.await.unwrap();
    }
    let table = table(&settings).await;
    assert_eq!(table.len(), 100);
    assert!(table.values().all(|count| *count == 20), "{table:?}");
    let members = consumed(&settings).await;
    assert_eq!(members.values().sum::<u64>(), 2000);
    assert_eq!(members.len(), 2, "both had partitions: {members:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_read_becomes_a_dead_letter_and_nothing_else_is_lost() {
    let settings = fresh().await;
    let bad = OutRecord { payload: Some(b"{".to_vec()), ..shift(1, 0) };
    produce(&settings, &[shift(1, 0), bad, shift(1, 1)]).await;
    let stop = CancellationToken::new();
    let source = KafkaSource::join(&settings, subscription(50), "only", stop.clone()).unwrap();
    let counters = Counters::default();
    let delivery = AtLeastOnce {
        sink: RecordSink::new(&settings, "echo").unwrap(),
        dead_letters: DeadLetterSink::new(&settings, "echo").unwrap(),
        retry: Retry::default(),
        counters: counters.clone(),
    };
    pipeline::run(Counting::new(&stop, Some(3)), source, delivery, counters, || 0).await.unwrap();
    assert_eq!(table(&settings).await, BTreeMap::from([(1, 2)]));
    let (letters, _) =
        TopicReader::open(&settings, "driver-shifts.dlq").unwrap().next_dead_letters(10).unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].topic.as_str(), letters[0].offset), ("driver-shifts", 1));
    assert_eq!((letters[0].reason.as_str(), letters[0].service.as_str()), ("malformed_json", "echo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_no_broker_takes_is_an_error_that_says_so() {
    let settings = fresh().await;
    let huge = OutRecord { payload: Some(vec![b' '; 2_000_000]), ..shift(1, 0) };
    let outbox = Outbox::new(&settings, "test", 0).unwrap();
    let error = outbox.try_send(&huge).unwrap_err();
    assert!(format!("{error:#}").contains("driver-shifts"), "{error:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_that_differ_are_told_line_by_line() {
    let settings = fresh().await;
    assert_eq!(TopicAdmin::new(&settings, 4, 1).unwrap().check().await.unwrap(), []);
    assert_eq!(TopicAdmin::new(&settings, 4, 1).unwrap().create().await.unwrap(), Vec::<String>::new());
    let lines = TopicAdmin::new(&settings, 6, 1).unwrap().check().await.unwrap();
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), events::ALL.len());
    assert!(lines.contains(&"trips: partitions is 4, should be 6".to_owned()), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_aborted_transaction_leaves_is_nothing_to_read() {
    let settings = fresh().await;
    let watch = GroupWatch::new(&settings, "echo", &["driver-shifts"]).unwrap();
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &settings.kafka_bootstrap_servers)
        .set("transactional.id", settings.full_name("aborting"))
        .create()
        .unwrap();
    producer.init_transactions(LONG).unwrap();
    producer.begin_transaction().unwrap();
    let topic = settings.full_name("driver-shifts");
    for number in 0..10 {
        let key = [number];
        producer
            .send(BaseRecord::to(&topic).partition(0).key(&key).payload(b"never"))
            .map_err(|_| ())
            .unwrap();
    }
    producer.flush(LONG).unwrap();
    producer.abort_transaction(LONG).unwrap();
    // Ten records and a marker, which is written after the producer was answered.
    let deadline = Instant::now() + LONG;
    while watch.lag().unwrap().offsets != 11 {
        assert!(Instant::now() < deadline, "{:?}", watch.lag().unwrap());
    }
    assert!(watch.is_at_end().unwrap());
    produce(&settings, &[shift(1, 0)]).await;
    assert!(!watch.is_at_end().unwrap());
}

/// A member that is polled until it is told of partitions, or that there are none for it; then on, so that it stays one.
async fn join_and_stay(
    settings: Settings,
    number: usize,
    stop: CancellationToken,
    told: mpsc::Sender<usize>,
) {
    let subscription = Subscription { tables: vec![], ..subscription(20) };
    let member = format!("echo-{number}");
    let mut source = KafkaSource::join(&settings, subscription, &member, stop).unwrap();
    let mut batch = Batch::new();
    loop {
        batch.clear();
        match source.poll(&mut batch).await.unwrap() {
            // Nobody listens any more at the end.
            Polled::Assigned(_) => drop(told.send(source.partitions().len()).await),
            Polled::Stop => break,
            Polled::Records | Polled::Revoked(_) => (),
        }
    }
    source.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_gets_no_partition_comes_to_know_it() {
    let settings = fresh().await;
    let stop = CancellationToken::new();
    let (told, mut heard) = mpsc::channel(64);
    let members: Vec<_> = (0..=usize::try_from(PARTITIONS).unwrap())
        .map(|number| tokio::spawn(join_and_stay(settings.clone(), number, stop.clone(), told.clone())))
        .collect();
    let nothing = async { while heard.recv().await != Some(0) {} };
    tokio::time::timeout(LONG, nothing).await.expect("one of five members on four partitions");
    stop.cancel();
    drop(heard);
    for member in members {
        member.await.unwrap();
    }
}
