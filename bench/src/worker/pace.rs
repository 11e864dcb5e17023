//! Writing reports on schedule, for ever, in a form that every client can read.

use std::time::Duration;

use clap::Args;
use domain::CityMs;
use tokio::time::{Instant, MissedTickBehavior};

use super::write_reports::Bare;
use crate::clients::Compression;
use crate::reports::Reports;

/// Between two slices, as the load generator's ticks.
const TICK: Duration = Duration::from_millis(20);

/// How fast.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    kafka: kafka::Settings,
    /// Reports a second.
    #[arg(long)]
    rate: u32,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let mut reports = Reports::from(CityMs(runtime::clock::now_ms()));
    let mut writer = Bare::new(&options.kafka, Compression::None)?;
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (begun, mut sent) = (Instant::now(), 0);
    loop {
        ticks.tick().await;
        let due = due(begun.elapsed(), options.rate);
        writer.write(reports.by_ref().take(due - sent), None).await?;
        sent = due;
    }
}

/// Reports that should have left after so long.
fn due(elapsed: Duration, rate: u32) -> usize {
    (elapsed.as_secs_f64() * f64::from(rate)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_grows_with_time_and_never_shrinks() {
        assert_eq!(due(Duration::ZERO, 20_000), 0);
        assert_eq!(due(Duration::from_millis(20), 20_000), 400);
        assert_eq!(due(Duration::from_secs(60), 50_000), 3_000_000);
    }
}
