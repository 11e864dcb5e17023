//! From an HTTP request to a socket.

use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use tokio_util::sync::CancellationToken;

use super::{LiveHub, session};

/// The buffer that messages are read into.
const READ_BUFFER: usize = 4 * 1024;

/// What is collected before it is written: a tick of a usual viewer.
const WRITE_BUFFER: usize = 32 * 1024;

/// What a client may send at most. More than a view may have, so that most of those that are too large are read to
/// their end and refused in good order.
const MOST_READ: usize = 64 * 1024;

/// Answers the request, and serves the socket until it ends; the permit is kept until then.
pub fn upgrade(
    ws: WebSocketUpgrade,
    hub: Arc<LiveHub>,
    stop: CancellationToken,
    permit: impl Send + 'static,
) -> Response {
    ws.read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(MOST_READ)
        .max_frame_size(MOST_READ)
        .on_failed_upgrade(|error| tracing::debug!(%error, "no socket came of a request"))
        .on_upgrade(move |socket| async move {
            session(socket, hub, stop).await;
            drop(permit);
        })
}
