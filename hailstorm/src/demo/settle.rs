//! Waiting until every group has read its topics to the end.

use std::time::{Duration, Instant};

use kafka::{GroupWatch, Settings};
use tokio::task::block_in_place;

use super::board::Board;
use crate::fleet::SERVICES;

/// After this long, what is missing is counted as missing.
const LONGEST: Duration = Duration::from_secs(90);

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
    loop {
        let lags =
            block_in_place(|| watches.iter().map(|(_, watch)| watch.lag()).collect::<Result<Vec<_>, _>>())?;
        quiet = if lags == before { quiet + 1 } else { 0 };
        before = lags;
        let is_late = started.elapsed() > LONGEST;
        if quiet >= QUIET_LOOKS || is_late {
            quiet = 0;
            let late = block_in_place(|| still_reading(&watches))?;
            if late.is_empty() {
                return Ok(());
            }
            if is_late {
                let (late, waited) = (late.join(", "), LONGEST.as_secs());
                board.notice(format!("still not at the end of their topics after {waited} s: {late}"));
                return Ok(());
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The groups that have records left to read.
fn still_reading(watches: &[(&'static str, GroupWatch)]) -> anyhow::Result<Vec<&'static str>> {
    let mut late = Vec::new();
    for (name, watch) in watches {
        if !watch.is_at_end()? {
            late.push(*name);
        }
    }
    Ok(late)
}
