//! The impure half of a service.

use std::future::Future;

/// Makes effects last. It may see the same effects twice, so it must be idempotent.
pub trait Sink: Send {
    /// What it takes.
    type Item: Send + Sync;

    /// Applies all items, in order; returns when they are durable.
    ///
    /// # Errors
    /// Any trouble that may pass: the runner tries again, then gives up with nothing committed.
    fn apply(&mut self, items: &[Self::Item]) -> impl Future<Output = anyhow::Result<()>> + Send;
}
