//! Ctrl-C, more and more urgent: the first closes the city, the second stops everything at once.

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What signals ask for.
#[derive(Clone, Debug)]
pub(super) struct Signals {
    /// The first: close the city, count, say the result.
    pub(super) close: CancellationToken,
    /// The second: stop and clean up, count nothing.
    pub(super) abort: CancellationToken,
}

impl Signals {
    /// Listens to SIGINT, SIGTERM and SIGHUP.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let signals = Self { close: CancellationToken::new(), abort: CancellationToken::new() };
        for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
            let mut stream = signal(kind).context("failed to listen to signals")?;
            let heard = signals.clone();
            tokio::spawn(async move {
                while stream.recv().await.is_some() {
                    if heard.close.is_cancelled() {
                        heard.abort.cancel();
                    }
                    heard.close.cancel();
                }
            });
        }
        Ok(signals)
    }

    /// Waits for a signal: the first, or one more if there was one already.
    pub(super) async fn next(&self) {
        if self.close.is_cancelled() {
            self.abort.cancelled().await;
        } else {
            self.close.cancelled().await;
        }
    }
}
