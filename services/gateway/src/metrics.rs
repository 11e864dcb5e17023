//! What the gateway counts beside what every runner does.

use runtime::{Metric, SECONDS};

/// All metrics of this crate.
pub static ALL: [&Metric; 13] = [
    &PORT,
    &REQUESTS,
    &REFUSED,
    &ERRORS,
    &REQUEST_TIME,
    &STREAMS,
    &VIEWERS,
    &REPORT_TO_MAP,
    &DRIVERS,
    &OPEN_TRIPS,
    &TRIPS,
    &SURGE_GREATEST,
    &SURGE_MEAN,
];

/// Where it listens.
pub static PORT: Metric = Metric::only_in_lines("port", "Port of the public API");

/// Requests.
pub static REQUESTS: Metric =
    Metric::counter("hailstorm_gateway_requests_total", "Requests to the public API").in_lines("requests");

/// Requests refused.
pub static REFUSED: Metric = Metric::counter(
    "hailstorm_gateway_refused_requests_total",
    "Requests answered with a status from 400 to 499",
)
.in_lines("refused_requests");

/// Requests that failed.
pub static ERRORS: Metric =
    Metric::counter("hailstorm_gateway_failed_requests_total", "Requests answered with a status from 500")
        .in_lines("errors");

/// Time of a request.
pub static REQUEST_TIME: Metric = Metric::histogram(
    "http_server_request_duration_seconds",
    SECONDS,
    "Time from a request to the head of its answer",
)
.in_ms()
.in_lines("request_ms");

/// Streams.
pub static STREAMS: Metric =
    Metric::gauge("hailstorm_gateway_streams", "Sockets and event streams that are open").in_lines("streams");

/// Viewers.
pub static VIEWERS: Metric =
    Metric::gauge("hailstorm_gateway_viewers", "Sockets of the live map that are open").in_lines("viewers");

/// Time from report to map.
pub static REPORT_TO_MAP: Metric = Metric::histogram(
    "hailstorm_report_to_map_seconds",
    SECONDS,
    "Time from when a location report was due (by the API: was written to Kafka) until it was in a picture of the map",
)
.in_ms()
.in_lines("report_to_map_ms");

/// Drivers by state.
pub static DRIVERS: Metric = Metric::gauge(
    "hailstorm_drivers",
    "Drivers of the whole city by state, those on the map; every gateway tells all of them",
)
.by(&["state"]);

/// Open trips by phase.
pub static OPEN_TRIPS: Metric = Metric::gauge(
    "hailstorm_open_trips",
    "Trips of the whole city that have not ended, by state: requested and offered ones wait for a driver; every gateway \
     tells all of them",
)
.by(&["state"]);

/// What became of trips.
pub static TRIPS: Metric = Metric::counter(
    "hailstorm_trip_events_total",
    "Trips of the whole city that were requested, matched, completed, cancelled or unfulfilled since the gateway \
     started; matched by requested is the match rate",
)
.by(&["event"]);

/// The greatest surge.
pub static SURGE_GREATEST: Metric =
    Metric::gauge("hailstorm_surge_max_ratio", "Greatest surge multiplier of all zones").in_percent();

/// The mean surge.
pub static SURGE_MEAN: Metric =
    Metric::gauge("hailstorm_surge_mean_ratio", "Mean surge multiplier of the zones with demand or supply")
        .in_percent();
