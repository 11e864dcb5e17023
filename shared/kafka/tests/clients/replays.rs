//! What a replay finds: the records of one key behind an offset, all of them, and no others.

use std::time::{Duration, Instant};

use events::{OutRecord, driver_shifts};
use kafka::{Replayed, Settings, replay};
use tokio::task::spawn_blocking;

use crate::broker::{fresh, shift};
use crate::couriers::warm_courier;

async fn replayed(settings: &Settings, partition: i32, after: i64, key: &'static [u8]) -> Vec<Replayed> {
    let settings = settings.clone();
    let replay = move || replay(&settings, &driver_shifts::TOPIC, partition, after, key);
    spawn_blocking(replay).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_finds_the_records_of_one_key_behind_an_offset() {
    let settings = fresh().await;
    let courier = warm_courier(&settings).await;
    let shifts: Vec<OutRecord> = (0..300).map(|n| shift(n % 10, i64::try_from(n).unwrap())).collect();
    let places = courier.deliver(&shifts).await.unwrap();
    let ours: Vec<_> = shifts.iter().zip(&places).filter(|(shift, _)| shift.key == b"3").collect();
    let (partition, sixth) = (ours[0].1.partition, ours[5].1.offset);
    let expected: Vec<_> = ours[6..].iter().map(|(shift, at)| (at.offset, shift.payload.clone())).collect();
    let found = replayed(&settings, partition, sixth, b"3").await;
    assert!(found.iter().all(|record| record.timestamp_ms > 0));
    let found: Vec<_> = found.into_iter().map(|record| (record.offset, record.payload)).collect();
    assert_eq!(found, expected);
    assert_eq!(replayed(&settings, partition, -1, b"3").await.len(), 30);
    assert_eq!(replayed(&settings, partition, ours[29].1.offset, b"3").await, []);
    assert_eq!(replayed(&settings, partition, 1_000_000, b"3").await, []);
    assert_eq!(replayed(&settings, partition, -1, b"nobody").await, []);
    courier.deliver(&[OutRecord { payload: None, ..shift(3, 0) }]).await.unwrap();
    let last = replayed(&settings, partition, ours[29].1.offset, b"3").await;
    assert_eq!(last.iter().map(|record| &record.payload).collect::<Vec<_>>(), [&None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_replays_at_once_take_turns() {
    let settings = fresh().await;
    let courier = warm_courier(&settings).await;
    let at = courier.deliver(&[shift(1, 0), shift(1, 1)]).await.unwrap();
    let replays = (0..20).map(|_| replayed(&settings, at[0].partition, at[0].offset, b"1"));
    for found in futures::future::join_all(replays).await {
        assert_eq!(found.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_without_a_broker_fails_soon() {
    let began = Instant::now();
    // Nothing listens on port 1.
    let settings = Settings::new("127.0.0.1:1", "");
    let replay = move || replay(&settings, &driver_shifts::TOPIC, 0, 0, b"1");
    assert!(spawn_blocking(replay).await.unwrap().is_err());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
