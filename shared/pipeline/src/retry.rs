//! Trying again, with growing pauses and an end.

use std::future::Future;
use std::time::Duration;

/// How often and how long a sink is tried before the service gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Pause after the first failure; doubled after each further one.
    pub first: Duration,
    /// Longest pause.
    pub longest: Duration,
    /// After this long without success, give up.
    pub give_up: Duration,
}

impl Default for Retry {
    /// Patient enough for a server that restarts, short enough that a supervisor sees what is wrong.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(50),
            longest: Duration::from_secs(2),
            give_up: Duration::from_secs(120),
        }
    }
}

impl Retry {
    /// Calls `attempt` until it succeeds or time is up; `failed` is told of every failure that is tried again.
    ///
    /// # Errors
    /// The last error, once time is up.
    pub async fn run<F, Fut>(
        &self,
        mut failed: impl FnMut(&anyhow::Error),
        mut attempt: F,
    ) -> anyhow::Result<()>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = anyhow::Result<()>>,
    {
        let deadline = tokio::time::Instant::now() + self.give_up;
        let mut pause = self.first;
        loop {
            let Err(error) = attempt().await else { return Ok(()) };
            if tokio::time::Instant::now() + pause >= deadline {
                return Err(error.context(format!("gave up after {} s", self.give_up.as_secs())));
            }
            failed(&error);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.longest);
        }
    }
}
