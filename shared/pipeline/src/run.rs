//! The one loop that every service runs.

use std::time::Duration;

use anyhow::Context;
use tokio::time::Instant;

use crate::decide::{decide, observe, refuse_bad_deploy};
use crate::spans::Spans;
use crate::{
    Batch, Counters, Decided, Delivered, Delivery, Handler, Polled, Progress, Record, Source, Standing,
};

/// Runs until the source says stop: poll, decide, deliver, over and over.
///
/// A record that can't be read is rejected. A handler that panics has its record rejected and the state of that
/// partition made anew. If most of a large batch is rejected the service stops instead: that is a bad deploy.
///
/// # Errors
/// Trouble with source or delivery that did not pass; nothing is committed then.
pub async fn run<H, S, D>(
    mut handler: H,
    mut source: S,
    mut delivery: D,
    counters: Counters,
    now_ms: impl Fn() -> i64 + Send,
) -> anyhow::Result<()>
where
    H: Handler,
    S: Source,
    D: Delivery<H::Effect>,
{
    let mut batch = Batch::new();
    let mut spans = Spans::new(source.tracer());
    loop {
        batch.clear();
        match source.poll(&mut batch).await? {
            Polled::Records => {
                process(&mut handler, &mut source, &mut delivery, &batch, &mut spans, &counters, &now_ms)
                    .await?;
            }
            Polled::Assigned(partitions) if partitions.is_empty() && source.partitions().is_empty() => {
                tracing::info!("no partition is left for this member");
                counters.update(|counts| counts.standing = Standing::Idle);
            }
            Polled::Assigned(partitions) => {
                tracing::info!(?partitions, "partitions assigned");
                let began = Instant::now();
                counters.update(|counts| counts.rebalances += 1);
                renew(&mut handler, &mut source, &partitions, &counters).await?;
                counters.update(|counts| counts.partitions = source.partitions().len() as u64);
                counters.times.assignment.record_time(began.elapsed());
            }
            Polled::Revoked(partitions) => {
                tracing::info!(?partitions, "partitions revoked");
                counters.update(|counts| {
                    counts.rebalances += 1;
                    counts.partitions = source.partitions().len() as u64;
                    if counts.partitions == 0 {
                        counts.standing = Standing::Joining;
                    }
                });
                partitions.iter().for_each(|partition| handler.revoked(*partition));
            }
            Polled::Stop => break,
        }
    }
    source.close().await
}

/// Handles one batch; after a panic in the middle, delivers what came before it and goes on behind it.
async fn process<H, S, D>(
    handler: &mut H,
    source: &mut S,
    delivery: &mut D,
    batch: &Batch,
    spans: &mut Spans,
    counters: &Counters,
    now_ms: &(impl Fn() -> i64 + Send),
) -> anyhow::Result<()>
where
    H: Handler,
    S: Source,
    D: Delivery<H::Effect>,
{
    let began = Instant::now();
    let oldest_ms = own_records(batch, 0).map(|record| record.timestamp_ms).min();
    counters.update(|counts| counts.pending_since_ms = oldest_ms.unwrap_or(0));
    let mut start = 0;
    loop {
        let deciding = Instant::now();
        let (mut decided, end, panicked) = decide(handler, batch, start, spans, counters);
        let finished = end == batch.len();
        if finished {
            handler.tick(now_ms(), &mut decided.effects);
        }
        if oldest_ms.is_some() {
            counters.times.handler.record_time(deciding.elapsed());
        }
        refuse_bad_deploy(&decided, batch)?;
        let delivery_span = spans.begin_delivery(&decided);
        let delivered = deliver(delivery, source, &decided, counters).await?;
        spans.end(delivery_span, delivered);
        if delivered == Delivered::Aborted {
            source.rewind(&progress_from(batch, start)).await?;
            let partitions = source.partitions();
            return renew(handler, source, &partitions, counters).await;
        }
        if let Some(partition) = panicked {
            renew(handler, source, &[partition], counters).await?;
        }
        if finished {
            break;
        }
        start = end;
    }
    if let Some(oldest_ms) = oldest_ms {
        let records = own_records(batch, 0).count();
        counters.times.batch_records.record_count(records);
        counters.times.process.record_time(began.elapsed());
        let age_ms = now_ms() - oldest_ms;
        let tables = handler.tables();
        counters.times.stage.record_time(Duration::from_millis(age_ms.max(0).unsigned_abs()));
        counters.update(|counts| {
            counts.tables = tables;
            counts.batches += 1;
            counts.records += records as u64;
            counts.pending_since_ms = 0;
            counts.max_age_ms = counts.max_age_ms.max(age_ms);
        });
    }
    Ok(())
}

async fn deliver<E, S: Source, D: Delivery<E>>(
    delivery: &mut D,
    source: &mut S,
    decided: &Decided<E>,
    counters: &Counters,
) -> anyhow::Result<Delivered> {
    if decided.progress.is_empty() && decided.effects.is_empty() && decided.rejected.is_empty() {
        return Ok(Delivered::Done);
    }
    counters.update(|counts| counts.under_way.clone_from(&decided.progress));
    let began = Instant::now();
    let delivered = delivery.deliver(decided, source).await.context("failed to deliver a batch")?;
    counters.times.delivery.record_time(began.elapsed());
    if delivered == Delivered::Aborted {
        tracing::warn!("transaction aborted, state is made anew");
    }
    counters.update(|counts| match delivered {
        Delivered::Aborted => {
            counts.under_way = Progress::default();
            counts.aborts += 1;
        }
        Delivered::Done => counts.settle(decided.effects.len() as u64),
    });
    Ok(delivered)
}

/// A batch's own records from `start` on.
fn own_records(batch: &Batch, start: usize) -> impl Iterator<Item = Record<'_>> {
    (start..batch.len()).filter(|index| !batch.is_followed(*index)).map(|index| batch.get(index))
}

/// How far a batch goes from `start` on.
fn progress_from(batch: &Batch, start: usize) -> Progress {
    let mut progress = Progress::default();
    own_records(batch, start).for_each(|record| progress.add(&record));
    progress
}

/// Drops and makes anew the state of partitions, from their tables.
async fn renew<H: Handler, S: Source>(
    handler: &mut H,
    source: &mut S,
    partitions: &[i32],
    counters: &Counters,
) -> anyhow::Result<()> {
    counters.update(|counts| counts.standing = Standing::Restoring);
    let mut batch = Batch::new();
    for partition in partitions {
        handler.revoked(*partition);
        handler.assigned(*partition);
        loop {
            batch.clear();
            let more = source.restore(*partition, &mut batch).await.context("failed to restore a table")?;
            batch.iter().for_each(|record| observe(handler, &record, counters));
            counters.update(|counts| counts.restored += batch.len() as u64);
            if !more {
                break;
            }
        }
    }
    let (tables, has_work) = (handler.tables(), !source.partitions().is_empty());
    counters.update(|counts| {
        counts.tables = tables;
        counts.standing = if has_work { Standing::Working } else { Standing::Joining };
    });
    Ok(())
}
