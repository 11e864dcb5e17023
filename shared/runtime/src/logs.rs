//! Logs on standard error: readable on a terminal, JSON by variable.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Starts logging; `RUST_LOG` filters (default `info`, the Kafka client at `error` since it repeats itself while a
/// broker is away), `HAILSTORM_LOG=json` makes JSON of it. A second call changes nothing.
pub fn init() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,librdkafka=error,rdkafka=error,h2=warn,mongodb=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_span_events(FmtSpan::NONE)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = if std::env::var("HAILSTORM_LOG").is_ok_and(|format| format == "json") {
        builder.json().try_init()
    } else {
        builder.compact().try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
