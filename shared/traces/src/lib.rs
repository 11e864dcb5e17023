//! Traces as values: in which trace something lies, what a span tells, and who takes spans.
//!
//! Off unless somebody takes them: then no clock is read and nothing allocated. Ids are never drawn by lot but computed
//! from what they belong to, so that every process knows a trip's trace, and a record that is handled once more gets
//! the same span again. Absent on purpose: exporters, Kafka, the city.

pub mod fakes;
mod span;
mod traceparent;
mod tracer;

pub use span::{Kind, MOST_LINKS, Span, Value};
pub use traceparent::TraceParent;
pub use tracer::{SpanSink, Tracer};
