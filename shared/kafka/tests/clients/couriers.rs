//! What a courier promises: acknowledged with its place, or not, and why; and that it recovers.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use domain::{LatLng, TripId, Zone};
use events::contract::MAX_PAYLOAD_BYTES;
use events::ride_requests::{EXAMPLE, RideRequest};
use events::{Contract, OutRecord};
use futures::future::join_all;
use kafka::{Courier, Settings, TopicReader, Undelivered};
use pipeline::Batch;
use rdkafka::mocking::MockCluster;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use tokio::time::timeout;
use uuid::Uuid;

use crate::broker::{LONG, OwnBroker, PARTITIONS, driver, fresh, nowhere, produce, shift};

/// A caller hears within four seconds; a busy machine takes a little longer.
const SOON: Duration = Duration::from_secs(6);

/// A courier that has delivered: a broker that has only just started may take longer than a caller waits.
pub(crate) async fn warm_courier(settings: &Settings) -> Courier {
    let courier = Courier::new(settings, "gateway").unwrap();
    let first = async { while courier.deliver(&[driver(1)]).await.is_err() {} };
    timeout(LONG, first).await.expect("a first delivery");
    courier
}

/// All records of a topic: place and key.
fn read(settings: &Settings, topic: &str) -> BTreeSet<(i32, i64, Vec<u8>)> {
    let mut reader = TopicReader::open(settings, topic).unwrap();
    let (mut batch, mut found) = (Batch::new(), BTreeSet::new());
    loop {
        batch.clear();
        let more = reader.next_chunk(1000, &mut batch).unwrap();
        found.extend(
            batch.iter().map(|record| (record.partition, record.offset, record.key.unwrap().to_vec())),
        );
        if !more {
            return found;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_acknowledged_with_their_places() {
    let settings = fresh().await;
    let courier = warm_courier(&settings).await;
    let records: Vec<OutRecord> = (0..40).map(|n| shift(n, 0)).collect();
    let delivered = courier.deliver(&records).await.unwrap();
    let told = records.iter().zip(&delivered);
    let told: BTreeSet<_> = told.map(|(record, at)| (at.partition, at.offset, record.key.clone())).collect();
    assert_eq!(told.len(), 40);
    assert_eq!(read(&settings, "driver-shifts"), told);
    assert_eq!(courier.deliver(&[]).await, Ok(vec![]));
    assert!(courier.is_up().await);
}

/// A trip whose pickup lies `n` times a good kilometre to the north.
fn trip(n: u8) -> TripId {
    let pickup = LatLng { lat: 46.0 + f64::from(n) / 80.0, lon: 0.5 };
    TripId { zone: Zone::of(pickup), uuid: Uuid::from_u128(u128::from(n)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_lie_where_other_producers_put_them() {
    let settings = fresh().await;
    let courier = warm_courier(&settings).await;
    let example: RideRequest = serde_json::from_str(EXAMPLE).unwrap();
    let rides: Vec<RideRequest> = (0..20).map(|n| RideRequest { trip: trip(n), ..example.clone() }).collect();
    let at = courier.deliver(&rides.iter().map(Contract::to_record).collect::<Vec<_>>()).await.unwrap();
    let partitions: Vec<i32> = at.iter().map(|at| at.partition).collect();
    let expected: Vec<i32> = rides.iter().map(|ride| ride.trip.zone.partition(PARTITIONS)).collect();
    assert_eq!(partitions, expected);
    assert!(expected.iter().collect::<BTreeSet<_>>().len() > 1, "zones of several partitions");
    let shifts: Vec<OutRecord> = (0..20).map(|n| shift(n, 0)).collect();
    produce(&settings, &shifts).await;
    courier.deliver(&shifts).await.unwrap();
    let by_key = read(&settings, "driver-shifts");
    let places: BTreeSet<_> = by_key.iter().map(|(partition, _, key)| (*partition, key)).collect();
    assert_eq!((by_key.len(), places.len()), (40, 20), "both producers put a driver into the same partition");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_callers_at_once_hear_of_their_own_record() {
    let settings = fresh().await;
    let courier = warm_courier(&settings).await;
    let calls = (0..500).map(|n| {
        let courier = courier.clone();
        tokio::spawn(async move { (n, courier.deliver(&[shift(n, 0)]).await.unwrap()) })
    });
    let told = join_all(calls).await.into_iter().map(|call| {
        let (n, at) = call.unwrap();
        (at[0].partition, at[0].offset, n.to_string().into_bytes())
    });
    assert_eq!(read(&settings, "driver-shifts"), told.collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_be_sent_is_refused_before_anything_is_written() {
    let settings = fresh().await;
    let courier = warm_courier(&settings).await;
    let huge = OutRecord { payload: Some(vec![b' '; MAX_PAYLOAD_BYTES + 1]), ..shift(1, 0) };
    let refused = courier.deliver(&[shift(2, 0), huge]).await.unwrap_err();
    assert!(matches!(&refused, Undelivered::Refused(reason) if reason.contains("bytes")), "{refused}");
    assert_eq!(read(&settings, "driver-shifts"), BTreeSet::new());
    let lost = Courier::new(&nowhere().await, "gateway").unwrap();
    let refused = lost.deliver(&[shift(1, 0)]).await.unwrap_err();
    assert!(
        matches!(&refused, Undelivered::Refused(reason) if reason.contains("does not exist")),
        "{refused}"
    );
}

/// Calls until a record is acknowledged.
async fn deliver_again(courier: &Courier, at: i64) {
    let again = async { while courier.deliver(&[shift(1, at)]).await.is_err() {} };
    timeout(LONG, again).await.expect("the courier recovers");
    let up = async { while !courier.is_up().await {} };
    timeout(LONG, up).await.expect("the broker is seen");
}

async fn expect_unavailable(courier: &Courier, known: bool) {
    let began = Instant::now();
    let calls = (0..100).map(|n| {
        let courier = courier.clone();
        tokio::spawn(async move { courier.deliver(&[shift(n, 5)]).await })
    });
    for call in join_all(calls).await {
        let result = call.unwrap();
        assert!(matches!(result, Err(Undelivered::Unavailable(_))), "{result:?}, topic known: {known}");
    }
    assert!(began.elapsed() < SOON, "{:?}, topic known: {known}", began.elapsed());
    assert!(!courier.is_up().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_is_told_soon_and_found_again() {
    let broker = OwnBroker::start().await;
    let courier = warm_courier(&broker.settings).await;
    courier.deliver(&[shift(1, 0)]).await.unwrap();
    broker.server().pause().await.unwrap();
    // On a busy machine some of its threads go on for a moment.
    while courier.deliver(&[shift(1, 0)]).await.is_ok() {}
    expect_unavailable(&courier, true).await;
    broker.server().resume().await.unwrap();
    deliver_again(&courier, 1).await;
    broker.server().kill().await.unwrap();
    expect_unavailable(&courier, true).await;
    expect_unavailable(&Courier::new(&broker.settings, "newcomer").unwrap(), false).await;
    broker.server().start().await.unwrap();
    deliver_again(&courier, 2).await;
    let last = courier.deliver(&[shift(1, 3)]).await.unwrap();
    assert!(read(&broker.settings, "driver-shifts").contains(&(
        last[0].partition,
        last[0].offset,
        b"1".to_vec()
    )));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_broken_for_good_is_replaced() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("driver-shifts", PARTITIONS, 1).unwrap();
    let courier = Courier::new(&Settings::new(&cluster.bootstrap_servers(), ""), "gateway").unwrap();
    courier.deliver(&[shift(1, 0)]).await.unwrap();
    let lost_count = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER];
    cluster.request_errors(RDKafkaApiKey::Produce, &lost_count);
    let result = courier.deliver(&[shift(1, 1)]).await;
    assert!(matches!(result, Err(Undelivered::Unavailable(_))), "{result:?}");
    courier.deliver(&[shift(1, 2)]).await.unwrap();
}
