//! Effects that are records: written, acknowledged, then done.

use events::OutRecord;
use pipeline::Sink;

use crate::{Outbox, Settings};

/// Collects records of one batch: long enough for one request a partition, short enough for a command.
const LINGER_MS: u32 = 2;

/// A sink that writes records at least once.
pub struct RecordSink(Outbox);

impl RecordSink {
    /// A sink whose client carries this name.
    ///
    /// # Errors
    /// If the client can't be made with these settings.
    pub fn new(settings: &Settings, client_id: &str) -> anyhow::Result<Self> {
        Ok(Self(Outbox::new(settings, client_id, LINGER_MS)?))
    }
}

impl Sink for RecordSink {
    type Item = OutRecord;

    async fn apply(&mut self, records: &[OutRecord]) -> anyhow::Result<()> {
        self.0.send_all(records).await?;
        self.0.settled().await
    }
}
