//! A span as data: what happened from when to when, and in which trace.

use std::borrow::Cow;
use std::num::NonZeroU64;

use crate::TraceParent;

/// Links of one span at most, as OpenTelemetry limits them by default.
pub const MOST_LINKS: usize = 128;

/// Something that took its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Its own place in the trace.
    pub context: TraceParent,
    /// The span that caused it; none has caused the first.
    pub parent: Option<NonZeroU64>,
    /// What was done with what.
    pub name: String,
    /// Its part in the conversation.
    pub kind: Kind,
    /// Real time in ns since 1970.
    pub start_ns: u64,
    /// Real time in ns since 1970.
    pub end_ns: u64,
    /// What else is to be told.
    pub attributes: Vec<(&'static str, Value)>,
    /// Spans of other traces that it is about.
    pub links: Vec<TraceParent>,
    /// What went wrong.
    pub error: Option<String>,
}

/// The part of a span in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It sends what others will handle.
    Producer,
    /// It handles what others have sent.
    Consumer,
    /// Neither.
    Internal,
}

/// What an attribute says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// A text.
    Text(Cow<'static, str>),
    /// A number.
    Number(i64),
}

impl Span {
    /// Tells more.
    pub fn tell(&mut self, attribute: &'static str, value: impl Into<Value>) {
        self.attributes.push((attribute, value.into()));
    }

    /// What was told by this name.
    #[must_use]
    pub fn told(&self, attribute: &str) -> Option<&Value> {
        self.attributes.iter().find(|(name, _)| *name == attribute).map(|(_, value)| value)
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}
