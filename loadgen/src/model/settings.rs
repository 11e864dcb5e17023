//! What a city is told before it starts.

use roads::TripsFile;

use super::share::Share;

/// Settings of the simulated city.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many drivers there are, in all shares; their ids are 1 to this.
    pub drivers: u32,
    /// City time between two location reports of a driver.
    pub report_every_ms: i64,
    /// Where ride requests come from.
    pub demand: Demand,
    /// Hours to add to UTC for the city's time of day, which demand and traffic follow.
    pub utc_offset_h: f64,
    /// Real time over which drivers come on shift at the start.
    pub start_over_real_ms: i64,
    /// Real time that is left to trips under way when the city closes.
    pub closing_grace_real_ms: i64,
    /// What goes wrong.
    pub faults: Faults,
    /// Which of the drivers and riders are played here.
    pub share: Share,
}

/// Where ride requests come from.
#[derive(Clone, Debug)]
pub enum Demand {
    /// Riders who come by chance.
    Generated {
        /// Mean number of requests in a minute of real time.
        requests_per_minute: f64,
    },
    /// Trips that were recorded, each requested at its recorded time.
    Recorded(TripsFile),
}

/// How often things go wrong; all are shares, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Faults {
    /// Of drivers: they never answer any offer.
    pub silent_drivers: f64,
    /// Of offers: left unanswered.
    pub ignored_offers: f64,
    /// Of offers: declined.
    pub declined_offers: f64,
    /// Of matched trips: the driver gives up on the way to the pickup.
    pub driver_cancels: f64,
    /// Of matched trips: the driver is not heard of any more before the end.
    pub vanishing_drivers: f64,
    /// Of requests: the rider cancels in the given state.
    pub rider_cancels: CancelShares,
}

/// Shares of requests cancelled by the rider in each state of the trip; together at most 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CancelShares {
    /// Right after the request.
    pub requested: f64,
    /// While a driver is asked.
    pub offered: f64,
    /// While the driver is on the way.
    pub matched: f64,
    /// When the driver waits at the pickup.
    pub arrived: f64,
    /// With the rider on board, which is too late to be granted by right.
    pub started: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            drivers: 500,
            report_every_ms: 5_000,
            demand: Demand::default(),
            utc_offset_h: 0.0,
            start_over_real_ms: 5_000,
            closing_grace_real_ms: 10_000,
            faults: Faults::default(),
            share: Share::WHOLE,
        }
    }
}

impl Default for Demand {
    /// A rider a second.
    fn default() -> Self {
        Self::Generated { requests_per_minute: 60.0 }
    }
}

impl Default for Faults {
    /// What an ordinary day brings: 92 % of offers accepted, 5 % declined, 3 % ignored.
    fn default() -> Self {
        Self {
            silent_drivers: 0.0,
            ignored_offers: 0.03,
            declined_offers: 0.05,
            driver_cancels: 0.01,
            vanishing_drivers: 0.0,
            rider_cancels: CancelShares { matched: 0.02, ..CancelShares::default() },
        }
    }
}

impl Faults {
    /// Nothing goes wrong: every offer is accepted, every trip driven to its end.
    pub const NONE: Self = Self {
        silent_drivers: 0.0,
        ignored_offers: 0.0,
        declined_offers: 0.0,
        driver_cancels: 0.0,
        vanishing_drivers: 0.0,
        rider_cancels: CancelShares {
            requested: 0.0,
            offered: 0.0,
            matched: 0.0,
            arrived: 0.0,
            started: 0.0,
        },
    };
}
