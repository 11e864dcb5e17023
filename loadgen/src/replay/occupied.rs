//! Recorded trips, of a file of trips or of positions: who is occupied for a while has made one.

use std::path::Path;

use anyhow::ensure;
use domain::CityMs;
use roads::{RecordedTrip, TripsFile, table_file};

use super::columns::{Columns, Mapping};
use super::pings_file::{PingsFile, RawPing};

/// Shorter is a flag that was touched, longer one that was forgotten.
const TRIP_MS: std::ops::RangeInclusive<i64> = 60_000..=7_200_000;

/// With fewer nothing is known of the way.
const LEAST_PINGS: u32 = 3;

/// Nobody takes a cab for less.
const LEAST_APART_M: f64 = 100.0;

/// A car's positions since it became occupied.
#[derive(Clone, Copy, Debug)]
struct Occupied {
    pickup: RawPing,
    last: RawPing,
    pings: u32,
}

/// Reads the trips from `from` on, of a file of recorded trips or of positions with a column for who is occupied; its
/// header tells which it is. Of positions, the pickup is the first occupied one and the drop-off the last.
///
/// # Errors
/// If it can't be read or has no such column.
pub(crate) fn recorded_trips(path: &Path, from: Option<CityMs>) -> anyhow::Result<TripsFile> {
    if !Columns::are_known(&table_file::header(path)?) {
        return Ok(TripsFile::read(path, from)?);
    }
    let file = PingsFile::open(path, &Mapping::default(), 0.0)?;
    ensure!(
        file.tells_occupied(),
        "{}: positions without a column occ tell no trips; replay them, or take a file of trips",
        path.display()
    );
    let mut trips = Vec::new();
    let mut cars: Vec<Option<Occupied>> = Vec::new();
    let rows = file.for_each(|ping| {
        let car = ping.cab as usize;
        if cars.len() <= car {
            cars.resize(car + 1, None);
        }
        trips.extend(observe(&mut cars[car], ping));
    })?;
    trips.extend(cars.into_iter().flatten().filter_map(Occupied::trip));
    trips.sort_by_key(|trip| (trip.pickup_at, trip.line));
    let before = from.map_or(0, |from| trips.partition_point(|trip| trip.pickup_at < from));
    trips.drain(..before);
    Ok(TripsFile { path: path.to_owned(), trips, broken: rows.broken, before })
}

/// Takes a car's next position; gives the trip that ended before it.
fn observe(car: &mut Option<Occupied>, ping: &RawPing) -> Option<RecordedTrip> {
    if ping.occupied != Some(true) {
        return car.take().and_then(Occupied::trip);
    }
    let pings = car.map_or(0, |car| car.pings) + 1;
    let pickup = car.map_or(*ping, |car| car.pickup);
    *car = Some(Occupied { pickup, last: *ping, pings });
    None
}

impl Occupied {
    fn trip(self) -> Option<RecordedTrip> {
        let (pickup, dropoff) = (self.pickup.position, self.last.position);
        let is_trip = TRIP_MS.contains(&(self.last.at_ms - self.pickup.at_ms))
            && self.pings >= LEAST_PINGS
            && pickup.distance_m(dropoff) >= LEAST_APART_M;
        let pickup_at = CityMs(self.pickup.at_ms);
        is_trip.then_some(RecordedTrip { line: self.pickup.line, pickup_at, pickup, dropoff })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LatLng;

    fn read(content: &str, from: Option<CityMs>) -> anyhow::Result<TripsFile> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("recorded.csv");
        std::fs::write(&path, content).unwrap();
        recorded_trips(&path, from)
    }

    /// A file of one car: time, latitude, occupied.
    fn of_one_car(rows: &[(i64, f64, u8)]) -> String {
        let rows = rows.iter().map(|(t, lat, occupied)| format!("{t},7,{lat},0.5,{occupied}\n"));
        std::iter::once("t,cab,lat,lon,occ\n".to_owned()).chain(rows).collect()
    }

    #[test]
    fn a_trip_goes_from_the_first_occupied_position_to_the_last() {
        let rows = [(0, 46.0, 0), (60, 46.01, 1), (120, 46.02, 1), (180, 46.03, 1), (240, 46.04, 0)];
        let at = |lat| LatLng { lat, lon: 0.5 };
        let trip = RecordedTrip { line: 3, pickup_at: CityMs(60_000), pickup: at(46.01), dropoff: at(46.03) };
        assert_eq!(read(&of_one_car(&rows), None).unwrap().trips, [trip]);
        let later = read(&of_one_car(&rows), Some(CityMs(60_001))).unwrap();
        assert_eq!((later.trips.len(), later.before), (0, 1));
    }

    #[test]
    fn what_is_no_trip_is_left_out() {
        for (what, rows) in [
            ("too short", [(0, 46.0, 1), (20, 46.01, 1), (59, 46.02, 1)]),
            ("too long", [(0, 46.0, 1), (20, 46.01, 1), (7201, 46.02, 1)]),
            ("too few positions", [(0, 46.0, 1), (100, 46.02, 1), (120, 46.02, 0)]),
            ("back where it began", [(0, 46.0, 1), (60, 46.02, 1), (120, 46.0008, 1)]),
        ] {
            assert!(read(&of_one_car(&rows), None).unwrap().trips.is_empty(), "{what}");
        }
        let whole = [(0, 46.0, 1), (30, 46.01, 1), (60, 46.001, 1)];
        assert_eq!(read(&of_one_car(&whole), None).unwrap().trips.len(), 1, "the end of the file ends it");
    }

    #[test]
    fn cars_are_told_apart_and_trips_come_by_time_of_pickup() {
        let rows = "0,a,46,0,0\n1,b,47,0,1\n2,a,46,0,1\n60,b,47.1,0,1\n61,a,46.1,0,1\n90,a,46.2,0,1\n91,a,46.3,0,0\n\
                    99,b,47.3,0,1\n";
        let trips = read(&format!("t,cab,lat,lon,occ\n{rows}"), None).unwrap().trips;
        let lines: Vec<(u64, f64)> = trips.iter().map(|trip| (trip.line, trip.dropoff.lat)).collect();
        assert_eq!(lines, [(3, 47.3), (4, 46.2)]);
    }

    #[test]
    fn files_of_trips_are_read_as_before_and_others_are_told() {
        let trips =
            "t_pickup,cab,pickup_lat,pickup_lon,dropoff_lat,dropoff_lon\n300,1,37.7,-122.4,37.8,-122.4\n";
        assert_eq!(read(trips, None).unwrap().trips.len(), 1);
        let error = read("a,b\n", None).unwrap_err().to_string();
        assert!(error.contains("\"t_pickup\" is missing"), "{error}");
        let error = read("t_local,taxi,lat,lon\n2008-02-04T16:00:00,1,1,1\n", None).unwrap_err().to_string();
        assert!(error.contains("without a column occ"), "{error}");
    }
}
