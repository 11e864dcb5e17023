//! Which errors pass by themselves, and waiting for that.

use std::time::Duration;

use anyhow::Context;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio_util::sync::CancellationToken;

use crate::quiet;

/// How long a single request to a broker may take before the service gives up and is started anew.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Repeats a request that fails while brokers are away, for as long as one request may take.
pub(crate) fn patiently<T>(
    what: &str,
    mut request: impl FnMut() -> Result<T, KafkaError>,
) -> anyhow::Result<T> {
    let started = std::time::Instant::now();
    loop {
        match request() {
            Ok(value) => return Ok(value),
            Err(error) if started.elapsed() < REQUEST_TIMEOUT && is_passing(&error) => {
                tracing::debug!(%error, what, "trying again");
                std::thread::park_timeout(Duration::from_millis(100));
            }
            Err(error) => return Err(error).with_context(|| format!("failed to {what}")),
        }
    }
}

/// Repeats a request that fails while brokers are away until it succeeds; `None` if shutdown is asked for before.
/// The request should take a second or two at most, so that shutdown is noticed.
pub(crate) fn persistently<T>(
    what: &str,
    stop: &CancellationToken,
    mut request: impl FnMut() -> Result<T, KafkaError>,
) -> anyhow::Result<Option<T>> {
    while !stop.is_cancelled() {
        match request() {
            Ok(value) => return Ok(Some(value)),
            Err(error) if is_passing(&error) => {
                quiet::report(&error, what);
                std::thread::park_timeout(Duration::from_millis(100));
            }
            Err(error) => return Err(error).with_context(|| format!("failed to {what}")),
        }
    }
    Ok(None)
}

/// Errors after which the client goes on by itself: it reports them, and tries again.
pub(crate) fn is_passing(error: &KafkaError) -> bool {
    let code = error.rdkafka_error_code();
    !matches!(code, Some(RDKafkaErrorCode::Fatal | RDKafkaErrorCode::UnknownTopic))
}

/// Errors that say that this member does not hold what it commits any more.
pub(crate) fn is_lost_membership(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::StaleMemberEpoch
                | Code::IllegalGeneration
                | Code::UnknownMemberId
                | Code::RebalanceInProgress
                | Code::FencedMemberEpoch
                | Code::AssignmentLost
                | Code::NoOffset
                | Code::State
        )
    )
}
