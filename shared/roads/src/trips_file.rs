//! Recorded trips: a table with at least the time of pickup and both positions.

use std::path::{Path, PathBuf};

use domain::{CityMs, LatLng};

use crate::table_file::{BrokenRows, Row, TableError, TableFile};

/// Later than the year 2100 is milliseconds taken for seconds.
const LATEST_S: f64 = 4_102_444_800.0;

const COLUMNS: [&str; 5] = ["t_pickup", "pickup_lat", "pickup_lon", "dropoff_lat", "dropoff_lon"];

/// A trip that somebody made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordedTrip {
    /// The line of the file it stands on.
    pub line: u64,
    /// When the rider got in.
    pub pickup_at: CityMs,
    /// Where the rider got in.
    pub pickup: LatLng,
    /// Where the rider got out.
    pub dropoff: LatLng,
}

/// The trips of a file, in order of time.
#[derive(Clone, Debug)]
pub struct TripsFile {
    /// Which file.
    pub path: PathBuf,
    /// Its trips, by time of pickup.
    pub trips: Vec<RecordedTrip>,
    /// Rows that were skipped.
    pub broken: BrokenRows,
    /// Good rows before the time asked for.
    pub before: usize,
}

impl TripsFile {
    /// Reads the trips from `from` on; `t_pickup` is in seconds since the Unix epoch (UTC).
    pub fn read(path: &Path, from: Option<CityMs>) -> Result<Self, TableError> {
        let mut trips = Vec::new();
        let mut before = 0;
        let broken = TableFile::open(path, &COLUMNS)?.for_each(|row| {
            let trip = read_trip(row)?;
            if from.is_some_and(|from| trip.pickup_at < from) {
                before += 1;
            } else {
                trips.push(trip);
            }
            Ok(())
        })?;
        trips.sort_by_key(|trip| (trip.pickup_at, trip.line));
        Ok(Self { path: path.to_owned(), trips, broken, before })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "checked to lie before the year 2100")]
fn read_trip(row: &Row<'_>) -> Result<RecordedTrip, String> {
    let position =
        |lat: &str, lon: &str| LatLng::new(row.get(lat)?, row.get(lon)?).map_err(|error| error.to_string());
    let pickup_s: f64 = row.get("t_pickup")?;
    if !(0.0..LATEST_S).contains(&pickup_s) {
        return Err(format!("t_pickup is {pickup_s}, not seconds since 1970"));
    }
    Ok(RecordedTrip {
        line: row.line(),
        pickup_at: CityMs((pickup_s * 1000.0).round() as i64),
        pickup: position("pickup_lat", "pickup_lon")?,
        dropoff: position("dropoff_lat", "dropoff_lon")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str, from: Option<CityMs>) -> Result<TripsFile, TableError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("trips.csv");
        std::fs::write(&path, content).unwrap();
        TripsFile::read(&path, from)
    }

    const HEADER: &str = "t_pickup,cab,pickup_lat,pickup_lon,dropoff_lat,dropoff_lon";

    #[test]
    fn trips_come_in_order_of_time_from_a_time_on() {
        let rows =
            "300,1,37.7,-122.4,37.8,-122.4\n100,2,37.7,-122.4,37.8,-122.4\n200.5,3,37.7,-122.4,37.8,-122.4\n";
        let file = read(&format!("{HEADER}\n{rows}"), Some(CityMs(200_000))).unwrap();
        let times: Vec<(i64, u64)> = file.trips.iter().map(|trip| (trip.pickup_at.0, trip.line)).collect();
        assert_eq!((times, file.before), (vec![(200_500, 4), (300_000, 2)], 1));
    }

    #[test]
    fn broken_trips_are_counted_and_too_many_refused() {
        let good = "300,1,37.7,-122.4,37.8,-122.4\n".repeat(30);
        for bad in
            ["1211018453000,1,37.7,-122.4,37.8,-122.4", "-5,1,1,1,1,1", "300,1,95,0,0,0", "300", ",,,,,"]
        {
            let file = read(&format!("{HEADER}\n{good}{bad}\n"), None).unwrap();
            assert_eq!((file.trips.len(), file.broken.examples[0].line), (30, 32), "{bad}");
            assert!(read(&format!("{HEADER}\n{bad}\n"), None).is_err());
        }
        assert!(read("t_pickup,pickup_lat\n", None).unwrap_err().to_string().contains("\"pickup_lon\""));
    }
}
