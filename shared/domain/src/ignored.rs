//! Why a state machine lets an input pass without effect.

/// The input is understood but repeated, late or impossible now: a short stable code for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ignored: {0}")]
pub struct Ignored(pub &'static str);
