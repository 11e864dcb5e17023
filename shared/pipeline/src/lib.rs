//! Consume, decide, apply: what every service does with records, written once.
//!
//! A [`Handler`] decides: a plain synchronous function from a record to effects. A [`Delivery`] makes the effects
//! last and only then the progress: sink, then dead letters, then commit. [`run()`] owns the rest: batches, panics,
//! rebalances, restoring of tables, retries, counting. This crate knows neither Kafka nor rides.

mod batch;
mod counters;
mod decide;
mod delivery;
pub mod fakes;
mod handler;
pub mod metrics;
mod progress;
mod retry;
mod run;
mod sink;
mod source;
mod spans;
mod state_map;

pub use batch::{Batch, Record};
pub use counters::{Counters, Snapshot, Standing};
pub use delivery::{AtLeastOnce, AtMostOnce, Decided, Delivered, Delivery, Rejected};
pub use handler::{Handler, Outcome, Reject};
pub use progress::{PartitionProgress, Progress};
pub use retry::Retry;
pub use run::run;
pub use sink::Sink;
pub use source::{Polled, Source};
pub use state_map::StateMap;
