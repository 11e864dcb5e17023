//! The timestamp of a record: when it was due, if its sender says so.

use kafka::{Outbox, TopicReader};
use pipeline::Batch;

use crate::broker::{fresh, shift};

#[tokio::test(flavor = "multi_thread")]
async fn a_record_bears_the_moment_it_was_due_or_that_of_its_hand_over() {
    let settings = fresh().await;
    let outbox = Outbox::new(&settings, "test", 0).unwrap();
    let due_ms = 1_700_000_000_000;
    assert!(outbox.try_send_due(&shift(1, 0), Some(due_ms), 0).unwrap());
    assert!(outbox.try_send(&shift(1, 1)).unwrap());
    outbox.settled().await.unwrap();
    let (mut reader, mut batch) = (TopicReader::open(&settings, "driver-shifts").unwrap(), Batch::new());
    while reader.next_chunk(1000, &mut batch).unwrap() {}
    let times: Vec<i64> = batch.iter().map(|record| record.timestamp_ms).collect();
    assert!(times.len() == 2 && times[0] == due_ms && times[1] > due_ms, "{times:?}");
}
