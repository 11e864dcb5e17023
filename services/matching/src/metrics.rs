//! What matching counts beside what every runner does.

use runtime::{COUNTS, Metric, SECONDS};

/// All metrics of this crate.
pub static ALL: [&Metric; 8] =
    [&WINDOWS, &PAIRS, &NOBODY_NEAR, &PUT_OFF, &PICKUP_ESTIMATE, &WINDOW_TRIPS, &SEARCH, &SOLVE];

/// Windows.
pub static WINDOWS: Metric = Metric::counter(
    "hailstorm_matching_windows_total",
    "Windows in which drivers were sought for waiting trips",
)
.in_lines("windows");

/// Pairs.
pub static PAIRS: Metric =
    Metric::counter("hailstorm_matching_pairs_total", "Pairs of trip and driver that were asked for")
        .in_lines("pairs");

/// Trips without candidates.
pub static NOBODY_NEAR: Metric = Metric::counter(
    "hailstorm_matching_nobody_near_total",
    "Times that no idle driver was near a waiting trip",
)
.in_lines("nobody_near");

/// Trips that are not sought for now.
pub static PUT_OFF: Metric = Metric::counter(
    "hailstorm_matching_put_off_total",
    "Times that a waiting trip was left to a later window, since Redis answers too slowly for all",
)
.in_lines("put_off");

/// Estimated ways to pickup.
pub static PICKUP_ESTIMATE: Metric = Metric::counter(
    "hailstorm_matching_pickup_estimate_seconds_total",
    "Estimated times to pickup of all pairs, together",
)
.in_lines("pickup_estimate_s");

/// Trips of a window.
pub static WINDOW_TRIPS: Metric =
    Metric::histogram("hailstorm_matching_window_trips", COUNTS, "Trips for which a window sought drivers")
        .in_lines("window_trips");

/// Time of a search.
pub static SEARCH: Metric = Metric::histogram(
    "hailstorm_matching_search_duration_seconds",
    SECONDS,
    "Time of a search for the candidates of a window, in Redis",
)
.in_ms()
.in_lines("search_ms");

/// Time of an assignment.
pub static SOLVE: Metric = Metric::histogram(
    "hailstorm_matching_solve_duration_seconds",
    SECONDS,
    "Time in which the pairs of a window were chosen",
)
.in_ms()
.in_lines("solve_ms");
