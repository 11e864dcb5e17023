//! How much slower than without traffic the city is at each hour.

use domain::CityMs;

/// Times longer than without traffic by hour of the day. The ends (0.87 at 05 h, 1.40 at 17 h) and the median (1.24)
/// are those of 4,000 San Francisco cab trips of May 2008 against free-flow times; the rest is drawn between them.
const SLOWDOWN: [f64; 24] = [
    1.05, 1.00, 0.98, 0.95, 0.90, 0.87, 0.98, 1.15, 1.28, 1.25, 1.22, 1.23, 1.25, 1.25, 1.28, 1.33, 1.38,
    1.40, 1.35, 1.25, 1.18, 1.15, 1.12, 1.08,
];

const HOUR_MS: i64 = 3_600_000;

/// The hour of the day, 0..24, in a city some milliseconds ahead of UTC.
pub(crate) fn hour_of_day(at: CityMs, utc_offset_ms: i64) -> u32 {
    let hour = at.plus_ms(utc_offset_ms).0.div_euclid(HOUR_MS).rem_euclid(24);
    u32::try_from(hour).expect("an hour of the day is 0 to 23")
}

/// The share of the free speed that traffic leaves at an hour.
pub(crate) fn pace_at(hour: u32) -> f64 {
    1.0 / SLOWDOWN[hour as usize % 24]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_follow_the_local_time() {
        // 2008-05-24 00:00 UTC is 17:00 of the day before in San Francisco (UTC-7).
        let midnight = CityMs(1_211_587_200_000);
        assert_eq!(hour_of_day(midnight, 0), 0);
        assert_eq!(hour_of_day(midnight, -7 * HOUR_MS), 17);
        assert_eq!(hour_of_day(CityMs(-1), 0), 23);
        assert!(pace_at(17) < pace_at(5));
    }
}
