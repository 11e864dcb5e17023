//! What a process counts: every number declared once, told as JSON lines and to Prometheus.
//!
//! Absent on purpose: servers, clocks, and anything that knows the city, Kafka or a store.

mod exposition;
mod line;
mod metric;
mod number;
mod operation;
pub mod process;
mod sample;
mod spread;
mod stats;
mod times;

pub use line::{StatsLine, merge_histograms};
pub use metric::{COUNTS, Kind, Metric, SECONDS};
pub use number::{Counter, Gauge};
pub use operation::Operation;
pub use sample::Sample;
pub use spread::Spread;
pub use stats::Stats;
pub use times::Histogram;
