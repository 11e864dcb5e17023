//! Making effects and progress last, in the order that gives the guarantee.

use std::future::Future;

use traces::TraceParent;

use crate::{Counters, Progress, Reject, Retry, Sink, Source};

/// A rejected record with its reason, on its way to the dead-letter topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Topic it was read from, without the namespace.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// When it was written, real time in ms.
    pub timestamp_ms: i64,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its payload.
    pub payload: Option<Vec<u8>>,
    /// Why.
    pub reject: Reject,
    /// The span in which it was rejected, if it lies in a trace.
    pub traceparent: Option<TraceParent>,
}

/// What a handler decided about (a part of) a batch.
#[derive(Debug)]
pub struct Decided<E> {
    /// The effects in order.
    pub effects: Vec<E>,
    /// What goes to the dead letters.
    pub rejected: Vec<Rejected>,
    /// How far it goes.
    pub progress: Progress,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// All of it lasts.
    Done,
    /// None of it does: state has to be made anew and the batch read again.
    Aborted,
}

/// Makes what was decided last.
pub trait Delivery<E>: Send {
    /// Delivers effects, dead letters and progress.
    ///
    /// # Errors
    /// Trouble that did not pass; nothing is committed then.
    fn deliver<S: Source>(
        &mut self,
        decided: &Decided<E>,
        source: &mut S,
    ) -> impl Future<Output = anyhow::Result<Delivered>> + Send;
}

/// Sink, then dead letters, then commit: a crash in between repeats effects, and sinks are idempotent.
#[derive(Debug)]
pub struct AtLeastOnce<K, D> {
    /// Takes the effects.
    pub sink: K,
    /// Takes the rejected records.
    pub dead_letters: D,
    /// Patience with both.
    pub retry: Retry,
    /// Where retries are counted.
    pub counters: Counters,
}

/// Commit first: a crash in between loses effects, and never repeats one. For teaching.
#[derive(Debug)]
pub struct AtMostOnce<K, D>(pub AtLeastOnce<K, D>);

impl<K, D> AtLeastOnce<K, D>
where
    K: Sink,
    D: Sink<Item = Rejected>,
{
    async fn apply(&mut self, decided: &Decided<K::Item>) -> anyhow::Result<()> {
        if !decided.effects.is_empty() {
            apply(&mut self.sink, &decided.effects, self.retry, &self.counters).await?;
        }
        if !decided.rejected.is_empty() {
            apply(&mut self.dead_letters, &decided.rejected, self.retry, &self.counters).await?;
        }
        Ok(())
    }
}

impl<K, D> Delivery<K::Item> for AtLeastOnce<K, D>
where
    K: Sink,
    D: Sink<Item = Rejected>,
{
    async fn deliver<S: Source>(
        &mut self,
        decided: &Decided<K::Item>,
        source: &mut S,
    ) -> anyhow::Result<Delivered> {
        self.apply(decided).await?;
        source.commit(&decided.progress).await?;
        Ok(Delivered::Done)
    }
}

impl<K, D> Delivery<K::Item> for AtMostOnce<K, D>
where
    K: Sink,
    D: Sink<Item = Rejected>,
{
    async fn deliver<S: Source>(
        &mut self,
        decided: &Decided<K::Item>,
        source: &mut S,
    ) -> anyhow::Result<Delivered> {
        source.commit(&decided.progress).await?;
        self.0.apply(decided).await?;
        Ok(Delivered::Done)
    }
}

async fn apply<K: Sink>(
    sink: &mut K,
    items: &[K::Item],
    retry: Retry,
    counters: &Counters,
) -> anyhow::Result<()> {
    let sink = tokio::sync::Mutex::new(sink);
    let failed = |error: &anyhow::Error| {
        counters.update(|counts| counts.retries += 1);
        tracing::warn!(error = format!("{error:#}"), "sink failed, trying again");
    };
    retry.run(failed, || async { sink.lock().await.apply(items).await }).await
}
