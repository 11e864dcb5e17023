//! What is told of every process.

use figures::{Metric, SECONDS, Sample, process};

/// All metrics of this crate.
pub static ALL: [&Metric; 9] =
    [&CPU, &MEMORY, &STARTED, &READY, &LOG_LINES, &LOG_LINES_LOST, &STORE_TIME, &SPANS, &DROPPED_SPANS];

/// Processor time.
pub static CPU: Metric = Metric::counter(
    "process_cpu_seconds_total",
    "Processor time that the process has taken, in the kernel and outside",
)
.in_ms();

/// Memory.
pub static MEMORY: Metric =
    Metric::gauge("process_resident_memory_bytes", "Memory of the process that is in RAM");

/// When it started.
pub static STARTED: Metric =
    Metric::gauge("process_start_time_seconds", "When the process started, in seconds since 1970").in_ms();

/// Whether it is ready.
pub static READY: Metric =
    Metric::gauge("hailstorm_ready", "1 if the process is ready as /readyz says, else 0");

/// Lines of the log.
pub static LOG_LINES: Metric =
    Metric::counter("hailstorm_log_lines_total", "Lines of the log, by level").by(&["level"]);

/// Lines that did not arrive where all logs are collected.
pub static LOG_LINES_LOST: Metric = Metric::counter(
    "hailstorm_log_lines_lost_total",
    "Lines of the log that were to be sent to Kafka and were not, since it was away or slow",
);

/// Time of what is asked of Redis and MongoDB.
pub static STORE_TIME: Metric = Metric::histogram(
    "db_client_operation_duration_seconds",
    SECONDS,
    "Time of an operation on Redis or MongoDB, round trips included; of services that use one",
)
.by(&["db_system_name", "db_operation_name", "result"]);

/// Spans that the collector took.
pub static SPANS: Metric = Metric::counter(
    "hailstorm_exported_spans_total",
    "Spans that the collector took; 0 where traces are off",
);

/// Spans that nobody will see.
pub static DROPPED_SPANS: Metric = Metric::counter(
    "hailstorm_dropped_spans_total",
    "Spans that were dropped, since too many waited or the collector did not take them",
);

/// Memory and processor time of this process, which started at `started_ms`.
pub(crate) fn of_process(started_ms: i64) -> Vec<Sample> {
    let pid = std::process::id();
    let cpu =
        process::cpu_time(pid).map(|time| CPU.count(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)));
    let memory = process::rss_kib(pid).map(|kib| MEMORY.count(kib * 1024));
    [cpu, memory, Some(STARTED.sample(started_ms))].into_iter().flatten().collect()
}
