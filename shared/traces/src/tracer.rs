//! Where spans begin and where they go.

use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU64;
use std::sync::Arc;

use crate::{Kind, Span, TraceParent, Value};

/// Takes spans. Never in the way: it waits for nothing and nobody.
pub trait SpanSink: Send + Sync {
    /// Real time in ns since 1970.
    fn now_ns(&self) -> u64;

    /// Takes a span that has ended.
    fn take(&self, span: Span);
}

/// Starts and ends spans, if somebody takes them; clones share who does. Off by default.
#[derive(Clone, Default)]
pub struct Tracer(Option<On>);

#[derive(Clone)]
struct On {
    sink: Arc<dyn SpanSink>,
    /// What every span tells.
    attributes: Arc<[(&'static str, Value)]>,
}

impl Tracer {
    /// A tracer whose spans go there.
    #[must_use]
    pub fn to(sink: Arc<dyn SpanSink>) -> Self {
        Self(Some(On { sink, attributes: Arc::default() }))
    }

    /// The same, with something that each of its spans tells.
    #[must_use]
    pub fn telling(&self, attribute: &'static str, value: impl Into<Value>) -> Self {
        Self(self.0.as_ref().map(|on| {
            let told = on.attributes.iter().cloned().chain([(attribute, value.into())]);
            On { sink: Arc::clone(&on.sink), attributes: told.collect() }
        }))
    }

    /// Whether somebody takes spans.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Real time in ns since 1970; 0 if nobody takes spans.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        self.0.as_ref().map_or(0, |on| on.sink.now_ns())
    }

    /// The place of the span that is about a thing, below the one that caused it; another tracer has another span about
    /// it. `None` if nobody takes spans.
    #[must_use]
    pub fn context(&self, cause: TraceParent, thing: impl Hash) -> Option<TraceParent> {
        self.0.as_ref().map(|on| cause.child((&on.attributes, thing)))
    }

    /// Begins a span; `None` if nobody takes it. A span that is dropped instead of ended was none.
    #[must_use]
    pub fn begin(
        &self,
        context: TraceParent,
        parent: Option<NonZeroU64>,
        kind: Kind,
        name: String,
    ) -> Option<Span> {
        let On { sink, attributes } = self.0.as_ref()?;
        let (now_ns, attributes) = (sink.now_ns(), attributes.to_vec());
        let links = Vec::new();
        Some(Span {
            context,
            parent,
            name,
            kind,
            start_ns: now_ns,
            end_ns: now_ns,
            attributes,
            links,
            error: None,
        })
    }

    /// Ends spans now, all at the same moment.
    pub fn end(&self, spans: impl IntoIterator<Item = Span>) {
        let mut spans = spans.into_iter().peekable();
        if let (Some(On { sink, .. }), true) = (&self.0, spans.peek().is_some()) {
            let end_ns = sink.now_ns();
            spans.for_each(|span| sink.take(Span { end_ns, ..span }));
        }
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tracer").field(&if self.is_on() { "on" } else { "off" }).finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::fakes::FakeSpans;

    use super::*;

    #[test]
    fn a_tracer_that_is_off_makes_nothing() {
        let tracer = Tracer::default().telling("a", 1);
        let context = TraceParent::of("x");
        assert!(!tracer.is_on());
        assert_eq!(tracer.begin(context, None, Kind::Internal, "work".to_owned()), None);
        tracer.end([]);
    }

    #[test]
    fn spans_begin_and_end_by_the_clock_and_tell_what_all_of_theirs_do() {
        let spans = FakeSpans::default();
        let tracer = spans.tracer().telling("system", "kafka");
        let context = TraceParent::of("x");
        spans.set_now_ms(3);
        let mut span = tracer.begin(context, None, Kind::Internal, "work".to_owned()).unwrap();
        span.tell("records", 7);
        spans.set_now_ms(5);
        tracer.end([span]);
        let taken = spans.taken();
        assert_eq!(taken.len(), 1);
        assert_eq!((taken[0].start_ns, taken[0].end_ns), (3_000_000, 5_000_000));
        assert_eq!(taken[0].told("system"), Some(&Value::from("kafka")));
        assert_eq!(taken[0].told("records"), Some(&Value::Number(7)));
        assert_eq!(taken[0].told("weather"), None);
    }
}
