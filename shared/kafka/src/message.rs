//! Messages of the client: the next one in time, and as the record that the pipeline sees.

use anyhow::Context;
use futures::{FutureExt, Stream, StreamExt};
use pipeline::Record;
use rdkafka::Message;
use rdkafka::message::BorrowedMessage;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

/// The record in a message of the client, without copying and without what its headers say; `topic` is its name
/// without the namespace.
#[must_use]
pub fn record_of<'a>(message: &'a BorrowedMessage<'_>, topic: &'a str) -> Record<'a> {
    Record {
        topic,
        partition: message.partition(),
        offset: message.offset(),
        timestamp_ms: message.timestamp().to_millis().unwrap_or_default(),
        key: message.key(),
        payload: message.payload(),
        traceparent: None,
    }
}

/// What a consumer's stream has at once or brings before a deadline; `None` when time is up or shutdown is asked for.
pub(crate) async fn next_before<T>(
    stream: &mut (impl Stream<Item = T> + Unpin),
    deadline: Instant,
    stop: &CancellationToken,
) -> anyhow::Result<Option<T>> {
    let next = if let Some(next) = stream.next().now_or_never() {
        next
    } else {
        tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(None),
            next = timeout_at(deadline, stream.next()) => match next {
                Ok(next) => next,
                Err(_elapsed) => return Ok(None),
            },
        }
    };
    Ok(Some(next.context("the stream of a consumer never ends")?))
}
