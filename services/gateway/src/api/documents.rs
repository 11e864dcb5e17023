//! The documented API: all operations with their handlers, and the documents that describe them and the topics.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{
    Content, Header, ObjectBuilder, Ref, RefOr, Response as Documented, ResponseBuilder, Type,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::AppState;
use super::{
    amount, city, driver_events, driver_news, drivers, duty, health, nearby, past, problem, problem_kind,
    quotes, reports, ride, ride_change, ride_events, rides,
};

/// What is said of the API as a whole, and what only streams and errors tell.
#[derive(OpenApi)]
#[openapi(
    info(title = "Hailstorm", description = "A ride-hailing city: rides and drivers, live and as they were. \
        JSON in snake_case. Times end in `_ms`: milliseconds since the Unix epoch, in the city's time unless they say \
        real time. Ids of people go up to 2^53 - 1. Errors are `application/problem+json` with a stable `type`. \
        The topics behind it: /asyncapi.json.",
        license(name = "MIT OR Apache-2.0")),
    tags(
        (name = "rides", description = "For riders."),
        (name = "drivers", description = "For drivers."),
        (name = "map", description = "For whoever watches the city."),
        (name = "about", description = "About the service itself."),
    ),
    components(schemas(
        problem::ProblemBody,
        ride_change::RideChange,
        ride_events::RideEnd,
        ride::DriverPlace,
        ride::Eta,
        amount::Meter,
        amount::Fare,
        driver_news::DriverState,
        driver_news::Offer,
        driver_news::OfferEnded,
        driver_news::TripStep,
        driver_news::TripFare,
    ))
)]
struct Whole;

/// What everybody may ask as often as they like.
fn about() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health::livez))
        .routes(routes!(health::readyz))
        .routes(routes!(problem_kind::list_problems))
        .routes(routes!(problem_kind::explain_problem))
        .routes(routes!(openapi_json))
        .routes(routes!(asyncapi_json))
}

/// What is limited by address.
fn limited() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(quotes::quote))
        .routes(routes!(quotes::route))
        .routes(routes!(rides::ask_for_ride, past::list_rides))
        .routes(routes!(rides::get_ride))
        .routes(routes!(rides::cancel_ride))
        .routes(routes!(ride_events::ride_events))
        .routes(routes!(past::ride_story))
        .routes(routes!(nearby::nearby))
        .routes(routes!(drivers::get_driver))
        .routes(routes!(duty::change_shift))
        .routes(routes!(reports::report))
        .routes(routes!(duty::act))
        .routes(routes!(driver_events::driver_events))
        .routes(routes!(past::driver_story))
        .routes(routes!(city::city))
        .routes(routes!(city::live_map))
}

/// The handlers: those without limits, and those with.
pub(crate) fn handlers() -> (axum::Router<AppState>, axum::Router<AppState>) {
    (about().split_for_parts().0, limited().split_for_parts().0)
}

/// The API as an OpenAPI 3.1 document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let described = OpenApiRouter::<AppState>::with_openapi(Whole::openapi());
    let mut document = described.merge(about()).merge(limited()).into_openapi();
    for (path, item) in &mut document.paths.paths {
        let operations = [&mut item.get, &mut item.post].into_iter().flatten();
        operations.for_each(|operation| complete(operation, path.starts_with("/v1/")));
    }
    document
}

/// Adds what is the same for all operations of a kind, and the body and headers of errors.
fn complete(operation: &mut Operation, is_limited: bool) {
    if is_limited {
        add(operation, "429", "`too-many-requests`: this address asks more often than it may.");
    }
    if operation.request_body.is_some() {
        add(operation, "400", "`malformed-json`, `invalid-body`, `invalid-parameter`.");
        add(operation, "408", "`too-slow`: the body did not come in time.");
        add(operation, "413", "`body-too-large`.");
        add(operation, "415", "`unsupported-media-type`: bodies are `application/json`.");
    } else if is_limited && operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty()) {
        add(operation, "400", "`invalid-parameter`.");
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if status.as_str() >= "400" && response.content.is_empty() {
            let body = Content::new(Some(Ref::from_schema_name("Problem")));
            response.content.insert(problem::MEDIA_TYPE.to_owned(), body.into());
            if matches!(status.as_str(), "429" | "503") {
                response.headers.insert("Retry-After".to_owned(), seconds().into());
            }
        }
    }
}

fn add(operation: &mut Operation, status: &str, description: &str) {
    let response: Documented = ResponseBuilder::new().description(description).build();
    operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.into());
}

fn seconds() -> Header {
    let mut header = Header::new(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build());
    header.description = Some("Seconds to wait.".to_owned());
    header
}

static OPENAPI: LazyLock<Bytes> =
    LazyLock::new(|| serde_json::to_vec(&openapi()).expect("a document is plain data").into());

static ASYNCAPI: LazyLock<Bytes> = LazyLock::new(|| {
    serde_json::to_vec(&events::asyncapi::document()).expect("a document is plain data").into()
});

/// This API as an OpenAPI 3.1 document.
#[utoipa::path(get, path = "/openapi.json", tag = "about",
    responses((status = 200, description = "The document.", body = Object)))]
pub(crate) async fn openapi_json() -> Response {
    json(OPENAPI.clone())
}

/// The topics in Kafka as an AsyncAPI 3.0 document.
#[utoipa::path(get, path = "/asyncapi.json", tag = "about",
    responses((status = 200, description = "The document.", body = Object)))]
pub(crate) async fn asyncapi_json() -> Response {
    json(ASYNCAPI.clone())
}

fn json(bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], bytes).into_response()
}
