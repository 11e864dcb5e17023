//! How a socket ends.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message};
use futures::{Sink, SinkExt, Stream, StreamExt};
use tokio::time::timeout;

/// A close frame holds 125 bytes, two of them the code.
const MOST_REASON_BYTES: usize = 120;

/// A client gets so long to take the close frame, and so long again to answer it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why a socket ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The client closed it.
    Left,
    /// It can't be read or written any more.
    Broken,
    /// The gateway closes it, with this code and reason.
    Closed(u16, String),
}

impl Ending {
    /// 1001: the gateway stops.
    pub(crate) fn going_away() -> Self {
        Self::Closed(1001, "the gateway stops".to_owned())
    }

    /// 1003: not text.
    pub(crate) fn not_understood() -> Self {
        Self::Closed(1003, "only text is understood".to_owned())
    }

    /// 1008: against the rules of the protocol.
    pub(crate) fn policy(reason: impl Into<String>) -> Self {
        Self::Closed(1008, reason.into())
    }

    /// 1009: too large.
    pub(crate) fn too_large(most_bytes: usize) -> Self {
        Self::Closed(1009, format!("a message has at most {most_bytes} bytes"))
    }

    /// 1013: too slow, may come again later.
    pub(crate) fn too_slow() -> Self {
        Self::Closed(1013, "nothing was read for 30 s".to_owned())
    }
}

/// Says goodbye as far as the client listens, and lets go of the socket.
pub(crate) async fn close<S>(socket: &mut S, ending: &Ending)
where
    S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin,
{
    match ending {
        Ending::Broken => return,
        Ending::Left => {}
        Ending::Closed(code, reason) => {
            let reason = shortened(reason).into();
            let goodbye = Message::Close(Some(CloseFrame { code: *code, reason }));
            if !matches!(timeout(PATIENCE, socket.send(goodbye)).await, Ok(Ok(()))) {
                return;
            }
        }
    }
    // Reading on sends what is still to be sent and takes in the client's answer: a connection that is cut with
    // something unread takes back what was sent.
    let rest = async { while let Some(Ok(_)) = socket.next().await {} };
    if timeout(PATIENCE, rest).await.is_err() {
        tracing::debug!("a client did not answer the close frame");
    }
}

fn shortened(reason: &str) -> &str {
    let mut end = reason.len().min(MOST_REASON_BYTES);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    &reason[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_fit_a_close_frame() {
        assert_eq!(shortened("short"), "short");
        let long = "é".repeat(100);
        assert_eq!(shortened(&long).len(), 120);
        let odd = format!("x{long}");
        assert_eq!(shortened(&odd).len(), 119);
    }
}
