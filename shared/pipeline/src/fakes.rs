//! Sources and sinks in memory, for tests of handlers, deliveries and the runner.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use traces::{TraceParent, Tracer};

use crate::{Batch, Polled, Progress, Record, Sink, Source};

/// A record that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedRecord {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// Real time in ms.
    pub timestamp_ms: i64,
    /// Key.
    pub key: Option<Vec<u8>>,
    /// Payload.
    pub payload: Option<Vec<u8>>,
    /// The span it goes back to.
    pub traceparent: Option<TraceParent>,
}

impl OwnedRecord {
    /// A record with a text key and payload, written at time 0.
    #[must_use]
    pub fn new(topic: &str, partition: i32, offset: i64, key: &str, payload: &str) -> Self {
        let (key, payload) = (Some(key.into()), Some(payload.into()));
        Self { topic: topic.to_owned(), partition, offset, timestamp_ms: 0, key, payload, traceparent: None }
    }

    /// The record, borrowed.
    #[must_use]
    pub fn borrow(&self) -> Record<'_> {
        Record {
            topic: &self.topic,
            partition: self.partition,
            offset: self.offset,
            timestamp_ms: self.timestamp_ms,
            key: self.key.as_deref(),
            payload: self.payload.as_deref(),
            traceparent: self.traceparent.as_ref(),
        }
    }
}

/// One answer of a fake source.
#[derive(Clone, Debug)]
pub enum Step {
    /// A batch.
    Records(Vec<OwnedRecord>),
    /// Partitions come.
    Assigned(Vec<i32>),
    /// Partitions go.
    Revoked(Vec<i32>),
}

/// A source that plays steps from memory, then stops, and writes down what is asked of it.
#[derive(Clone, Debug, Default)]
pub struct FakeSource(Arc<Mutex<FakeSourceState>>);

/// What a fake source holds and has seen.
#[derive(Debug, Default)]
pub struct FakeSourceState {
    /// What is to come.
    pub steps: VecDeque<Step>,
    /// The tables: restored on assignment.
    pub tables: Vec<OwnedRecord>,
    /// What was asked, in order: `commit topic/partition@next`, `rewind topic/partition@first`, `close`.
    pub calls: Vec<String>,
    /// Who takes the spans.
    pub tracer: Tracer,
    partitions: Vec<i32>,
}

impl FakeSource {
    /// A source that will play these steps.
    #[must_use]
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let source = Self::default();
        source.with(|state| state.steps = steps.into_iter().collect());
        source
    }

    /// Looks at or changes what the source holds.
    pub fn with<T>(&self, look: impl FnOnce(&mut FakeSourceState) -> T) -> T {
        look(&mut self.0.lock().expect("nobody panics while holding it"))
    }
}

impl Source for FakeSource {
    async fn poll(&mut self, batch: &mut Batch) -> anyhow::Result<Polled> {
        Ok(self.with(|state| match state.steps.pop_front() {
            Some(Step::Records(records)) => {
                records.iter().for_each(|record| batch.push(&record.borrow()));
                Polled::Records
            }
            Some(Step::Assigned(partitions)) => {
                state.partitions.extend(&partitions);
                Polled::Assigned(partitions)
            }
            Some(Step::Revoked(partitions)) => {
                state.partitions.retain(|partition| !partitions.contains(partition));
                Polled::Revoked(partitions)
            }
            None => Polled::Stop,
        }))
    }

    async fn restore(&mut self, partition: i32, batch: &mut Batch) -> anyhow::Result<bool> {
        self.with(|state| {
            state
                .tables
                .iter()
                .filter(|record| record.partition == partition)
                .for_each(|record| batch.push(&record.borrow()));
        });
        Ok(false)
    }

    async fn commit(&mut self, progress: &Progress) -> anyhow::Result<()> {
        self.with(|state| {
            for (topic, partition, at) in progress.iter() {
                state.calls.push(format!("commit {topic}/{partition}@{}", at.next));
            }
        });
        Ok(())
    }

    async fn rewind(&mut self, progress: &Progress) -> anyhow::Result<()> {
        self.with(|state| {
            for (topic, partition, at) in progress.iter() {
                state.calls.push(format!("rewind {topic}/{partition}@{}", at.first));
            }
        });
        Ok(())
    }

    fn partitions(&self) -> Vec<i32> {
        self.with(|state| state.partitions.clone())
    }

    fn tracer(&self) -> Tracer {
        self.with(|state| state.tracer.clone())
    }

    async fn close(&mut self) -> anyhow::Result<()> {
        self.with(|state| state.calls.push("close".to_owned()));
        Ok(())
    }
}

/// A sink that keeps what it gets, and can fail the next so many times.
#[derive(Clone, Debug)]
pub struct FakeSink<T> {
    items: Arc<Mutex<Vec<T>>>,
    failures: Arc<Mutex<u32>>,
}

impl<T> Default for FakeSink<T> {
    fn default() -> Self {
        Self { items: Arc::default(), failures: Arc::default() }
    }
}

impl<T: Clone> FakeSink<T> {
    /// A sink that fails `failures` times before it works.
    #[must_use]
    pub fn failing(failures: u32) -> Self {
        Self { items: Arc::default(), failures: Arc::new(Mutex::new(failures)) }
    }

    /// What it got so far.
    #[must_use]
    pub fn items(&self) -> Vec<T> {
        self.items.lock().expect("nobody panics while holding it").clone()
    }
}

impl<T: Clone + Send + Sync> Sink for FakeSink<T> {
    type Item = T;

    async fn apply(&mut self, items: &[T]) -> anyhow::Result<()> {
        let mut failures = self.failures.lock().expect("nobody panics while holding it");
        if *failures > 0 {
            *failures -= 1;
            anyhow::bail!("the fake sink was told to fail");
        }
        self.items.lock().expect("nobody panics while holding it").extend_from_slice(items);
        Ok(())
    }
}
