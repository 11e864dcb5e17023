//! What a listener missed who comes back.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use domain::TripId;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::super::event_log::Missed;
use super::super::state::AppState;

/// Who wants to resume waits this long for their turn.
const RESUME_PATIENCE: Duration = Duration::from_secs(3);

/// Partition and offset of the last event that was received; anything else counts as nothing.
pub(super) fn last_event_id(headers: &HeaderMap) -> Option<(i32, i64)> {
    let text = headers.get("last-event-id")?.to_str().ok()?;
    let (partition, offset) = text.split_once('-')?;
    let (partition, offset): (i32, i64) = (partition.parse().ok()?, offset.parse().ok()?);
    (partition >= 0 && offset >= 0).then_some((partition, offset))
}

/// What happened since; nothing if Kafka does not tell in time, since the whole ride is told anyway.
pub(super) async fn missed(
    state: &AppState,
    trip: TripId,
    partition: i32,
    offset: i64,
) -> Vec<(i32, Missed)> {
    let Ok(Ok(_turn)) = timeout(RESUME_PATIENCE, state.replays.acquire()).await else { return Vec::new() };
    let log = Arc::clone(&state.log);
    match spawn_blocking(move || log.missed(trip, partition, offset)).await {
        Ok(Ok(missed)) => missed.into_iter().map(|missed| (partition, missed)).collect(),
        Ok(Err(error)) => {
            tracing::debug!(%trip, error = format!("{error:#}"), "missed events can't be told");
            Vec::new()
        }
        Err(error) => {
            tracing::error!(%trip, %error, "a replay did not end");
            Vec::new()
        }
    }
}
