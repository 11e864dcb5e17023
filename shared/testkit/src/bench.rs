//! A handler on the bench: records are handed to it, time passes when the test says so.

use events::OutRecord;
use pipeline::fakes::OwnedRecord;
use pipeline::{Handler, Outcome, Reject};

use crate::told;

/// A handler, the partition that records are read from, and the time at which they were written.
pub struct Bench<H> {
    /// What is tested.
    pub handler: H,
    /// Records are read from here.
    pub partition: i32,
    /// Records are written now, real time in ms.
    pub now_ms: i64,
}

impl<H: Handler<Effect = OutRecord>> Bench<H> {
    /// A handler that was assigned partition 0.
    #[must_use]
    pub fn new(mut handler: H, now_ms: i64) -> Self {
        handler.assigned(0);
        Self { handler, partition: 0, now_ms }
    }

    /// A record as it is read: written to the bench's partition, now.
    #[must_use]
    pub fn as_read(&self, record: &OutRecord) -> OwnedRecord {
        OwnedRecord {
            topic: record.topic.name.to_owned(),
            partition: self.partition,
            offset: 0,
            timestamp_ms: self.now_ms,
            key: Some(record.key.clone()),
            payload: record.payload.clone(),
            traceparent: record.traceparent,
        }
    }

    /// Hands over records that are the ground for what is tested.
    ///
    /// # Panics
    /// If one of them does not take effect.
    pub fn given<'a>(&mut self, records: impl IntoIterator<Item = &'a OutRecord>) {
        for record in records {
            let (outcome, _) = self.handle(&self.as_read(record));
            assert_eq!(outcome, Ok(Outcome::Done), "{record:?}");
        }
    }

    /// Hands a record over and tells in words what came of it.
    pub fn when(&mut self, record: &OutRecord) -> Vec<String> {
        self.when_read(&self.as_read(record))
    }

    /// Hands over a record that no producer of ours would write.
    pub fn when_read(&mut self, record: &OwnedRecord) -> Vec<String> {
        let (outcome, effects) = self.handle(record);
        told(&outcome, &effects)
    }

    /// Hands a record over and returns what came of it.
    pub fn handle(&mut self, record: &OwnedRecord) -> (Result<Outcome, Reject>, Vec<OutRecord>) {
        let mut effects = Vec::new();
        let outcome = self.handler.handle(&record.borrow(), &mut effects);
        (outcome, effects)
    }
}
