//! Brings up the three servers, prints their addresses and memory, and stops them on Ctrl-C: how a caller uses this crate.

use backends::process::rss_kib;
use backends::{Backends, Options};
use clap::Parser;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Only looks at what is here and what is missing.
    #[arg(long)]
    doctor: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.doctor {
        for finding in backends::doctor(&arguments.options).await {
            println!("{:?} {}: {} {}", finding.state, finding.what, finding.detail, finding.remedy);
        }
        return Ok(());
    }
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    // Dropping the future of a start that is interrupted leaves nothing behind.
    let backends = tokio::select! {
        started = backends::start(&arguments.options, |progress| println!("{progress}")) => started?,
        _ = &mut interrupted => return Ok(()),
    };
    show(&backends);
    interrupted.await?;
    backends.stop().await
}

fn show(backends: &Backends) {
    for (variable, value) in backends.endpoints.environment() {
        println!("{variable}={value}");
    }
    for process in backends.processes() {
        let mib = rss_kib(process.pid).unwrap_or_default() / 1024;
        println!("{} (pid {}): {mib} MiB", process.name, process.pid);
    }
}
