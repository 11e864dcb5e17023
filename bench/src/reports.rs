//! Location reports as a city's drivers send them: in the order of time, each driver once a round.

use std::path::Path;

use anyhow::Context;
use domain::{CityMs, DriverId, LatLng};
use events::driver_locations::LocationReport;

/// Drivers of the city.
pub(crate) const DRIVERS: u64 = 20_000;

/// Between two reports of a driver.
const ROUND_MS: i64 = 5_000;

/// A square around the middle of San Francisco with sides of some twenty kilometres, in degrees.
const SOUTH_WEST: (f64, f64) = (37.68, -122.52);
const SIDES: (f64, f64) = (0.18, 0.23);

/// How far a driver moves in a round, degrees north: some seven metres a second.
const STEP: f64 = 0.000_3;

/// Reports without an end, the first one measured at a given time.
#[derive(Clone, Debug)]
pub(crate) struct Reports {
    first: CityMs,
    next: u64,
}

impl Reports {
    pub(crate) fn from(first: CityMs) -> Self {
        Self { first, next: 0 }
    }
}

impl Iterator for Reports {
    type Item = LocationReport;

    fn next(&mut self) -> Option<LocationReport> {
        let (driver, round) = (self.next % DRIVERS, self.next / DRIVERS);
        self.next += 1;
        let begins = place(driver);
        let moved = (round % 16) as f64 * STEP;
        let ms_in_round = driver as i64 * ROUND_MS / DRIVERS as i64;
        Some(LocationReport {
            driver: DriverId(driver + 1),
            at: self.first.plus_ms(round as i64 * ROUND_MS + ms_in_round),
            lat: six_decimals(begins.lat + moved),
            lon: begins.lon,
            heading: (driver * 7 % 360) as u16,
            speed: (driver % 200) as f32 / 10.0,
            trip: None,
            odometer_m: None,
        })
    }
}

/// Writes a report of each driver into a file, a line of JSON each: for programs that send payloads they are given.
pub(crate) fn write_lines(path: &Path) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for report in Reports::from(CityMs(runtime::clock::now_ms())).take(usize::try_from(DRIVERS)?) {
        serde_json::to_writer(&mut lines, &report)?;
        lines.push(b'\n');
    }
    std::fs::write(path, lines).context("failed to write reports into a file")
}

/// A number in 0..1 that looks like chance, the same for equal arguments (the finalizer of `SplitMix64`, Steele, Lea
/// and Flood 2014).
pub(crate) fn share(number: u64, salt: u64) -> f64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt << 32);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// Somewhere in that square, the same for equal numbers.
pub(crate) fn place(number: u64) -> LatLng {
    LatLng {
        lat: six_decimals(SOUTH_WEST.0 + share(number, 2) * SIDES.0),
        lon: six_decimals(SOUTH_WEST.1 + share(number, 1) * SIDES.1),
    }
}

fn six_decimals(degrees: f64) -> f64 {
    (degrees * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use events::{Contract, decode};

    use super::*;

    #[test]
    fn reports_keep_their_contract_and_come_in_the_order_of_time() {
        let start = CityMs(1_800_000_000_000);
        let reports: Vec<LocationReport> = Reports::from(start).take(2 * DRIVERS as usize).collect();
        assert!(reports.is_sorted_by_key(|report| report.at));
        assert_eq!(reports[0].driver, reports[DRIVERS as usize].driver);
        assert_ne!(reports[0].lat, reports[DRIVERS as usize].lat);
        for report in reports.iter().step_by(997) {
            let record = report.to_record();
            let back: LocationReport =
                decode(Some(&record.key), record.payload.as_deref(), Some(start)).unwrap();
            assert_eq!(back, *report);
        }
    }
}
