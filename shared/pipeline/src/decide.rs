//! What a batch comes to: each record is handled, and what can't be is rejected.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::bail;

use crate::spans::Spans;
use crate::{Batch, Counters, Decided, Handler, Outcome, Progress, Record, Reject, Rejected};

/// With at least this many records rejected in one batch ...
const SUSPICIOUS_REJECTS: usize = 100;

/// Bytes of a key that are logged: the id of a trip has 52.
const LONGEST_KEY: usize = 80;

/// Decides from `start` to the end of the batch or just behind the first panic.
pub(crate) fn decide<H: Handler>(
    handler: &mut H,
    batch: &Batch,
    start: usize,
    spans: &mut Spans,
    counters: &Counters,
) -> (Decided<H::Effect>, usize, Option<i32>) {
    let mut decided = Decided { effects: Vec::new(), rejected: Vec::new(), progress: Progress::default() };
    for index in start..batch.len() {
        let record = batch.get(index);
        if batch.is_followed(index) {
            observe(handler, &record, counters);
            continue;
        }
        let before = decided.effects.len();
        let span = spans.begin(&record);
        let record = Record { traceparent: span.as_ref(), ..record };
        let result = catch_unwind(AssertUnwindSafe(|| handler.handle(&record, &mut decided.effects)));
        decided.progress.add(&record);
        if let Some(span) = span {
            decided.effects[before..].iter_mut().for_each(|effect| H::trace(effect, span));
        }
        let (reject, panicked) = match result {
            Ok(Ok(Outcome::Done)) => continue,
            Ok(Ok(Outcome::Skipped(reason))) => {
                spans.skipped(span, reason);
                counters.update(|counts| *counts.skipped.entry(reason).or_default() += 1);
                continue;
            }
            Ok(Err(reject)) => (reject, None),
            Err(panic) => (Reject::new("panic", panic_text(panic.as_ref())), Some(record.partition)),
        };
        decided.effects.truncate(before);
        spans.rejected(span, &reject);
        report(&record, &reject, counters);
        decided.rejected.push(rejected(&record, reject));
        if panicked.is_some() {
            return (decided, index + 1, panicked);
        }
    }
    (decided, batch.len(), None)
}

/// Fails if most of a large batch was rejected.
pub(crate) fn refuse_bad_deploy<E>(decided: &Decided<E>, batch: &Batch) -> anyhow::Result<()> {
    // ... and more than half of it, it is not the data.
    let rejects = decided.rejected.len();
    if rejects >= SUSPICIOUS_REJECTS && rejects * 2 > batch.len() {
        let first = &decided.rejected[0];
        bail!(
            "{rejects} of {} records were rejected, first {}/{}@{}: {} {}; nothing was committed: check what was deployed",
            batch.len(),
            first.topic,
            first.partition,
            first.offset,
            first.reject.code,
            first.reject.detail
        );
    }
    Ok(())
}

/// Shows a handler a record of a table; one that can't be read is told, and no more.
pub(crate) fn observe<H: Handler>(handler: &mut H, record: &Record<'_>, counters: &Counters) {
    if let Err(reject) = handler.observe(record) {
        report(record, &reject, counters);
    }
}

fn report(record: &Record<'_>, reject: &Reject, counters: &Counters) {
    let Record { topic, partition, offset, .. } = *record;
    let (reason, detail) = (reject.code, reject.detail.as_str());
    // All of them are counted, and lie among the dead letters.
    if counters.is_time_to_tell(reason) {
        tracing::warn!(topic, partition, offset, key = told_key(record), reason, detail, "record rejected");
    } else {
        tracing::debug!(topic, partition, offset, key = told_key(record), reason, detail, "record rejected");
    }
    counters.update(|counts| *counts.rejected.entry(reason).or_default() += 1);
}

/// The key of a record as text; what is longer than any honest key is cut.
fn told_key(record: &Record<'_>) -> String {
    let key = record.key.unwrap_or_default();
    String::from_utf8_lossy(&key[..key.len().min(LONGEST_KEY)]).into_owned()
}

fn rejected(record: &Record<'_>, reject: Reject) -> Rejected {
    Rejected {
        topic: record.topic.to_owned(),
        partition: record.partition,
        offset: record.offset,
        timestamp_ms: record.timestamp_ms,
        key: record.key.map(<[u8]>::to_vec),
        payload: record.payload.map(<[u8]>::to_vec),
        reject,
        traceparent: record.traceparent.copied(),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
