//! How long each state of a trip may last, and the two clocks that it is measured by.

use crate::{CityClock, CityMs, LatLng, RealMs};

/// The present moment, with the clock that tells the city's time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Now {
    /// Real time.
    pub real: RealMs,
    /// Turns it into city time.
    pub clock: CityClock,
}

impl Now {
    /// What the city clock shows now.
    #[must_use]
    pub fn city(&self) -> CityMs {
        self.clock.city_at(self.real)
    }
}

/// How long each state may last. Offers and searches take real time, travel takes city time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the search of a driver, from the request on, in real time.
    pub search_ms: i64,
    /// For a driver's answer to an offer, in real time.
    pub offer_ms: i64,
    /// For the way to the pickup, in city time. The trip does not know where its driver comes from.
    pub pickup_city_ms: i64,
    /// For the rider to get in, in city time.
    pub boarding_city_ms: i64,
    /// For the way to the drop-off at least, in city time; far drop-offs get more.
    pub ride_city_ms: i64,
    /// How long an ended trip stays in the table, in real time, so that late and repeated records find it.
    pub linger_ms: i64,
}

/// Slower than any city moves on the whole (18 km/h): with [`RIDE_SLACK`] a vanished driver is told from a slow one.
const SLOW_MPS: f64 = 5.0;

/// Roads are longer than straight lines, and jams are slower than [`SLOW_MPS`].
const RIDE_SLACK: f64 = 4.0;

/// However fast the city's clock runs, a leg has this much real time: what records take on a busy machine.
const LEAST_LEG_REAL_MS: i64 = 10_000;

impl Default for Patience {
    /// 3 minutes to find a driver, 15 s to answer, 30 minutes to come, 15 to get in, 20 or more to arrive;
    /// 10 minutes in the table after the end.
    fn default() -> Self {
        const MINUTE: i64 = 60_000;
        Self {
            search_ms: 3 * MINUTE,
            offer_ms: 15_000,
            pickup_city_ms: 30 * MINUTE,
            boarding_city_ms: 15 * MINUTE,
            ride_city_ms: 20 * MINUTE,
            linger_ms: 10 * MINUTE,
        }
    }
}

impl Patience {
    /// When a matched driver must have arrived.
    #[must_use]
    pub fn pickup_until(&self, now: Now) -> RealMs {
        leg_until(now, self.pickup_city_ms)
    }

    /// When the rider of an arrived driver must have got in.
    #[must_use]
    pub fn boarding_until(&self, now: Now) -> RealMs {
        leg_until(now, self.boarding_city_ms)
    }

    /// When a started trip must have reached its drop-off.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "half the Earth at walking speed is 10^10 ms")]
    pub fn ride_until(&self, now: Now, pickup: LatLng, dropoff: LatLng) -> RealMs {
        let slow_ms = pickup.distance_m(dropoff) / SLOW_MPS * RIDE_SLACK * 1000.0;
        leg_until(now, self.ride_city_ms.max(slow_ms as i64))
    }
}

fn leg_until(now: Now, city_ms: i64) -> RealMs {
    now.clock.real_at(now.city().plus_ms(city_ms)).max(now.real.plus_ms(LEAST_LEG_REAL_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICKUP: LatLng = LatLng { lat: 37.7749, lon: -122.4194 };

    #[test]
    fn legs_take_city_time_but_never_less_than_ten_seconds() {
        let patience = Patience::default();
        for (speed, real_ms) in [(1.0, 1_800_000), (60.0, 30_000), (600.0, 10_000)] {
            let now = Now { real: RealMs(5_000), clock: CityClock::new(RealMs(0), CityMs(77), speed) };
            assert_eq!(patience.pickup_until(now), RealMs(5_000 + real_ms), "speed {speed}");
        }
    }

    #[test]
    fn far_dropoffs_get_more_time() {
        let (patience, now) = (Patience::default(), Now { real: RealMs(0), clock: CityClock::REAL });
        let near = patience.ride_until(now, PICKUP, PICKUP.offset_m(500.0, 0.0));
        let far = patience.ride_until(now, PICKUP, PICKUP.offset_m(10_000.0, 0.0));
        assert_eq!(near, RealMs(1_200_000));
        assert!((7_990_000..8_010_000).contains(&far.0), "{far:?}");
    }
}
