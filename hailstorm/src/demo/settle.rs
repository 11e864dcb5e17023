//! Waiting until every group has read its topics to the end.

use std::time::{Duration, Instant};

use kafka::{GroupWatch, Settings};

use super::board::Board;
use crate::fleet::SERVICES;

/// After this long, what is missing is counted as missing.
const LONGEST: Duration = Duration::from_secs(90);

/// Behind the last record of a partition may lie one transaction marker, which is never committed.
const MARKERS_PER_PARTITION: i64 = 2;

/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(250);

/// Nothing may change for this many looks: the last intervals of `zones` close up to three seconds after the last
/// report, and what they bring is read as well.
const QUIET_LOOKS: u32 = 16;

/// Waits until no group is behind and nothing moves any more.
pub(super) async fn settle(settings: &Settings, board: &Board) -> anyhow::Result<()> {
    let mut watches = Vec::new();
    for service in &SERVICES {
        let topics: Vec<&str> = service.topics.iter().map(|topic| topic.name).collect();
        watches.push((service.name, GroupWatch::new(settings, service.name, &topics)?));
    }
    let started = Instant::now();
    let (mut before, mut quiet) = (Vec::new(), 0);
    while started.elapsed() < LONGEST && quiet < QUIET_LOOKS {
        let lags = tokio::task::block_in_place(|| {
            watches.iter().map(|(_, watch)| watch.lag()).collect::<Result<Vec<_>, _>>()
        })?;
        let settled = lags.iter().all(|lag| lag.offsets <= MARKERS_PER_PARTITION * lag.partitions);
        quiet = if settled && lags == before { quiet + 1 } else { 0 };
        before = lags;
        tokio::time::sleep(LOOK).await;
    }
    if quiet < QUIET_LOOKS {
        for ((name, _), lag) in watches.iter().zip(&before) {
            if lag.offsets > MARKERS_PER_PARTITION * lag.partitions {
                board.notice(format!(
                    "{name} was still {} offsets behind after {} s",
                    lag.offsets,
                    LONGEST.as_secs()
                ));
            }
        }
    }
    Ok(())
}
