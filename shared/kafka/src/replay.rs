//! What was written about one key since somebody last looked.

use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use events::Topic;
use rdkafka::Message;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::quiet::{Quiet, Reader};
use crate::{Settings, config};

/// Most offsets that are looked through.
const MOST: i64 = 500_000;

/// Longest time that it may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Replays at a time: each costs a client with its threads, and many ask at once after a restart.
static TURNS: Turns = Turns { free: Mutex::new(4), given_back: Condvar::new() };

/// A record of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Its offset.
    pub offset: i64,
    /// When it was written: milliseconds of real time since the Unix epoch.
    pub timestamp_ms: i64,
    /// The payload; `None` is a tombstone.
    pub payload: Option<Vec<u8>>,
}

/// The committed records of one key that lie behind an offset of a partition, up to its present end, in their order.
/// Blocks for three seconds at most.
///
/// # Errors
/// If more than half a million offsets lie behind it, or brokers do not answer in time. What was found until then is not
/// returned: it would look complete.
pub fn replay(
    settings: &Settings,
    topic: &'static Topic,
    partition: i32,
    after_offset: i64,
    key: &[u8],
) -> anyhow::Result<Vec<Replayed>> {
    let deadline = Instant::now() + PATIENCE;
    let _turn = TURNS.take(deadline).context("too many replays at the same time")?;
    let name = settings.full_name(topic.name);
    let reader: Reader = config::scan(settings, "replay")
        .create_with_context(Quiet)
        .context("failed to make a Kafka consumer")?;
    let (low, end) = reader
        .fetch_watermarks(&name, partition, deadline.saturating_duration_since(Instant::now()))
        .with_context(|| format!("failed to read the ends of {name}/{partition}"))?;
    let start = after_offset.saturating_add(1).max(low);
    ensure!(end - start <= MOST, "{} offsets of {name}/{partition} are too many to replay", end - start);
    if start >= end {
        return Ok(Vec::new());
    }
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(&name, partition, Offset::Offset(start))?;
    reader.assign(&list).with_context(|| format!("failed to read {name}/{partition}"))?;
    read(&reader, end, key, deadline).with_context(|| format!("failed to replay {name}/{partition}"))
}

/// Reads to an end and keeps the records of a key.
fn read(reader: &Reader, end: i64, key: &[u8], deadline: Instant) -> anyhow::Result<Vec<Replayed>> {
    let mut found = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        ensure!(!left.is_zero(), "not done within {} s", PATIENCE.as_secs());
        match reader.poll(left.min(Duration::from_millis(100))) {
            Some(Ok(message)) => {
                if message.offset() < end && message.key() == Some(key) {
                    found.push(Replayed {
                        offset: message.offset(),
                        timestamp_ms: message.timestamp().to_millis().unwrap_or_default(),
                        payload: message.payload().map(<[u8]>::to_vec),
                    });
                }
                if message.offset() + 1 >= end {
                    return Ok(found);
                }
            }
            Some(Err(KafkaError::PartitionEOF(_))) => return Ok(found),
            Some(Err(error)) => tracing::debug!(%error, "the Kafka client goes on by itself"),
            None => (),
        }
    }
}

/// How many may do something at the same time; the others wait for a while.
struct Turns {
    free: Mutex<usize>,
    given_back: Condvar,
}

impl Turns {
    fn take(&self, deadline: Instant) -> Option<Turn<'_>> {
        let left = deadline.saturating_duration_since(Instant::now());
        let free = self.free.lock().expect("nobody panics while holding it");
        let waited = self.given_back.wait_timeout_while(free, left, |free| *free == 0);
        let (mut free, waited) = waited.expect("nobody panics while holding it");
        if waited.timed_out() {
            return None;
        }
        *free -= 1;
        Some(Turn(self))
    }
}

struct Turn<'a>(&'a Turns);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().expect("nobody panics while holding it") += 1;
        self.0.given_back.notify_one();
    }
}
