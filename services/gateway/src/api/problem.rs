//! What went wrong, told as `application/problem+json` (RFC 9457). Which kinds there are stands in `problem_kind`.

use std::borrow::Cow;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem_kind::{self, Kind};

/// The media type of every error.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Details repeat what was sent, but not all of it.
const MOST_DETAIL: usize = 400;

/// A request that could not be answered as asked.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) kind: &'static Kind,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after_s: Option<u64>,
}

/// What is wrong with one field of what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// In a list: which one, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>, nullable = false)]
    pub(crate) index: Option<usize>,
    /// Path of the field, such as `pickup.lat`.
    pub(crate) field: String,
    /// What is wrong with it.
    pub(crate) detail: String,
}

/// An error: a stable type, and what was wrong this time (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// Names the kind of problem for ever; its address explains it.
    #[serde(rename = "type")]
    #[schema(pattern = "^/problems/[a-z-]+$", example = "/problems/outside-city")]
    kind: String,
    /// The kind in a few words.
    title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What was wrong this time.
    detail: String,
    /// Fields that were wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

impl Problem {
    pub(crate) fn new(kind: &'static Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), retry_after_s: None }
    }

    /// One field is wrong.
    pub(crate) fn of_field(kind: &'static Kind, field: &str, detail: impl Into<String>) -> Self {
        Self::of_fields(
            kind,
            vec![FieldError { index: None, field: field.to_owned(), detail: detail.into() }],
        )
    }

    /// These fields are wrong; there is at least one.
    pub(crate) fn of_fields(kind: &'static Kind, errors: Vec<FieldError>) -> Self {
        let detail = errors.first().map_or(String::new(), FieldError::told);
        Self { errors, ..Self::new(kind, detail) }
    }

    /// The same request may succeed after this many seconds.
    pub(crate) fn retry_after_s(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }
}

impl FieldError {
    fn told(&self) -> String {
        match self.index {
            Some(index) => format!("[{index}].{}: {}", self.field, self.detail),
            None => format!("{}: {}", self.field, self.detail),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.kind.status).expect("kinds have statuses of HTTP");
        let body = ProblemBody {
            kind: self.kind.path(),
            title: self.kind.title,
            status: self.kind.status,
            detail: self.detail.chars().take(MOST_DETAIL).collect(),
            errors: self.errors,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.kind.status == StatusCode::UPGRADE_REQUIRED.as_u16() {
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        response
    }
}

/// The answer for a method that a path does not have; the router adds `Allow`.
pub(crate) async fn method_not_allowed(request: Request) -> Problem {
    let detail = format!("{} is not for {}", request.method(), request.uri().path());
    Problem::new(&problem_kind::METHOD_NOT_ALLOWED, detail)
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::{Value, json};

    use super::*;

    #[tokio::test]
    async fn a_problem_tells_its_type_what_was_wrong_and_when_to_come_back() {
        let error =
            FieldError { index: Some(3), field: "lat".to_owned(), detail: "91 is too far".to_owned() };
        let problem = Problem::of_fields(&problem_kind::INVALID_REPORT, vec![error]).retry_after_s(2);
        let response = problem.into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()["content-type"], MEDIA_TYPE);
        assert_eq!(response.headers()["retry-after"], "2");
        let body: Value =
            serde_json::from_slice(&to_bytes(response.into_body(), 9999).await.unwrap()).unwrap();
        let expected = json!({
            "type": "/problems/invalid-report", "title": "Invalid report", "status": 422,
            "detail": "[3].lat: 91 is too far",
            "errors": [{"index": 3, "field": "lat", "detail": "91 is too far"}],
        });
        assert_eq!(body, expected);
    }

    #[tokio::test]
    async fn long_details_are_cut_between_letters() {
        let response = Problem::new(&problem_kind::NOT_FOUND, "ä".repeat(9999)).into_response();
        let body: Value =
            serde_json::from_slice(&to_bytes(response.into_body(), 9999).await.unwrap()).unwrap();
        assert_eq!(body["detail"].as_str().unwrap().chars().count(), MOST_DETAIL);
        assert_eq!(body.get("errors"), None);
    }
}
