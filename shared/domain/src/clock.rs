//! Two kinds of time and the clock between them.
//!
//! Real time (`RealMs`) is what wall clocks and Kafka's record timestamps show; offers, silence and technical
//! time-outs are measured in it. City time (`CityMs`) is when things happen in the simulated or replayed city;
//! travel takes city time and every `at` of a payload is city time. At speed 1 without replay they are equal.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Milliseconds of real time since the Unix epoch.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct RealMs(pub i64);

/// Milliseconds of city time since the Unix epoch.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct CityMs(pub i64);

impl RealMs {
    /// This much later.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this; negative if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl CityMs {
    /// This much later.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this; negative if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Converts between real and city time: a straight line through one pair of moments.
///
/// Its text form `<real ms>,<city ms>,<speed>` goes to every process of a run, so that all agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CityClock {
    real_origin: RealMs,
    city_origin: CityMs,
    speed: f64,
}

/// Says why a text is no city clock.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a city clock: expected <real ms>,<city ms>,<speed> with a speed above 0")]
pub struct NotACityClock(String);

impl CityClock {
    /// City time equals real time.
    pub const REAL: Self = Self { real_origin: RealMs(0), city_origin: CityMs(0), speed: 1.0 };

    /// A clock that shows `city_origin` at `real_origin` and runs `speed` times as fast as real time.
    ///
    /// # Panics
    /// If the speed is not a positive finite number.
    #[must_use]
    pub fn new(real_origin: RealMs, city_origin: CityMs, speed: f64) -> Self {
        assert!(speed.is_finite() && speed > 0.0, "the speed of a city clock is positive");
        Self { real_origin, city_origin, speed }
    }

    /// What the city clock shows at a moment of real time.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a run lasts far less than 2^52 ms"
    )]
    pub fn city_at(&self, real: RealMs) -> CityMs {
        self.city_origin.plus_ms((real.since(self.real_origin) as f64 * self.speed).round() as i64)
    }

    /// The moment of real time at which the city clock shows `city`.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a run lasts far less than 2^52 ms"
    )]
    pub fn real_at(&self, city: CityMs) -> RealMs {
        self.real_origin.plus_ms((city.since(self.city_origin) as f64 / self.speed).round() as i64)
    }

    /// City milliseconds per real millisecond.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.speed
    }
}

impl Default for CityClock {
    fn default() -> Self {
        Self::REAL
    }
}

impl fmt::Display for CityClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{}", self.real_origin.0, self.city_origin.0, self.speed)
    }
}

impl FromStr for CityClock {
    type Err = NotACityClock;

    fn from_str(text: &str) -> Result<Self, NotACityClock> {
        let wrong = || NotACityClock(text.chars().take(80).collect());
        let mut parts = text.split(',');
        let (Some(real), Some(city), Some(speed), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        let real_origin = RealMs(real.trim().parse().map_err(|_| wrong())?);
        let city_origin = CityMs(city.trim().parse().map_err(|_| wrong())?);
        let speed: f64 = speed.trim().parse().map_err(|_| wrong())?;
        if !(speed.is_finite() && speed > 0.0) {
            return Err(wrong());
        }
        Ok(Self { real_origin, city_origin, speed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sixty_times_as_fast_is_a_minute_a_second() {
        let clock = CityClock::new(RealMs(1_000), CityMs(500_000), 60.0);
        assert_eq!(clock.city_at(RealMs(2_000)), CityMs(560_000));
        assert_eq!(clock.real_at(CityMs(560_000)), RealMs(2_000));
        assert_eq!(clock.to_string().parse::<CityClock>().unwrap(), clock);
    }

    #[test]
    fn texts_that_are_no_clock_are_refused() {
        for text in ["", "1,2", "1,2,0", "1,2,-1", "1,2,nan", "1,2,3,4", "a,2,3"] {
            assert!(text.parse::<CityClock>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_moment(real in 0i64..4_000_000_000_000, speed in 0.5f64..500.0) {
            let clock = CityClock::new(RealMs(1_700_000_000_000), CityMs(1_211_587_200_000), speed);
            let back = clock.real_at(clock.city_at(RealMs(real)));
            prop_assert!(back.since(RealMs(real)).abs() <= 2);
        }
    }
}
