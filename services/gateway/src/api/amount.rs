//! Money as the API writes it, and what a fare is made of.

use domain::Money;
use domain::tariff::FareBreakdown;
use events::fares::FareEvent;
use serde::Serialize;
use utoipa::ToSchema;

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Amount {
    /// In minor units: 1234 is 12.34 of a currency with two decimals.
    minor: i64,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$")]
    currency: String,
}

/// What a price is made of, before surge and minimum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Breakdown {
    /// For every ride, in minor units.
    base_minor: i64,
    /// For the distance.
    distance_minor: i64,
    /// For the time.
    time_minor: i64,
}

/// What a running meter shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Meter {
    /// Due so far.
    total: Amount,
    /// Metres driven with the rider.
    distance_m: u32,
    /// Seconds of city time with the rider.
    duration_s: u32,
}

/// What the rider pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Fare {
    /// Due: the larger of sum and minimum, times surge.
    total: Amount,
    /// For every ride, in minor units.
    base_minor: i64,
    /// For the distance.
    distance_minor: i64,
    /// For the time.
    time_minor: i64,
    /// Metres driven with the rider.
    distance_m: u32,
    /// Seconds of city time with the rider.
    duration_s: u32,
}

impl From<Money> for Amount {
    fn from(Money { minor, currency }: Money) -> Self {
        Self { minor, currency: currency.to_string() }
    }
}

impl From<&FareBreakdown> for Breakdown {
    fn from(fare: &FareBreakdown) -> Self {
        let FareBreakdown { base_minor, distance_minor, time_minor, .. } = *fare;
        Self { base_minor, distance_minor, time_minor }
    }
}

impl From<&FareEvent> for Meter {
    fn from(event: &FareEvent) -> Self {
        let total = event.breakdown.total.into();
        Self { total, distance_m: event.distance_m, duration_s: event.duration_s }
    }
}

impl From<&FareEvent> for Fare {
    fn from(event: &FareEvent) -> Self {
        let FareBreakdown { base_minor, distance_minor, time_minor, total } = event.breakdown;
        Self {
            total: total.into(),
            base_minor,
            distance_minor,
            time_minor,
            distance_m: event.distance_m,
            duration_s: event.duration_s,
        }
    }
}
