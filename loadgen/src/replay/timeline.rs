//! Three times: when it was recorded, when that is in the city, and when that is for real.

use anyhow::ensure;
use domain::{CityClock, CityMs, RealMs};

/// Leads from recorded times to city time and real time and back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeline {
    /// Shows the recorded time whose turn it is.
    place: CityClock,
    /// The first recorded time, and what the city clock shows then.
    from: CityMs,
    city_from: CityMs,
    /// City milliseconds per recorded millisecond.
    stretch: f64,
}

impl Timeline {
    /// The recording begins with `from`, now, whatever the city clock shows.
    pub(super) fn from_now(now: RealMs, from: CityMs, city: CityClock, speed: f64) -> Self {
        Self {
            place: CityClock::new(now, from, speed),
            from,
            city_from: city.city_at(now),
            stretch: city.speed() / speed,
        }
    }

    /// The city clock shows recorded times; what lies before now is over.
    ///
    /// # Errors
    /// If all of it is over.
    pub(super) fn of_the_city(now: RealMs, last: CityMs, city: CityClock) -> anyhow::Result<Self> {
        let from = city.city_at(now);
        ensure!(
            from <= last,
            "the city clock is {} s past the end of the recording; leave --keep-times out or set the clock",
            from.since(last) / 1000
        );
        Ok(Self { place: city, from, city_from: from, stretch: 1.0 })
    }

    /// The recorded time that is replayed first.
    pub(super) fn from(&self) -> CityMs {
        self.from
    }

    /// The recorded time whose turn it is.
    pub(super) fn place_at(&self, now: RealMs) -> CityMs {
        self.place.city_at(now)
    }

    /// When a recorded time has its turn.
    pub(super) fn due_at(&self, recorded: CityMs) -> RealMs {
        self.place.real_at(recorded)
    }

    /// What the city clock shows when a recorded time has its turn.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a recording lasts far less than 2^52 ms"
    )]
    pub(super) fn city_at(&self, recorded: CityMs) -> CityMs {
        let after_ms = recorded.since(self.from) as f64 * self.stretch;
        self.city_from.plus_ms(after_ms.round() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: RealMs = RealMs(1_700_000_000_000);
    const FROM: CityMs = CityMs(1_211_180_400_000);

    #[test]
    fn a_recording_that_begins_now_is_moved_and_stretched_to_the_city_clock() {
        for (city, speed, city_ms) in [
            (CityClock::REAL, 1.0, NOW.0 + 60_000),
            (CityClock::REAL, 20.0, NOW.0 + 3_000),
            (CityClock::new(NOW, CityMs(5_000), 20.0), 20.0, 65_000),
        ] {
            let line = Timeline::from_now(NOW, FROM, city, speed);
            let minute = FROM.plus_ms(60_000);
            assert_eq!(line.city_at(minute), CityMs(city_ms));
            assert_eq!(line.place_at(line.due_at(minute)), minute);
            assert_eq!(
                line.city_at(minute),
                city.city_at(line.due_at(minute)),
                "it is due when the city is there"
            );
        }
    }

    #[test]
    fn recorded_times_can_be_the_city_s_own() {
        let city = CityClock::new(NOW, FROM, 20.0);
        let line = Timeline::of_the_city(NOW.plus_ms(1_000), FROM.plus_ms(50_000), city).unwrap();
        assert_eq!(line.from(), FROM.plus_ms(20_000));
        assert_eq!(line.city_at(FROM.plus_ms(40_000)), FROM.plus_ms(40_000));
        assert_eq!(line.due_at(FROM.plus_ms(40_000)), NOW.plus_ms(2_000));
        let error = Timeline::of_the_city(NOW.plus_ms(4_000), FROM.plus_ms(50_000), city).unwrap_err();
        assert!(error.to_string().contains("30 s past the end"), "{error}");
    }
}
