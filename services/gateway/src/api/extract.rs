//! Reads bodies, queries and ids of paths, and says what is wrong with them in the API's own words.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use domain::{DriverId, TripId};
use serde::de::DeserializeOwned;

use super::number::SafeId;
use super::problem::Problem;
use super::problem_kind as kinds;

/// A JSON body.
pub(crate) struct JsonBody<T>(pub(crate) T);

/// A JSON body that may be left out.
pub(crate) struct OptionalBody<T>(pub(crate) Option<T>);

/// The parameters of a query.
pub(crate) struct Params<T>(pub(crate) T);

/// The one id of a path.
pub(crate) struct Id<T>(pub(crate) T);

/// An id that can stand in a path.
pub(crate) trait InPath: Sized {
    /// Reads it.
    fn read(text: &str) -> Result<Self, Problem>;
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let bytes = bytes(request, state).await?;
        if !is_json {
            return Err(unsupported());
        }
        decode(&bytes).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let bytes = bytes(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        if !is_json {
            return Err(unsupported());
        }
        decode(&bytes).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        let query = query.map_err(|error| Problem::new(&kinds::INVALID_PARAMETER, error.body_text()))?;
        Ok(Self(query.0))
    }
}

impl<S: Send + Sync, T: InPath> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|error| Problem::new(&kinds::INVALID_PARAMETER, error.body_text()))?;
        T::read(&text).map(Self)
    }
}

impl InPath for TripId {
    /// What is no id of a ride is the id of no ride.
    fn read(text: &str) -> Result<Self, Problem> {
        trip_id(text)
            .ok_or_else(|| Problem::new(&kinds::UNKNOWN_RIDE, format!("{text:?} is no id of a ride")))
    }
}

impl InPath for DriverId {
    fn read(text: &str) -> Result<Self, Problem> {
        let is_plain = text.bytes().all(|digit| digit.is_ascii_digit());
        let number =
            text.parse().ok().filter(|_| is_plain).and_then(|number: u64| SafeId::try_from(number).ok());
        let id = number.ok_or_else(|| {
            let detail = format!("{text:?} is no id of a driver: a whole number up to {}", SafeId::MAX);
            Problem::of_field(&kinds::INVALID_PARAMETER, "id", detail)
        })?;
        Ok(Self(id.get()))
    }
}

/// Reads a trip id in exactly the form that the API writes.
pub(crate) fn trip_id(text: &str) -> Option<TripId> {
    text.parse().ok().filter(|id: &TripId| id.to_string() == text)
}

async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Problem::new(&kinds::BODY_TOO_LARGE, "the body is larger than this service accepts")
        }
        other => Problem::new(&kinds::MALFORMED_JSON, other.body_text()),
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence =
        media_type.and_then(|text| text.split(';').next()).map(|text| text.trim().to_ascii_lowercase());
    essence.is_some_and(|text| {
        text == "application/json" || (text.starts_with("application/") && text.ends_with("+json"))
    })
}

fn unsupported() -> Problem {
    Problem::new(&kinds::UNSUPPORTED_MEDIA_TYPE, "expected content-type: application/json")
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        rejected(bytes, &field, error.inner())
    })?;
    deserializer.end().map_err(|error| rejected(bytes, "", &error))?;
    Ok(value)
}

/// Says what is wrong with a body. The parser calls some values of a wrong type wrong syntax, so it is asked once more.
fn rejected(bytes: &[u8], field: &str, error: &serde_json::Error) -> Problem {
    if let Err(error) = serde_json::from_slice::<serde_json::Value>(bytes) {
        return Problem::new(&kinds::MALFORMED_JSON, error.to_string());
    }
    if field.is_empty() || field == "." {
        return Problem::new(&kinds::INVALID_BODY, error.to_string());
    }
    Problem::of_field(&kinds::INVALID_BODY, field, error.to_string())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::api::object::Object;
    use crate::api::position::Position;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wish {
        #[expect(dead_code, reason = "only read")]
        pickup: Position,
    }

    #[test]
    fn what_is_wrong_with_a_body_is_told_with_its_place() {
        for (text, slug, told) in [
            ("", "malformed-json", "EOF"),
            ("{\"pickup\":", "malformed-json", "EOF"),
            ("\u{feff}{}", "malformed-json", "expected value"),
            ("{\"pickup\":{\"lat\":1e999,\"lon\":2}}", "malformed-json", "out of range"),
            ("{\"pickup\":{\"lat\":NaN,\"lon\":2}}", "malformed-json", "expected"),
            ("{\"pickup\":{\"lat\":1,\"lon\":2}} x", "malformed-json", "trailing"),
            ("[]", "invalid-body", "expected an object"),
            ("[{\"lat\":1,\"lon\":2}]", "invalid-body", "expected an object"),
            ("{\"pickup\":[1,2]}", "invalid-body", "pickup: invalid type: sequence, expected an object"),
            ("{}", "invalid-body", "missing field `pickup`"),
            ("{\"pickup\":{\"lat\":\"1\",\"lon\":2}}", "invalid-body", "pickup.lat: invalid type: string"),
            ("{\"pickup\":{\"lat\":91,\"lon\":2}}", "invalid-body", "pickup: (91, 2) is not a position"),
            (
                "{\"pickup\":{\"lat\":1,\"lon\":2,\"alt\":3}}",
                "invalid-body",
                "pickup.alt: unknown field `alt`",
            ),
            ("{\"pickup\":{\"lat\":1,\"lon\":2,\"lon\":3}}", "invalid-body", "duplicate field `lon`"),
        ] {
            let problem = decode::<Object<Wish>>(text.as_bytes()).unwrap_err();
            assert_eq!(problem.kind.slug, slug, "{text}");
            assert!(format!("{problem:?}").contains(told), "{text}: {problem:?}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(decode::<Object<Wish>>(deep.as_bytes()).unwrap_err().kind.status, 400);
    }

    #[test]
    fn ids_are_read_as_they_are_written_and_in_no_other_way() {
        let written = "8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab";
        assert_eq!(trip_id(written).unwrap().to_string(), written);
        for text in [
            "",
            "8828308281FFFFF.0192f0c1-2345-7abc-8def-0123456789ab",
            "8828308281fffff.0192F0C1-2345-7abc-8def-0123456789ab",
            "8828308281fffff.0192f0c123457abc8def0123456789ab",
            "8828308281fffff.{0192f0c1-2345-7abc-8def-0123456789ab}",
            "8800000000fffff.0192f0c1-2345-7abc-8def-0123456789ab",
        ] {
            assert_eq!(trip_id(text), None, "{text}");
        }
        for text in ["0", "9007199254740991", "007"] {
            assert!(DriverId::read(text).is_ok(), "{text}");
        }
        for text in ["", "-1", "+1", "1.0", "x", "9007199254740992", "18446744073709551616", "٣", "1 "] {
            assert_eq!(DriverId::read(text).unwrap_err().kind.slug, "invalid-parameter", "{text}");
        }
    }

    #[test]
    fn media_types_are_compared_without_case_and_parameters() {
        for (media_type, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/merge-patch+json", true),
            ("text/json", false),
            ("application/jsonl", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, media_type.parse().unwrap());
            assert_eq!(is_json(&headers), expected, "{media_type}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
