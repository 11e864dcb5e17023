//! `hailstorm bench`: what our way costs; and its workers.

use std::process::ExitCode;

use ::bench::{Options, WorkerOptions};

/// Measures until it is done or told to stop; servers and workers are gone then.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    if std::env::var_os("RUST_LOG").is_some() {
        runtime::init_logs();
    }
    ::bench::run(options, runtime::stop_on_signals()?).await
}

/// One contender in a process of its own.
pub(crate) async fn work(options: WorkerOptions) -> anyhow::Result<ExitCode> {
    ::bench::work(options).await
}
