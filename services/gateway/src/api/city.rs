//! What the map needs: the roads as one file, and the socket on which the city is shown.

use axum::body::Body;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::problem_kind as kinds;
use super::state::AppState;
use crate::live;

/// The roads of the city.
///
/// Little-endian: `HCTY`, `u16` format 1, `u16` 0, `f64` west, south, east, north, `u32` nodes, `u32` edges; then
/// columns: `u16` x and `u16` y of each node in 65535ths of the rectangle from its west and south edge, `u32` from and
/// `u32` to of each edge, `u8` class of each edge (0 freeway, 1 arterial, 2 street, 3 residential).
#[utoipa::path(get, path = "/v1/city", tag = "map",
    responses(
        (status = 200, description = "The file.", content_type = "application/octet-stream",
            headers(("ETag" = String, description = "Names this content."))),
        (status = 304, description = "What `If-None-Match` names is still right.",
            headers(("ETag" = String, description = "Names this content."))),
    ))]
pub(crate) async fn city(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let file = &state.city.roads_file;
    let caching = [(header::ETAG, file.etag.as_str()), (header::CACHE_CONTROL, "no-cache")];
    if is_known(&headers, &file.etag) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let media_type = [(header::CONTENT_TYPE, "application/octet-stream")];
    (caching, media_type, Body::from(file.bytes.clone())).into_response()
}

/// The city as it is, twice a second, on a WebSocket (protocol version 1).
///
/// The client sends what it looks at: `{"type":"view","west":..,"south":..,"east":..,"north":..,"zoom":..}`, and again
/// whenever that changes. The server sends JSON texts (`hello`, `tiles`, `zones`, `figures`) and binary frames of
/// drivers and trips by tile.
#[utoipa::path(get, path = "/v1/live", tag = "map",
    responses(
        (status = 101, description = "The socket is open."),
        (status = 426, description = "`upgrade-required`: this is a WebSocket, and the handshake is none."),
        (status = 503, description = "`too-many-sockets`, `stopping`."),
    ))]
pub(crate) async fn live_map(
    State(state): State<AppState>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade =
        upgrade.map_err(|rejection| Problem::new(&kinds::UPGRADE_REQUIRED, rejection.body_text()))?;
    if state.stop.is_cancelled() {
        return Err(Problem::new(&kinds::STOPPING, "this instance is about to stop").retry_after_s(1));
    }
    let permit = (state.places.take()?, state.sockets().token());
    Ok(live::upgrade(upgrade, state.hub.clone(), state.stop.clone(), permit))
}

/// Whether a client has this content already (RFC 9110, section 13.1.2: weak comparison).
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = lists.flat_map(|list| list.split(',')).map(str::trim);
    let strong = |tag: &'_ str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    tags.any(|tag| tag == "*" || strong(tag) == strong(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_known_by_its_tag_in_any_list() {
        for (value, expected) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, value.parse().unwrap());
            assert_eq!(is_known(&headers, "\"a\""), expected, "{value}");
        }
    }
}
