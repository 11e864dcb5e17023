//! Keeps the last position and the availability of every driver in Redis, where matching finds them.
//!
//! The handler (`handler`, `partition`) keeps the newest of each driver and hands on one change per driver and
//! batch; the sink writes those in one go, fenced; `sweeping` takes silent drivers out. What is absent on purpose:
//! any decision about drivers, which the `drivers` service takes alone.

mod change;
mod config;
mod handler;
pub mod metrics;
mod partition;
mod run;
mod sink;
mod sweeping;

pub use change::Change;
pub use config::{Config, LINGER_MS};
pub use handler::LiveLocationHandler;
pub use run::{MAX_RECORDS, TOPICS, run};
pub use sink::LiveSink;
