//! What eta counts beside what every runner does.

use runtime::Metric;

/// All metrics of this crate.
pub static ALL: [&Metric; 3] = [&LEGS, &REROUTED, &UNROUTABLE];

/// Legs.
pub static LEGS: Metric =
    Metric::counter("hailstorm_eta_legs_total", "Legs for which a route was looked for").in_lines("legs");

/// Routes computed anew.
pub static REROUTED: Metric =
    Metric::counter("hailstorm_eta_reroutes_total", "Routes computed anew since the driver had left them")
        .in_lines("rerouted");

/// Legs without a road.
pub static UNROUTABLE: Metric = Metric::counter(
    "hailstorm_eta_unroutable_legs_total",
    "Legs without a road to their destination: a straight line is used",
)
.in_lines("unroutable");
