//! Calls of the Kafka client that may never come back.

use std::time::Duration;

use anyhow::Context;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// A call is still under way when nobody waits for it any more: its client can't be used again, nor be closed.
#[derive(Debug, thiserror::Error)]
#[error("the Kafka client did not come back within {} s when asked to {what}", .patience.as_secs())]
pub(crate) struct Stuck {
    what: &'static str,
    patience: Duration,
}

/// What a blocking call gives, if it comes back in time. It has a thread of its own, and keeps that if it does not:
/// one of the runtime would be waited for when the process ends.
///
/// # Errors
/// [`Stuck`], or if there is no room for a thread, or the call panics.
pub(crate) async fn bounded<T: Send + 'static>(
    what: &'static str,
    patience: Duration,
    call: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<T> {
    let (answer, answered) = oneshot::channel();
    std::thread::Builder::new()
        .name("transactions".to_owned())
        // Nobody may be there any more to hear it.
        .spawn(move || drop(answer.send(call())))
        .context("failed to start a thread")?;
    match timeout(patience, answered).await {
        Ok(answer) => answer.with_context(|| format!("a call panicked: {what}")),
        Err(_) => Err(Stuck { what, patience }.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn who_comes_back_is_heard_and_who_does_not_is_left_behind() {
        assert_eq!(bounded("add", LONG, || 1 + 1).await.unwrap(), 2);
        let (end, never) = mpsc::channel::<()>();
        let error = bounded("wait", Duration::from_millis(20), move || never.recv()).await.unwrap_err();
        assert!(error.is::<Stuck>());
        assert_eq!(error.to_string(), "the Kafka client did not come back within 0 s when asked to wait");
        drop(end);
        let error = bounded("fall", LONG, || assert!(LONG.is_zero(), "it falls")).await.unwrap_err();
        assert_eq!(error.to_string(), "a call panicked: fall");
    }
}
