//! Spans kept in memory, by a clock that is set, for tests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::{Span, SpanSink, Tracer};

/// Takes spans and keeps them; clones share them. Its clock begins at 0.
#[derive(Clone, Debug, Default)]
pub struct FakeSpans(Arc<Kept>);

#[derive(Debug, Default)]
struct Kept {
    now_ns: AtomicU64,
    spans: Mutex<Vec<Span>>,
}

impl FakeSpans {
    /// A tracer whose spans are kept here.
    #[must_use]
    pub fn tracer(&self) -> Tracer {
        let kept: Arc<dyn SpanSink> = self.0.clone();
        Tracer::to(kept)
    }

    /// Sets the clock, in ms.
    pub fn set_now_ms(&self, now_ms: u64) {
        self.0.now_ns.store(now_ms * 1_000_000, Ordering::Relaxed);
    }

    /// The spans that have ended so far.
    #[must_use]
    pub fn taken(&self) -> Vec<Span> {
        self.0.spans.lock().expect("nobody panics while holding it").clone()
    }
}

impl SpanSink for Kept {
    fn now_ns(&self) -> u64 {
        self.now_ns.load(Ordering::Relaxed)
    }

    fn take(&self, span: Span) {
        self.spans.lock().expect("nobody panics while holding it").push(span);
    }
}
