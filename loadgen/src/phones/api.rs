//! The way through the public API: calls of many phones side by side, those of one in order, each as often as it takes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use pipeline::Retry;
use reqwest::{Client, Url};
use runtime::{Seldom, Stats};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Acknowledged;
use super::call::{Call, Kind, Meaning, RefusedRide};
use super::gateway::{Figures, Gateway};
use super::owner::Owner;
use super::queue::Queue;
use crate::model::Output;

/// Calls under way at a time to one gateway.
const WORKERS: usize = 64;

/// Outputs that may wait: with more, the whole city waits. Each takes some 200 bytes.
const MOST_WAITING: usize = 50_000;

/// A gateway that does not answer in this time is asked again.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a ride is looked for that the gateway does not know: it may only just have been asked for.
const MOST_LOOKS: u32 = 5;

/// No gateway may ask for more patience than this at a time.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The public API at one or more gateways; clones share it.
#[derive(Clone)]
pub(crate) struct Api(Arc<Shared>);

struct Shared {
    lines: Vec<Line>,
    patience: Retry,
    load: watch::Sender<Load>,
    refused: mpsc::UnboundedSender<RefusedRide>,
    acknowledged: Acknowledged,
    figures: Figures,
    /// Cancelled when the API is given up.
    end: CancellationToken,
}

/// One gateway and what waits for it.
struct Line {
    gateway: Gateway,
    queue: Queue,
}

/// What is still to be sent, and why it never will be.
#[derive(Debug, Default)]
struct Load {
    outputs: usize,
    gave_up: Option<String>,
}

impl Api {
    /// Starts the workers. Calls are made again with the pauses and for the time of `patience`; then the API is given
    /// up and `end` cancelled.
    ///
    /// # Errors
    /// If the client can't be made.
    pub(crate) fn new(
        urls: &[Url],
        acknowledged: Acknowledged,
        stats: &Stats,
        refused: mpsc::UnboundedSender<RefusedRide>,
        patience: Retry,
        end: CancellationToken,
    ) -> anyhow::Result<Self> {
        let client = Client::builder()
            .user_agent("hailstorm-loadgen")
            .timeout(ANSWER_TIMEOUT)
            .pool_max_idle_per_host(WORKERS)
            // Whatever the environment says of proxies, the phones are beside their gateway.
            .no_proxy()
            .build()
            .context("failed to make an HTTP client")?;
        let figures = Figures::new(stats);
        let line = |url| Line {
            gateway: Gateway::new(url, client.clone(), figures.clone()),
            queue: Queue::default(),
        };
        let (lines, load) = (urls.iter().map(line).collect(), watch::Sender::default());
        let shared = Arc::new(Shared { lines, patience, load, refused, acknowledged, figures, end });
        for number in 0..urls.len() {
            for _ in 0..WORKERS {
                tokio::spawn(work(shared.clone(), number));
            }
        }
        Ok(Self(shared))
    }

    /// Takes outputs over, in order; waits if too many are under way already.
    pub(super) async fn send(&self, outputs: Vec<(Owner, Output)>) {
        self.wait_for(|load| load.outputs < MOST_WAITING).await;
        self.0.load.send_modify(|load| load.outputs += outputs.len());
        for (owner, output) in outputs {
            self.0.lines[owner.gateway(self.0.lines.len())].queue.push(owner, output);
        }
    }

    /// Waits until everything was sent, and ends.
    ///
    /// # Errors
    /// If the API was given up, with the last reason.
    pub(crate) async fn finish(&self) -> anyhow::Result<()> {
        self.wait_for(|load| load.outputs == 0).await;
        self.0.lines.iter().for_each(|line| line.queue.close());
        match &self.0.load.borrow().gave_up {
            Some(reason) => anyhow::bail!("gave the public API up: {reason}"),
            None => Ok(()),
        }
    }

    /// Waits for a load, or for the end of all hope.
    async fn wait_for(&self, enough: impl Fn(&Load) -> bool) {
        let mut load = self.0.load.subscribe();
        let waited = load.wait_for(|load| load.gave_up.is_some() || enough(load)).await;
        debug_assert!(waited.is_ok(), "the sender lives as long as this");
    }
}

/// Makes the calls of one gateway, one after the other.
async fn work(shared: Arc<Shared>, number: usize) {
    let Line { gateway, queue } = &shared.lines[number];
    while let Some((owner, call)) = queue.next().await {
        if let Err(reason) = shared.carry(gateway, &call).await {
            shared.load.send_modify(|load| load.gave_up = Some(reason));
            shared.end.cancel();
            return;
        }
        queue.done(owner);
        shared.load.send_modify(|load| load.outputs -= call.outputs);
    }
}

impl Shared {
    /// Makes a call until it has come to an end, good or bad.
    ///
    /// # Errors
    /// The last trouble, once patience is over.
    async fn carry(&self, gateway: &Gateway, call: &Call) -> Result<(), String> {
        let deadline = Instant::now() + self.patience.give_up;
        let (mut pause, mut looks) = (self.patience.first, 0);
        loop {
            let (meaning, what) = gateway.attempt(call).await;
            let wait = match meaning {
                Meaning::Accepted => {
                    self.acknowledged.add(call.reports_carried() as u64, call.outputs as u64);
                    return Ok(());
                }
                Meaning::Ended => return Ok(()),
                Meaning::Refused => {
                    self.refuse(call, &what);
                    return Ok(());
                }
                Meaning::Unknown if looks == MOST_LOOKS => return Ok(()),
                Meaning::Unknown => {
                    looks += 1;
                    pause
                }
                Meaning::Later(after) => after.map_or(pause, |after| after.min(LONGEST_WAIT)),
            };
            if Instant::now() + wait >= deadline {
                return Err(format!("{} {}: {what}", gateway.url, call.path));
            }
            tokio::time::sleep(wait).await;
            pause = (pause * 2).min(self.patience.longest);
        }
    }

    fn refuse(&self, call: &Call, answer: &str) {
        self.figures.refused.add(1);
        static SAID: Seldom = Seldom::once_in(Duration::from_secs(5));
        if SAID.is_time() {
            tracing::warn!(path = call.path, answer, "the public API refused a request for good");
        } else {
            tracing::debug!(path = call.path, answer, "the public API refused a request for good");
        }
        if let Kind::Ride { trip, rider } = call.kind {
            // Nobody listens any more once the city has closed.
            let _closed = self.refused.send(RefusedRide { trip, rider });
        }
    }
}

#[cfg(test)]
mod tests;
