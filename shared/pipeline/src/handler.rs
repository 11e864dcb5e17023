//! The pure half of a service.

use traces::TraceParent;

use crate::Record;

/// Decides what a record means. No I/O, no clock, no `async`, so that tests are equality on values.
pub trait Handler: Send {
    /// An effect as data: a record to write, a position to store, a document.
    type Effect: Send + Sync;

    /// A partition number (of all co-partitioned topics of the group) is ours now: make its state, empty.
    fn assigned(&mut self, _partition: i32) {}

    /// It is ours no more, or its state can't be trusted: drop it.
    fn revoked(&mut self, _partition: i32) {}

    /// Takes in a record of a table: while a partition is restored (before its first record is handled), or of a
    /// table that is followed as a whole. Has no effects.
    ///
    /// # Errors
    /// `Reject` if it can't be read; it is counted and passed over.
    fn observe(&mut self, _record: &Record<'_>) -> Result<(), Reject> {
        Ok(())
    }

    /// Takes in one record of the group's own and adds its effects to `effects`.
    ///
    /// # Errors
    /// `Reject` if the record can never succeed: it goes to the dead-letter topic, its effects are dropped.
    fn handle(&mut self, record: &Record<'_>, effects: &mut Vec<Self::Effect>) -> Result<Outcome, Reject>;

    /// Writes on an effect, if it becomes a record, in which span it was made. Asked of effects of records that lie in
    /// a trace.
    fn trace(_effect: &mut Self::Effect, _span: TraceParent) {}

    /// How much state it holds: each table by name, with how many entries it has. Asked once a batch, so it must be
    /// quick.
    fn tables(&self) -> Vec<(&'static str, usize)> {
        Vec::new()
    }

    /// Lets time pass: called between batches with milliseconds of real time.
    fn tick(&mut self, _now_ms: i64, _effects: &mut Vec<Self::Effect>) {}
}

/// What became of a record that could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect, or was taken in.
    Done,
    /// Understood, but not for us or not possible now: counted by this reason.
    Skipped(&'static str),
}

/// Why a record can never succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Low-cardinality reason, for counting.
    pub code: &'static str,
    /// What exactly was wrong.
    pub detail: String,
}

impl Reject {
    /// A reason with its details.
    #[must_use]
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}
