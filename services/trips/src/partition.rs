//! What is kept for one assigned partition.

use pipeline::{Record, Reject};

use crate::catch_up::CatchUp;
use crate::handler::read;
use crate::trip_table::TripTable;

/// The state of one partition.
#[derive(Debug, Default)]
pub(crate) struct Partition {
    /// Its trips.
    pub(crate) trips: TripTable,
    /// Whether its time-outs may fire.
    pub(crate) catch_up: CatchUp,
}

impl Partition {
    /// Takes in a snapshot of this service's own table.
    pub(crate) fn restore(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        if record.payload.is_some() {
            self.trips.put(read(record, None)?);
            return Ok(());
        }
        let id = events::trips::key(record.key)
            .ok_or_else(|| Reject::new("key_mismatch", "the key of a tombstone is no trip id"))?;
        self.trips.remove(id);
        Ok(())
    }
}
