//! The effect of this service.

use live::DriverUpdate;

/// What is new about one driver after a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// What is written.
    pub update: DriverUpdate,
    /// Whether a report came with this batch; else only the availability changed.
    pub reported: bool,
}
