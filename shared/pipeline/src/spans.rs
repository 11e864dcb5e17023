//! The spans of a batch: one of each record that lies in a trace, from when it is handled until it is delivered, and
//! one of the delivery, which lies below the first of them and links to the others.

use traces::{Kind, MOST_LINKS, Span, TraceParent, Tracer};

use crate::{Decided, Delivered, Record, Reject};

/// What a span tells beside what OpenTelemetry's conventions for messaging have a name for: time from when the record
/// was written until it was handled, in ms.
const WAITED: &str = "hailstorm.waited_ms";

/// Why a record was passed over.
const SKIPPED: &str = "hailstorm.skipped";

/// How many effects a delivery made last.
const EFFECTS: &str = "hailstorm.effects";

/// Spans under way, in the order in which they began.
#[derive(Debug)]
pub(crate) struct Spans {
    tracer: Tracer,
    open: Vec<Span>,
}

impl Spans {
    /// None are under way.
    pub(crate) fn new(tracer: Tracer) -> Self {
        Self { tracer, open: Vec::new() }
    }

    /// A record is about to be handled; gives its span, if it lies in a trace and somebody takes spans.
    pub(crate) fn begin(&mut self, record: &Record<'_>) -> Option<TraceParent> {
        let cause = *record.traceparent?;
        let Record { topic, partition, offset, timestamp_ms, .. } = *record;
        let context = self.tracer.context(cause, (topic, partition, offset))?;
        let name = format!("process {topic}");
        let mut span = self.tracer.begin(context, Some(cause.span_id), Kind::Consumer, name)?;
        let handled_ms = i64::try_from(span.start_ns / 1_000_000).unwrap_or(i64::MAX);
        span.tell(WAITED, (handled_ms - timestamp_ms).max(0));
        span.tell("messaging.operation.type", "process");
        span.tell("messaging.operation.name", "process");
        span.tell("messaging.destination.name", topic.to_owned());
        span.tell("messaging.destination.partition.id", partition.to_string());
        span.tell("messaging.kafka.offset", offset);
        if let Some(key) = record.key.and_then(|key| std::str::from_utf8(key).ok()) {
            span.tell("messaging.kafka.message.key", key.to_owned());
        }
        self.open.push(span);
        Some(context)
    }

    /// The record of the newest span was passed over.
    pub(crate) fn skipped(&mut self, span: Option<TraceParent>, reason: &'static str) {
        if let Some(span) = self.newest(span) {
            span.tell(SKIPPED, reason);
        }
    }

    /// The record of the newest span goes to the dead letters.
    pub(crate) fn rejected(&mut self, span: Option<TraceParent>, reject: &Reject) {
        if let Some(span) = self.newest(span) {
            span.error = Some(format!("{}: {}", reject.code, reject.detail));
        }
    }

    fn newest(&mut self, span: Option<TraceParent>) -> Option<&mut Span> {
        self.open.last_mut().filter(|newest| Some(newest.context) == span)
    }

    /// What was decided is about to be delivered; a span of that, if a record of the batch has one.
    pub(crate) fn begin_delivery<E>(&self, decided: &Decided<E>) -> Option<Span> {
        let (first, others) = self.open.split_first()?;
        let context = self.tracer.context(first.context, "deliver")?;
        let parent = Some(first.context.span_id);
        let mut span = self.tracer.begin(context, parent, Kind::Internal, "deliver".to_owned())?;
        let records: u64 = decided.progress.iter().map(|(_, _, progress)| progress.records).sum();
        span.tell("messaging.batch.message_count", i64::try_from(records).unwrap_or(i64::MAX));
        span.tell(EFFECTS, i64::try_from(decided.effects.len()).unwrap_or(i64::MAX));
        span.links = others.iter().take(MOST_LINKS).map(|span| span.context).collect();
        Some(span)
    }

    /// Ends all spans, since what they are about lasts; or forgets them, since nothing of it does and it will be handled
    /// anew.
    pub(crate) fn end(&mut self, delivery: Option<Span>, delivered: Delivered) {
        let spans = self.open.drain(..).chain(delivery);
        match delivered {
            Delivered::Done => self.tracer.end(spans),
            Delivered::Aborted => spans.for_each(drop),
        }
    }
}
