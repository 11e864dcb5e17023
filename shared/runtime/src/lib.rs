//! What every process of the city needs: a clock, logs, figures, shutdown.
//!
//! Absent on purpose: anything that knows the city, Kafka or a store.

pub mod clock;
mod logs;
mod service;
mod signals;
mod stats;

pub use logs::init as init_logs;
pub use service::{Options, Service};
pub use signals::stop_on_signals;
pub use stats::{Counter, Gauge, Histogram, Stats, StatsLine, merge_histograms};
