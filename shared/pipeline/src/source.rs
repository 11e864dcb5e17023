//! Where records come from, with the events of the group that shares them.

use std::future::Future;

use traces::Tracer;

use crate::{Batch, Progress};

/// What a poll brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Polled {
    /// The batch was filled, maybe with nothing if nothing came in time.
    Records,
    /// These partition numbers are ours now; no record of them was read yet. None while we hold none: we are a member of
    /// the group, and the others have all of them.
    Assigned(Vec<i32>),
    /// These are ours no more; the batch holds no record of them.
    Revoked(Vec<i32>),
    /// Shutdown was asked for.
    Stop,
}

/// A member of a consumer group, or a fake of one.
pub trait Source: Send {
    /// Waits for records, a change of the group or shutdown, and fills the (cleared) batch.
    ///
    /// # Errors
    /// Trouble that the client can't get over by itself.
    fn poll(&mut self, batch: &mut Batch) -> impl Future<Output = anyhow::Result<Polled>> + Send;

    /// Fills the (cleared) batch with the next part of the tables of a partition; `false` when they are read.
    ///
    /// # Errors
    /// Trouble that the client can't get over by itself.
    fn restore(
        &mut self,
        partition: i32,
        batch: &mut Batch,
    ) -> impl Future<Output = anyhow::Result<bool>> + Send;

    /// Says that all records up to here are dealt with.
    ///
    /// # Errors
    /// If the group could not be told.
    fn commit(&mut self, progress: &Progress) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Goes back to the first record of this progress, in every partition of it that is still ours.
    ///
    /// # Errors
    /// If the position can't be set.
    fn rewind(&mut self, progress: &Progress) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// The partition numbers that are ours.
    fn partitions(&self) -> Vec<i32>;

    /// Who takes the spans of its records, and what all of them tell. Unless somebody does, no record has a
    /// `traceparent`.
    fn tracer(&self) -> Tracer {
        Tracer::default()
    }

    /// Ends the membership: commits what is outstanding and leaves the group.
    ///
    /// # Errors
    /// If the last commit failed.
    fn close(&mut self) -> impl Future<Output = anyhow::Result<()>> + Send;
}
