//! One socket: hears what its client looks at, and writes what it is owed, twice a second. There is no queue: while
//! a write waits for the client nothing else is made for it.

use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Message;
use futures::{Sink, SinkExt, Stream, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::LiveHub;
use super::closing::{Ending, close};
use super::heart::{Heart, PING_EVERY};
use super::request::{MOST_BYTES, Request};
use super::viewer::Viewer;

/// Who takes nothing for so long is closed.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// Viewports are answered at once, but not more often than this.
const ANSWER_EVERY: Duration = Duration::from_millis(100);

/// Talks with one client until it leaves, breaks the rules or falls silent, or until `stop`.
pub async fn session<S>(mut socket: S, hub: Arc<LiveHub>, stop: CancellationToken)
where
    S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin + Send,
{
    let _counted = hub.enter();
    let mut session = Session {
        socket: &mut socket,
        hub: &hub,
        stop: &stop,
        viewer: Viewer::new(hub.most_points()),
        heart: Heart::new(Instant::now()),
        answered: Instant::now() - ANSWER_EVERY,
        answer_at: None,
        frames: Vec::new(),
    };
    let ending = session.run().await;
    tracing::debug!(?ending, "a viewer's socket ended");
    close(&mut socket, &ending).await;
}

struct Session<'a, S> {
    socket: &'a mut S,
    hub: &'a LiveHub,
    stop: &'a CancellationToken,
    viewer: Viewer,
    heart: Heart,
    /// When the client was last written to.
    answered: Instant,
    /// When a new viewport is answered.
    answer_at: Option<Instant>,
    frames: Vec<Message>,
}

impl<S> Session<'_, S>
where
    S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin + Send,
{
    async fn run(&mut self) -> Ending {
        match self.talk().await {
            ControlFlow::Break(ending) => ending,
            ControlFlow::Continue(()) => Ending::going_away(),
        }
    }

    async fn talk(&mut self) -> ControlFlow<Ending> {
        let mut ticks = self.hub.ticks();
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.frames.push(self.hub.hello());
        self.write().await?;
        loop {
            let answer_at = self.answer_at.unwrap_or(self.answered);
            tokio::select! {
                () = self.stop.cancelled() => return ControlFlow::Continue(()),
                message = self.socket.next() => self.hear(message)?,
                changed = ticks.changed() => match changed {
                    Ok(()) => self.tell().await?,
                    Err(_) => return ControlFlow::Continue(()),
                },
                () = sleep_until(answer_at), if self.answer_at.is_some() => self.tell().await?,
                _ = pings.tick() => self.ping().await?,
            }
        }
    }

    fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> ControlFlow<Ending> {
        let now = Instant::now();
        let message = match message {
            Some(Ok(message)) => message,
            Some(Err(error)) if is_too_large(&error) => {
                return ControlFlow::Break(Ending::too_large(MOST_BYTES));
            }
            Some(Err(error)) => {
                tracing::debug!(%error, "a viewer's socket broke");
                return ControlFlow::Break(Ending::Broken);
            }
            None => return ControlFlow::Break(Ending::Broken),
        };
        if !self.heart.may_speak(now) {
            return ControlFlow::Break(Ending::policy("too many messages in a second"));
        }
        match message {
            Message::Text(text) if text.len() > MOST_BYTES => {
                ControlFlow::Break(Ending::too_large(MOST_BYTES))
            }
            Message::Text(text) => self.look_at(&text, now),
            Message::Binary(_) => ControlFlow::Break(Ending::not_understood()),
            Message::Pong(_) => {
                self.heart.pong(now);
                ControlFlow::Continue(())
            }
            Message::Ping(_) => ControlFlow::Continue(()),
            Message::Close(_) => ControlFlow::Break(Ending::Left),
        }
    }

    fn look_at(&mut self, text: &str, now: Instant) -> ControlFlow<Ending> {
        match Request::parse(text) {
            Ok(request) => {
                self.viewer.look_at(request);
                self.answer_at = Some(now.max(self.answered + ANSWER_EVERY));
                ControlFlow::Continue(())
            }
            Err(reason) => ControlFlow::Break(Ending::policy(reason)),
        }
    }

    async fn tell(&mut self) -> ControlFlow<Ending> {
        self.answer_at = None;
        self.hub.owed(&mut self.viewer, &mut self.frames);
        if self.frames.is_empty() {
            return ControlFlow::Continue(());
        }
        self.write().await?;
        self.answered = Instant::now();
        ControlFlow::Continue(())
    }

    async fn ping(&mut self) -> ControlFlow<Ending> {
        if !self.heart.beats(Instant::now()) {
            return ControlFlow::Break(Ending::policy("no answer to pings for 60 s"));
        }
        self.frames.push(Message::Ping(Vec::new().into()));
        self.write().await
    }

    /// Writes all frames and then flushes once: small ones go out together.
    async fn write(&mut self) -> ControlFlow<Ending> {
        for frame in self.frames.drain(..) {
            patiently(self.socket.feed(frame), self.stop).await?;
        }
        patiently(self.socket.flush(), self.stop).await
    }
}

/// Waits for a write as long as a client may take, or until the gateway stops.
async fn patiently(
    write: impl Future<Output = Result<(), axum::Error>>,
    stop: &CancellationToken,
) -> ControlFlow<Ending> {
    tokio::select! {
        // Most writes are done at once: only those that are not look whether to stop.
        biased;
        written = timeout(WRITE_PATIENCE, write) => match written {
            Ok(Ok(())) => ControlFlow::Continue(()),
            Ok(Err(_)) => ControlFlow::Break(Ending::Broken),
            Err(_) => ControlFlow::Break(Ending::too_slow()),
        },
        () = stop.cancelled() => ControlFlow::Break(Ending::going_away()),
    }
}

/// Whether the client sent more than the socket takes.
fn is_too_large(error: &axum::Error) -> bool {
    let source = std::error::Error::source(error);
    source.and_then(|source| source.downcast_ref()).is_some_and(|error| {
        matches!(
            error,
            tungstenite::Error::Capacity(tungstenite::error::CapacityError::MessageTooLong { .. })
        )
    })
}

#[cfg(test)]
mod tests;
