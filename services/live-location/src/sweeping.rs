//! Takes silent drivers out of Redis, once a second, for as long as the service runs.

use std::time::Duration;

use live::Sweeper;
use runtime::{Counter, clock};

/// Readers pass over silent drivers anyway; this keeps the sets small.
const INTERVAL: Duration = Duration::from_secs(1);

/// Sweeps for ever. Trouble is logged when it begins and when it ends.
pub(crate) async fn sweep_for_ever(mut sweeper: Sweeper, swept: Counter) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut is_failing = false;
    loop {
        interval.tick().await;
        match sweeper.sweep(clock::now_ms()).await {
            Ok(count) => {
                swept.add(count);
                if std::mem::take(&mut is_failing) {
                    tracing::info!("silent drivers are swept again");
                }
            }
            Err(error) if !is_failing => {
                is_failing = true;
                tracing::warn!(error = format!("{error:#}"), "silent drivers can't be swept, trying again");
            }
            Err(_known) => {}
        }
    }
}
