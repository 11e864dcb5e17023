//! The key under which a ride is asked for: a repeated request is known by it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use uuid::Uuid;

use super::problem::Problem;
use super::problem_kind as kinds;

/// Names a ride before it has an id, for ever.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A key that tells by itself that it is younger than this was never used for a ride that the table has forgotten:
/// ended rides stay there for ten minutes.
const YOUNG_MS: i64 = 8 * 60 * 1000;

/// Clocks of clients may be ahead by this much.
const AHEAD_MS: i64 = 60 * 1000;

/// The one `Idempotency-Key` of a request.
pub(crate) struct IdempotencyKey(pub(crate) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut keys = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let text = keys.next().filter(|_| keys.next().is_none()).and_then(|key| key.to_str().ok());
        // The other forms of a UUID would be other spellings of the same key.
        let key = text.filter(|text| text.len() == 36).and_then(|text| Uuid::try_parse(text).ok());
        let wrong = || {
            Problem::new(&kinds::IDEMPOTENCY_KEY_REQUIRED, "expected one header idempotency-key with a uuid")
        };
        key.map(Self).ok_or_else(wrong)
    }
}

/// Whether a key of version 7 was made a short while ago.
pub(crate) fn is_young(key: Uuid, now_ms: i64) -> bool {
    let made = key.get_timestamp().filter(|_| key.get_version_num() == 7);
    let made_ms = made.and_then(|made| {
        let (seconds, nanoseconds) = made.to_unix();
        i64::try_from(seconds.checked_mul(1000)?).ok()?.checked_add(i64::from(nanoseconds / 1_000_000))
    });
    made_ms.is_some_and(|made_ms| (now_ms - YOUNG_MS..=now_ms + AHEAD_MS).contains(&made_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_that_tells_its_age_is_young() {
        let now_ms = testkit::town::START_MS;
        let made = |ms: i64| {
            let (seconds, millis) = (u64::try_from(ms / 1000).unwrap(), u32::try_from(ms % 1000).unwrap());
            Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, millis * 1_000_000))
        };
        for (key, expected) in [
            (made(now_ms), true),
            (made(now_ms - YOUNG_MS + 1), true),
            (made(now_ms - YOUNG_MS - 1), false),
            (made(now_ms + AHEAD_MS), true),
            (made(now_ms + AHEAD_MS + 1), false),
            (Uuid::new_v4(), false),
            (Uuid::nil(), false),
            (Uuid::max(), false),
        ] {
            assert_eq!(is_young(key, now_ms), expected, "{key}");
        }
    }
}
