//! The header `traceparent` of records, and the spans of sending what apps made.

use events::{Origin, OutRecord};
use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Header, Headers, OwnedHeaders};
use traces::{Kind, Span, TraceParent, Tracer};

/// What the header of a message says; not even looked at unless somebody takes spans.
pub(crate) fn read(tracer: &Tracer, message: &BorrowedMessage<'_>) -> Option<TraceParent> {
    if !tracer.is_on() {
        return None;
    }
    let header = message.headers()?.iter().find(|header| header.key == TraceParent::HEADER)?;
    TraceParent::read(header.value?)
}

/// The headers of a record that goes back to this span; none unless somebody takes spans.
pub(crate) fn of(tracer: &Tracer, span: Option<TraceParent>) -> Option<OwnedHeaders> {
    let span = span.filter(|_| tracer.is_on())?;
    Some(with(OwnedHeaders::new_with_capacity(1), span))
}

/// Headers with this one.
pub(crate) fn with(headers: OwnedHeaders, span: TraceParent) -> OwnedHeaders {
    headers.insert(Header { key: TraceParent::HEADER, value: Some(&span.to_string()) })
}

/// Begins the span of sending a record that an app made, if it is one that is traced.
pub(crate) fn begin_sending(tracer: &Tracer, record: &OutRecord) -> Option<Span> {
    if !tracer.is_on() {
        return None;
    }
    let Origin { context, parent } = Origin::of(record)?;
    let topic = record.topic.name;
    let mut span = tracer.begin(context, parent, Kind::Producer, format!("send {topic}"))?;
    span.tell("messaging.system", "kafka");
    span.tell("messaging.operation.type", "send");
    span.tell("messaging.operation.name", "send");
    span.tell("messaging.destination.name", topic);
    if let Ok(key) = str::from_utf8(&record.key) {
        span.tell("messaging.kafka.message.key", key.to_owned());
    }
    Some(span)
}
