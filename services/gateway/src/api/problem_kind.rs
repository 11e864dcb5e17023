//! The kinds of problems: each has a stable name, one status, and a page that explains it.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;

/// A kind of problem.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Kind {
    pub(crate) slug: &'static str,
    pub(crate) status: u16,
    pub(crate) title: &'static str,
    pub(crate) meaning: &'static str,
}

/// What a kind of problem means.
#[derive(Serialize, ToSchema)]
pub(crate) struct Explanation {
    /// The `type` of such problems.
    #[serde(rename = "type")]
    kind: String,
    /// In a few words.
    title: &'static str,
    /// The status that answers have.
    status: u16,
    /// What it means and what to do.
    meaning: &'static str,
}

const fn kind(slug: &'static str, status: u16, title: &'static str, meaning: &'static str) -> Kind {
    Kind { slug, status, title, meaning }
}

pub(crate) const MALFORMED_JSON: Kind = kind(
    "malformed-json",
    400,
    "Malformed JSON",
    "The body is not JSON. The detail says where it stops being so.",
);
pub(crate) const INVALID_BODY: Kind = kind(
    "invalid-body",
    400,
    "Invalid body",
    "The body is JSON, but not of the documented shape. The errors name the fields.",
);
pub(crate) const INVALID_PARAMETER: Kind = kind(
    "invalid-parameter",
    400,
    "Invalid parameter",
    "A parameter of the path or the query is missing, repeated or not of the documented shape.",
);
pub(crate) const IDEMPOTENCY_KEY_REQUIRED: Kind = kind(
    "idempotency-key-required",
    400,
    "Idempotency key required",
    "A ride is asked for with the header Idempotency-Key: a UUID, made by the client for this one ride, in its form \
     with hyphens. The same request with the same key never makes a second ride.",
);
pub(crate) const NOT_FOUND: Kind =
    kind("not-found", 404, "Not found", "Nothing has this path. See /openapi.json for what there is.");
pub(crate) const UNKNOWN_RIDE: Kind = kind(
    "unknown-ride",
    404,
    "Unknown ride",
    "No ride has this id. A ride asked for at another instance may need a moment to be known here.",
);
pub(crate) const UNKNOWN_DRIVER: Kind =
    kind("unknown-driver", 404, "Unknown driver", "Nobody was ever heard of under this id.");
pub(crate) const METHOD_NOT_ALLOWED: Kind = kind(
    "method-not-allowed",
    405,
    "Method not allowed",
    "The path has other methods: see the header Allow.",
);
pub(crate) const TOO_SLOW: Kind =
    kind("too-slow", 408, "Too slow", "The request did not arrive in time. Send it again as a whole.");
pub(crate) const IDEMPOTENCY_KEY_REUSED: Kind = kind(
    "idempotency-key-reused",
    409,
    "Idempotency key reused",
    "This key was used before for a ride with another rider, pickup or drop-off. Take a new key for a new ride.",
);
pub(crate) const RIDE_ENDED: Kind = kind(
    "ride-ended",
    409,
    "Ride ended",
    "The ride is completed, cancelled or unfulfilled: it can't be cancelled.",
);
pub(crate) const RIDE_UNDER_WAY: Kind = kind(
    "ride-under-way",
    409,
    "Ride under way",
    "The rider is on board: the driver ends this ride, it can't be cancelled any more.",
);
pub(crate) const BODY_TOO_LARGE: Kind =
    kind("body-too-large", 413, "Body too large", "Send less at once, such as fewer reports.");
pub(crate) const UNSUPPORTED_MEDIA_TYPE: Kind = kind(
    "unsupported-media-type",
    415,
    "Unsupported media type",
    "Bodies are JSON: send them with content-type: application/json.",
);
pub(crate) const OUTSIDE_CITY: Kind = kind(
    "outside-city",
    422,
    "Outside the city",
    "A place is too far from the city: for rides over 2 km from any road, for drivers over 20 km from the city.",
);
pub(crate) const SAME_PLACE: Kind =
    kind("same-place", 422, "Same place", "Both places belong to the same junction: there is no way to go.");
pub(crate) const NO_ROUTE: Kind =
    kind("no-route", 422, "No route", "No road leads from one place to the other: move one of them.");
pub(crate) const INVALID_REPORT: Kind = kind(
    "invalid-report",
    422,
    "Invalid report",
    "Reports hold values that can't be. The errors name index and field; none of the reports was taken.",
);
pub(crate) const INVALID_ACTION: Kind =
    kind("invalid-action", 422, "Invalid action", "The step can't be as it is. The errors name the field.");
pub(crate) const UNKNOWN_CURSOR: Kind = kind(
    "unknown-cursor",
    422,
    "Unknown cursor",
    "A cursor comes with a page and is sent back as it is. Begin without one.",
);
pub(crate) const UPGRADE_REQUIRED: Kind = kind(
    "upgrade-required",
    426,
    "Upgrade required",
    "This is a WebSocket (RFC 6455, version 13): open it as one.",
);
pub(crate) const TOO_MANY_REQUESTS: Kind = kind(
    "too-many-requests",
    429,
    "Too many requests",
    "This address sends more requests than it may. Wait as long as Retry-After says.",
);
pub(crate) const INTERNAL: Kind = kind(
    "internal",
    500,
    "Internal error",
    "A mistake of this service. It was logged; other requests go on.",
);
pub(crate) const KAFKA_UNAVAILABLE: Kind = kind(
    "kafka-unavailable",
    503,
    "Not accepted",
    "Kafka did not acknowledge what was sent, so it counts as not accepted. Send the same again: rides with the same \
     key, reports with the same at_ms; a repetition does no harm.",
);
pub(crate) const HISTORY_UNAVAILABLE: Kind = kind(
    "history-unavailable",
    503,
    "History unavailable",
    "MongoDB, which remembers what was, does not answer. What happens now goes on without it.",
);
pub(crate) const NOT_READY: Kind = kind(
    "not-ready",
    503,
    "Not ready",
    "This instance has just started and does not know all rides and drivers yet.",
);
pub(crate) const TOO_MANY_SOCKETS: Kind = kind(
    "too-many-sockets",
    503,
    "Too many sockets",
    "As many sockets and event streams are open as this instance holds. Try again later, or at another instance.",
);
pub(crate) const STOPPING: Kind =
    kind("stopping", 503, "Stopping", "This instance is about to stop. Try again: another one may answer.");

/// All kinds.
pub(crate) const ALL: [&Kind; 29] = [
    &MALFORMED_JSON,
    &INVALID_BODY,
    &INVALID_PARAMETER,
    &IDEMPOTENCY_KEY_REQUIRED,
    &NOT_FOUND,
    &UNKNOWN_RIDE,
    &UNKNOWN_DRIVER,
    &METHOD_NOT_ALLOWED,
    &TOO_SLOW,
    &IDEMPOTENCY_KEY_REUSED,
    &RIDE_ENDED,
    &RIDE_UNDER_WAY,
    &BODY_TOO_LARGE,
    &UNSUPPORTED_MEDIA_TYPE,
    &OUTSIDE_CITY,
    &SAME_PLACE,
    &NO_ROUTE,
    &INVALID_REPORT,
    &INVALID_ACTION,
    &UNKNOWN_CURSOR,
    &UPGRADE_REQUIRED,
    &TOO_MANY_REQUESTS,
    &INTERNAL,
    &KAFKA_UNAVAILABLE,
    &HISTORY_UNAVAILABLE,
    &NOT_READY,
    &TOO_MANY_SOCKETS,
    &STOPPING,
    &UNKNOWN_PROBLEM,
];

const UNKNOWN_PROBLEM: Kind =
    kind("unknown-problem", 404, "Unknown problem", "No kind of problem has this name. /problems lists all.");

impl Kind {
    /// The `type` of such problems: where their explanation is.
    pub(crate) fn path(&self) -> String {
        format!("/problems/{}", self.slug)
    }

    fn explanation(&self) -> Explanation {
        Explanation { kind: self.path(), title: self.title, status: self.status, meaning: self.meaning }
    }
}

/// Lists all kinds of problems.
#[utoipa::path(get, path = "/problems", tag = "about",
    responses((status = 200, description = "All kinds.", body = Vec<Explanation>)))]
pub(crate) async fn list_problems() -> Json<Vec<Explanation>> {
    Json(ALL.iter().map(|kind| kind.explanation()).collect())
}

/// Explains a kind of problem.
#[utoipa::path(get, path = "/problems/{name}", tag = "about",
    params(("name" = String, Path, description = "The last part of a problem's `type`.")),
    responses(
        (status = 200, description = "What it means.", body = Explanation),
        (status = 404, description = "`unknown-problem`: no kind of problem has this name."),
    ))]
pub(crate) async fn explain_problem(
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Explanation>, Problem> {
    let found = name.ok().and_then(|Path(name)| ALL.iter().find(|kind| kind.slug == name));
    let kind = found.ok_or_else(|| Problem::new(&UNKNOWN_PROBLEM, "no kind of problem has this name"))?;
    Ok(Json(kind.explanation()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_kind_has_a_name_of_its_own_and_a_status_of_an_error() {
        let names: BTreeSet<&str> = ALL.iter().map(|kind| kind.slug).collect();
        assert_eq!(names.len(), ALL.len());
        for kind in ALL {
            assert!((400..600).contains(&kind.status), "{kind:?}");
            assert!(kind.slug.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{kind:?}");
            assert!(kind.meaning.ends_with('.'), "{kind:?}");
        }
    }
}
