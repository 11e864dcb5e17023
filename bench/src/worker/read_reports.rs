//! Reading reports: through the source and the loop of every service, and as a bare loop around the client.

use std::hint::black_box;
use std::sync::{Arc, Mutex};

use anyhow::{Context, bail};
use domain::CityClock;
use events::Moment;
use events::driver_locations::LocationReport;
use kafka::{KafkaSource, Subscription};
use pipeline::{
    AtLeastOnce, Counters, Decided, Delivered, Delivery, Handler, Outcome, Record, Reject, Rejected, Retry,
    Sink, Source,
};
use rdkafka::Message;
use tokio_util::sync::CancellationToken;

use super::bare_reader::BareReader;
use super::{Turn, Way};
use crate::batches::Batches;
use crate::cpu::{Measured, Sample, Servers};
use crate::ground::TOPIC;

/// Those of the busiest service, for both.
const BATCHES: Batches = Batches::LIVE_LOCATION;

pub(crate) async fn run(turn: Turn) -> anyhow::Result<Measured> {
    match turn.way {
        Way::Ours => ours(turn).await,
        Way::Bare => bare(turn).await,
    }
}

async fn bare(turn: Turn) -> anyhow::Result<Measured> {
    let mut reader = BareReader::join(&turn.kafka, &turn.group, &[TOPIC], BATCHES, turn.servers.clone())?;
    let mut read = 0;
    while read < turn.records {
        let count = reader
            .read(|message| {
                let report: LocationReport = serde_json::from_slice(message.payload().unwrap_or_default())?;
                black_box(report);
                Ok(())
            })
            .await?;
        reader.commit()?;
        read += count as u64;
    }
    let after = Sample::of_self(&turn.servers)?;
    Ok(after.since(reader.assigned().context("records came before partitions did")?, read))
}

async fn ours(turn: Turn) -> anyhow::Result<Measured> {
    let stop = CancellationToken::new();
    let subscription = Subscription {
        // Lives as long as the process, which has no other group.
        group: turn.group.leak(),
        topics: vec![&events::driver_locations::TOPIC],
        tables: Vec::new(),
        followed: Vec::new(),
        reading: BATCHES.reading,
        max_records: BATCHES.most,
        linger: BATCHES.linger,
    };
    let source = KafkaSource::join(&turn.kafka, subscription, "bench-ours", stop.clone())?;
    let watch =
        Watch(Arc::new(Mutex::new(Progress { wanted: turn.records, ..Progress::default() })), turn.servers);
    let counters = Counters::default();
    let inner = AtLeastOnce {
        sink: Nothing,
        dead_letters: NoRejects,
        retry: Retry::default(),
        counters: counters.clone(),
    };
    let delivery = Watched { inner, watch: watch.clone(), stop };
    pipeline::run(Decoding(watch.clone()), source, delivery, counters, runtime::clock::now_ms).await?;
    let progress = watch.0.lock().expect("nobody panics while holding it");
    let (Some(before), Some(after)) = (&progress.assigned, &progress.done) else {
        bail!("reading ended before all records were read");
    };
    Ok(after.since(before, progress.read))
}

/// How far our reader is, with its looks at the clock.
#[derive(Clone, Debug)]
struct Watch(Arc<Mutex<Progress>>, Servers);

#[derive(Debug, Default)]
struct Progress {
    wanted: u64,
    read: u64,
    assigned: Option<Sample>,
    done: Option<Sample>,
}

/// Decodes and has no effect.
struct Decoding(Watch);

impl Handler for Decoding {
    type Effect = ();

    fn assigned(&mut self, _partition: i32) {
        let mut progress = self.0.0.lock().expect("nobody panics while holding it");
        if progress.assigned.is_none() {
            progress.assigned = Sample::of_self(&self.0.1).ok();
        }
    }

    fn handle(&mut self, record: &Record<'_>, _effects: &mut Vec<()>) -> Result<Outcome, Reject> {
        let moment: Moment = events::moment(&CityClock::REAL, record.timestamp_ms);
        let report: LocationReport = events::decode(record.key, record.payload, moment)
            .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
        black_box(report);
        Ok(Outcome::Done)
    }
}

/// Ends the run when all that was wanted is committed.
struct Watched {
    inner: AtLeastOnce<Nothing, NoRejects>,
    watch: Watch,
    stop: CancellationToken,
}

impl Delivery<()> for Watched {
    async fn deliver<S: Source>(
        &mut self,
        decided: &Decided<()>,
        source: &mut S,
    ) -> anyhow::Result<Delivered> {
        let delivered = self.inner.deliver(decided, source).await?;
        let mut progress = self.watch.0.lock().expect("nobody panics while holding it");
        progress.read += decided.progress.iter().map(|(_, _, part)| part.records).sum::<u64>();
        if progress.read >= progress.wanted && progress.done.is_none() {
            progress.done = Some(Sample::of_self(&self.watch.1)?);
            self.stop.cancel();
        }
        Ok(delivered)
    }
}

/// Never has anything to do.
struct Nothing;

impl Sink for Nothing {
    type Item = ();

    async fn apply(&mut self, _items: &[()]) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Our own reports keep their contract.
struct NoRejects;

impl Sink for NoRejects {
    type Item = Rejected;

    async fn apply(&mut self, items: &[Rejected]) -> anyhow::Result<()> {
        bail!("a report was rejected: {:?}", items.first().map(|rejected| &rejected.reject))
    }
}
