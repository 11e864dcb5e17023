//! What a ride costs: tariff, surge multiplier and the arithmetic of a fare, in whole minor units.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{Currency, Money};

/// The factor from supply and demand, in hundredths: 100 is 1.0. Always within `MIN..=MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct SurgeMultiplier(u16);

/// Says why a number is no surge multiplier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a surge multiplier in hundredths: 100..=300")]
pub struct NotASurge(u16);

impl SurgeMultiplier {
    /// No surge: 1.0.
    pub const NONE: Self = Self(100);
    /// The highest: 3.0.
    pub const MAX: Self = Self(300);

    /// The multiplier nearest to a factor, kept within 1.0..=3.0.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 100..=300 first")]
    pub fn nearest(factor: f64) -> Self {
        Self((factor.clamp(1.0, 3.0) * 100.0).round() as u16)
    }

    /// In hundredths.
    #[must_use]
    pub fn hundredths(self) -> u16 {
        self.0
    }

    /// As a factor.
    #[must_use]
    pub fn factor(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl TryFrom<u16> for SurgeMultiplier {
    type Error = NotASurge;
    fn try_from(hundredths: u16) -> Result<Self, NotASurge> {
        if (100..=300).contains(&hundredths) { Ok(Self(hundredths)) } else { Err(NotASurge(hundredths)) }
    }
}

impl From<SurgeMultiplier> for u16 {
    fn from(surge: SurgeMultiplier) -> Self {
        surge.0
    }
}

impl JsonSchema for SurgeMultiplier {
    fn schema_name() -> Cow<'static, str> {
        "SurgeMultiplier".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The factor from supply and demand, in hundredths: 100 is 1.0.",
            "type": "integer",
            "minimum": Self::NONE.hundredths(),
            "maximum": Self::MAX.hundredths(),
        })
    }
}

/// The base rates, in minor units of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tariff {
    /// Charged for every ride.
    pub base_minor: i64,
    /// For each kilometre, to the metre.
    pub per_km_minor: i64,
    /// For each minute, to the second.
    pub per_minute_minor: i64,
    /// No ride costs less, before surge.
    pub minimum_minor: i64,
    /// Of all amounts.
    pub currency: Currency,
}

impl Default for Tariff {
    fn default() -> Self {
        Self {
            base_minor: 250,
            per_km_minor: 110,
            per_minute_minor: 30,
            minimum_minor: 500,
            currency: Currency::USD,
        }
    }
}

/// What a fare is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FareBreakdown {
    /// The base rate.
    pub base_minor: i64,
    /// For the distance.
    pub distance_minor: i64,
    /// For the time.
    pub time_minor: i64,
    /// What is due: the sum or the minimum, times surge.
    pub total: Money,
}

impl Tariff {
    /// The fare of a ride so far: each part rounded half up, the larger of sum and minimum, times surge, half up.
    #[must_use]
    pub fn fare(&self, distance_m: u32, duration_s: u32, surge: SurgeMultiplier) -> FareBreakdown {
        let distance_minor = divide_half_up(self.per_km_minor * i64::from(distance_m), 1000);
        let time_minor = divide_half_up(self.per_minute_minor * i64::from(duration_s), 60);
        let before_surge = (self.base_minor + distance_minor + time_minor).max(self.minimum_minor);
        let minor = divide_half_up(before_surge * i64::from(surge.hundredths()), 100);
        FareBreakdown {
            base_minor: self.base_minor,
            distance_minor,
            time_minor,
            total: Money { minor, currency: self.currency },
        }
    }
}

fn divide_half_up(amount: i64, by: i64) -> i64 {
    (amount + by / 2).div_euclid(by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fares_by_the_default_tariff() {
        let tariff = Tariff::default();
        for (distance_m, duration_s, surge, total) in [
            (0, 0, 100, 500),
            (4210, 612, 100, 250 + 463 + 306),
            (4210, 612, 120, 1223),
            (1000, 60, 300, 1500),
            (10_000, 1200, 150, 2925),
        ] {
            let surge = SurgeMultiplier::try_from(surge).unwrap();
            assert_eq!(
                tariff.fare(distance_m, duration_s, surge).total.minor,
                total,
                "{distance_m} m {duration_s} s"
            );
        }
    }

    #[test]
    fn surge_stays_between_one_and_three() {
        assert_eq!(SurgeMultiplier::nearest(0.2), SurgeMultiplier::NONE);
        assert_eq!(SurgeMultiplier::nearest(9.0), SurgeMultiplier::MAX);
        assert!(serde_json::from_str::<SurgeMultiplier>("301").is_err());
    }

    proptest! {
        #[test]
        fn a_longer_ride_never_costs_less(m in 0u32..100_000, s in 0u32..10_000, more_m in 0u32..1000, more_s in 0u32..600, surge in 100u16..=300) {
            let (tariff, surge) = (Tariff::default(), SurgeMultiplier::try_from(surge).unwrap());
            prop_assert!(tariff.fare(m + more_m, s + more_s, surge).total.minor >= tariff.fare(m, s, surge).total.minor);
        }
    }
}
