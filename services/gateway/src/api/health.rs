//! Whether this instance lives, and what it can do now.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::state::AppState;

/// That this instance lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alive {
    /// `up`.
    status: &'static str,
}

/// What this instance can do now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// `ready`; `degraded`: without Redis or MongoDB; `not_ready`.
    status: ReadyStatus,
    /// What it depends on.
    dependencies: Dependencies,
}

/// What this instance can do now, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ReadyStatus {
    /// Everything.
    Ready,
    /// Everything but what Redis or MongoDB are for.
    Degraded,
    /// Neither take requests nor tell what is.
    NotReady,
}

/// What this instance depends on.
#[derive(Debug, Serialize, ToSchema)]
struct Dependencies {
    /// Takes what is asked for; without it every write answers 503.
    kafka: Dependency,
    /// Trips, drivers and zones as this instance has read them from Kafka.
    tables: Dependency,
    /// Positions that all instances share; without it this instance's own are used.
    redis: Dependency,
    /// What was; without it histories and stories answer 503.
    mongodb: Dependency,
}

/// Something this instance depends on.
#[derive(Debug, Serialize, ToSchema)]
struct Dependency {
    /// Whether it can be used.
    up: bool,
    /// What is the matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<&'static str>,
}

impl Dependency {
    fn new(up: bool, otherwise: &'static str) -> Self {
        Self { up, detail: (!up).then_some(otherwise) }
    }
}

/// Whether this instance lives.
#[utoipa::path(get, path = "/livez", tag = "about",
    responses((status = 200, description = "It does.", body = Alive)))]
pub(crate) async fn livez() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(Alive { status: "up" })).into_response()
}

/// Whether this instance can be sent requests, and how each of its dependencies is.
#[utoipa::path(get, path = "/readyz", tag = "about",
    responses(
        (status = 200, description = "It can; `degraded` without Redis or MongoDB.", body = Readiness),
        (status = 503, description = "It can not: Kafka is away, or the tables are not read yet.", body = Readiness,
            content_type = "application/json"),
    ))]
pub(crate) async fn readyz(State(state): State<AppState>) -> Response {
    let (kafka, redis, mongodb) =
        futures::join!(state.log.is_up(), state.surroundings.is_up(state.now_ms()), state.history.is_up(),);
    let tables = state.view.tables_are_read();
    let status = match (kafka && tables, redis && mongodb) {
        (false, _) => ReadyStatus::NotReady,
        (true, false) => ReadyStatus::Degraded,
        (true, true) => ReadyStatus::Ready,
    };
    let dependencies = Dependencies {
        kafka: Dependency::new(kafka, "no broker answers"),
        tables: Dependency::new(tables, "not read to their end yet"),
        redis: Dependency::new(redis, "does not answer in time"),
        mongodb: Dependency::new(mongodb, "does not answer in time"),
    };
    let code = if status == ReadyStatus::NotReady { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, [(header::CACHE_CONTROL, "no-store")], Json(Readiness { status, dependencies })).into_response()
}
