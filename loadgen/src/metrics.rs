//! What the simulated city and the replay count beside what every runner does.

use runtime::{Metric, SECONDS};

/// All metrics of this crate.
pub static ALL: [&Metric; 27] = [
    &REPORTS,
    &RIDE_EVENTS,
    &CANCELLED,
    &OPEN,
    &GUESTS,
    &DRIVERS,
    &DRIVERS_SEEN,
    &BESIDE_ROAD,
    &PLACE,
    &PROGRESS,
    &FIRST_MATCH,
    &REQUEST_TO_OFFER,
    &REPORTS_ACKNOWLEDGED,
    &RECORDS_ACKNOWLEDGED,
    &REPORTS_UNDER_WAY,
    &LATENESS,
    &LATE,
    &FAILED,
    &FULL_QUEUE,
    &LEFT_OUT,
    &BROKER_SILENCE,
    &LEDGER,
    &LEDGER_STOPPED,
    &API_REQUESTS,
    &API_ERRORS,
    &API_REFUSED,
    &API_TIME,
];

/// Reports.
pub static REPORTS: Metric =
    Metric::counter("hailstorm_city_reports_total", "Location reports that were handed over")
        .in_lines("city.reports");

/// What happened to rides.
pub static RIDE_EVENTS: Metric = Metric::counter(
    "hailstorm_city_ride_events_total",
    "What happened to rides, as the apps of riders and drivers saw it",
)
.by(&["event"])
.in_lines("city");

/// Rides cancelled by anybody.
pub static CANCELLED: Metric = Metric::only_in_lines("city.cancelled", "Rides cancelled by anybody");

/// Open rides.
pub static OPEN: Metric =
    Metric::gauge("hailstorm_city_open_rides", "Rides that were asked for and have not ended")
        .in_lines("city.open");

/// Rides and drivers of others.
pub static GUESTS: Metric = Metric::gauge(
    "hailstorm_city_guests",
    "Rides in which somebody takes part whose app is none of the city",
)
.in_lines("city.guests");

/// Drivers by state.
pub static DRIVERS: Metric =
    Metric::gauge("hailstorm_city_drivers", "Drivers of the city by state, as their apps see it")
        .by(&["state"])
        .in_lines("drivers");

/// Drivers of a replay.
pub static DRIVERS_SEEN: Metric =
    Metric::gauge("hailstorm_replay_drivers", "Drivers that a replay has sent reports of")
        .in_lines("drivers.seen");

/// Positions that a replay could not move along a road.
pub static BESIDE_ROAD: Metric = Metric::only_in_lines(
    "replay.beside_road",
    "Positions of copies that no road is near: they are moved, but not along one",
);

/// Where a replay is.
pub static PLACE: Metric =
    Metric::only_in_lines("replay.place_ms", "Recorded time that a replay has reached, ms since 1970");

/// How far a replay is.
pub static PROGRESS: Metric = Metric::gauge("hailstorm_replay_progress_ratio", "How far a replay is")
    .in_percent()
    .in_lines("replay.percent");

/// When the first trip was matched.
pub static FIRST_MATCH: Metric =
    Metric::only_in_lines("first_match_at_ms", "When the first trip was matched, ms since 1970");

/// Time from request to offer.
pub static REQUEST_TO_OFFER: Metric = Metric::histogram(
    "hailstorm_request_to_offer_seconds",
    SECONDS,
    "Time from when a request was due until its first offer was heard of",
)
.in_ms()
.in_lines("request_to_offer_ms");

/// Reports that are safe.
pub static REPORTS_ACKNOWLEDGED: Metric =
    Metric::counter("hailstorm_city_acknowledged_reports_total", "Location reports that were acknowledged")
        .in_lines("reports_acknowledged");

/// Records that are safe.
pub static RECORDS_ACKNOWLEDGED: Metric =
    Metric::counter("messaging_client_sent_messages_total", "Records that were acknowledged")
        .in_lines("records_acknowledged");

/// Reports under way.
pub static REPORTS_UNDER_WAY: Metric = Metric::gauge(
    "hailstorm_replay_reports_under_way",
    "Location reports that were handed over and not acknowledged yet",
)
.in_lines("reports_under_way");

/// How late reports leave.
pub static LATENESS: Metric = Metric::histogram(
    "hailstorm_report_lateness_seconds",
    SECONDS,
    "Time from when a location report was due until it was handed over",
)
.in_ms()
.in_lines("report_lateness_ms");

/// Late reports.
pub static LATE: Metric = Metric::counter(
    "hailstorm_late_reports_total",
    "Location reports that left more than a second after they were due",
)
.in_lines("reports_late");

/// Reports lost.
pub static FAILED: Metric =
    Metric::counter("hailstorm_failed_reports_total", "Location reports that were not acknowledged in time")
        .in_lines("reports_failed");

/// Waits for room.
pub static FULL_QUEUE: Metric = Metric::counter(
    "hailstorm_full_queue_waits_total",
    "Records that had to wait for room in the queue of the Kafka client",
)
.in_lines("full_queue_waits");

/// Records without room that never left.
pub static LEFT_OUT: Metric = Metric::counter(
    "hailstorm_left_out_records_total",
    "Records for which the Kafka client had no room when it was time to stop: they never left",
)
.in_lines("left_out");

/// The longest silence of brokers.
pub static BROKER_SILENCE: Metric = Metric::gauge(
    "hailstorm_longest_broker_silence_seconds",
    "Longest time in which records waited for an acknowledgement and none came",
)
.in_ms()
.in_lines("broker_silent_ms");

/// What is safe of the reports.
pub static LEDGER: Metric =
    Metric::only_in_lines("ledger", "Records and checksum of acknowledged reports by partition")
        .by(&["partition", "what"]);

/// The ledger of ids on disk has come to an early end.
pub static LEDGER_STOPPED: Metric = Metric::only_in_lines(
    "ledger_stopped",
    "1 once acknowledged reports can't be written down any more, such as when the disk is full",
);

/// Requests to gateways.
pub static API_REQUESTS: Metric =
    Metric::counter("hailstorm_api_requests_total", "Requests to the public API, each attempt")
        .in_lines("api_requests");

/// Requests without a good answer.
pub static API_ERRORS: Metric =
    Metric::counter("hailstorm_api_errors_total", "Requests to the public API without a good answer")
        .in_lines("api_errors");

/// Calls refused.
pub static API_REFUSED: Metric = Metric::counter(
    "hailstorm_api_refused_calls_total",
    "Calls of the public API that were refused for good",
)
.in_lines("api_refused");

/// Time until an answer.
pub static API_TIME: Metric =
    Metric::histogram("http_client_request_duration_seconds", SECONDS, "Time until the public API answered")
        .in_ms()
        .in_lines("api_ms");
