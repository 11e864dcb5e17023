//! SIGINT and SIGTERM become one token.

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by the first SIGINT or SIGTERM. A second one ends the process at once.
///
/// # Errors
/// If the signals can't be listened to.
pub fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt()).context("failed to listen to SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("failed to listen to SIGTERM")?;
    let token = stop.clone();
    tokio::spawn(async move {
        let mut asked = false;
        loop {
            tokio::select! {
                _ = interrupt.recv() => (),
                _ = terminate.recv() => (),
            }
            if asked {
                // 128 + SIGINT, as shells report it.
                std::process::exit(130);
            }
            asked = true;
            token.cancel();
        }
    });
    Ok(stop)
}
