//! What every process of the city needs: a clock, logs, figures, health, shutdown.
//!
//! Absent on purpose: anything that knows the city, Kafka or a store.

pub mod clock;
mod endpoint;
mod export;
mod logs;
mod member;
pub mod metrics;
mod observer;
mod readiness;
mod seldom;
mod service;
mod signals;
mod span_queue;

pub use endpoint::{Endpoint, OTLP_ENDPOINT};
pub use figures::{
    COUNTS, Counter, Gauge, Histogram, Metric, Operation, SECONDS, Sample, Spread, Stats, StatsLine,
    merge_histograms,
};
pub use logs::{LogLine, Logs, init as init_logs, trace_id, without_secrets};
pub use observer::{DEFAULT_ADDRESS, METRICS_ADDRESS};
pub use readiness::Readiness;
pub use seldom::Seldom;
pub use service::{Options, Running, Service};
pub use signals::stop_on_signals;
