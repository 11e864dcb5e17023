//! Recorded trips, of a file of trips or of positions: who becomes occupied and then free again has made one.

use std::fmt;
use std::path::Path;

use anyhow::ensure;
use domain::CityMs;
use roads::{RecordedTrip, TripsFile, table_file};

use super::columns::{Columns, Mapping};
use super::config::TripsOptions;
use super::pings_file::{PingsFile, RawPing};

/// Shorter is a flag that was touched, longer one that was forgotten.
const TRIP_MS: std::ops::RangeInclusive<i64> = 60_000..=7_200_000;

/// With fewer nothing is known of the way.
const LEAST_PINGS: u32 = 3;

/// Nobody takes a cab for less.
const LEAST_APART_M: f64 = 100.0;

/// No cab is faster from pickup to drop-off: at one of them GPS has jumped.
const FASTEST_MPS: f64 = 40.0;

/// Who was silent for longer may have let one rider out and taken in another, or begun and ended somewhere else.
const LONGEST_SILENCE_MS: i64 = 300_000;

/// The trips of a file, and what else it told.
#[derive(Clone, Debug)]
pub(crate) struct RecordedTrips {
    pub(crate) file: TripsFile,
    left_out: LeftOut,
    /// Rows that stood after later ones and were put into order.
    late: u64,
}

/// Rides of an occupied flag that are not asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// They were under way when the recording began or ended.
    open: usize,
    /// They can't be true: too short, too long, too fast, back where they began, or with a long silence.
    unlikely: usize,
}

/// What a car is known to do.
#[derive(Clone, Copy, Debug, Default)]
enum Car {
    #[default]
    Unseen,
    Free {
        seen_at_ms: i64,
    },
    Occupied(Ride),
}

/// A car's positions since it became occupied.
#[derive(Clone, Copy, Debug)]
struct Ride {
    pickup: RawPing,
    last: RawPing,
    pings: u32,
    longest_silence_ms: i64,
    /// It was seen free before, so that its beginning is known.
    has_beginning: bool,
}

/// Why a ride is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoTrip {
    Open,
    Unlikely,
}

/// Reads the trips from `from` on, of a file of recorded trips or of positions with a column for who is occupied; its
/// header, or that its columns are named, tells which it is. Of positions, the pickup is the first occupied one after a
/// free one, and the drop-off the last before the next free one.
///
/// # Errors
/// If it can't be read, has no such column, or is not sorted by time.
pub(crate) fn recorded_trips(
    path: &Path,
    options: &TripsOptions,
    from: Option<CityMs>,
) -> anyhow::Result<RecordedTrips> {
    if options.trips_columns == Mapping::default() && !Columns::are_known(&table_file::header(path)?) {
        let file = TripsFile::read(path, from)?;
        return Ok(RecordedTrips { file, left_out: LeftOut::default(), late: 0 });
    }
    trips_of_positions(path, options, from)
}

fn trips_of_positions(
    path: &Path,
    options: &TripsOptions,
    from: Option<CityMs>,
) -> anyhow::Result<RecordedTrips> {
    let file = PingsFile::open(path, &options.trips_columns, options.trips_utc_offset_h)?;
    ensure!(
        file.tells_occupied(),
        "{}: positions without a column occ tell no trips; name it with --columns occupied=NAME, or take a file of trips",
        path.display()
    );
    let mut rides: Vec<(Ride, Result<RecordedTrip, NoTrip>)> = Vec::new();
    let mut cars: Vec<Car> = Vec::new();
    let rows = file.for_each(|ping| {
        let car = ping.cab as usize;
        if cars.len() <= car {
            cars.resize(car + 1, Car::default());
        }
        rides.extend(observe(&mut cars[car], ping).map(|ride| (ride, ride.ended(ping.at_ms))));
    })?;
    let under_way = cars.into_iter().filter_map(|car| match car {
        Car::Occupied(ride) => Some((ride, Err(NoTrip::Open))),
        Car::Unseen | Car::Free { .. } => None,
    });
    rides.extend(under_way);
    let all = rides.len();
    rides.retain(|(ride, _)| from.is_none_or(|from| ride.pickup.at_ms >= from.0));
    let before = all - rides.len();
    let without = |why| rides.iter().filter(|(_, trip)| *trip == Err(why)).count();
    let left_out = LeftOut { open: without(NoTrip::Open), unlikely: without(NoTrip::Unlikely) };
    let mut trips: Vec<RecordedTrip> = rides.into_iter().filter_map(|(_, trip)| trip.ok()).collect();
    trips.sort_by_key(|trip| (trip.pickup_at, trip.line));
    let file = TripsFile { path: path.to_owned(), trips, broken: rows.broken, before };
    Ok(RecordedTrips { file, left_out, late: rows.late })
}

/// Takes a car's next position; gives the ride that is over with it.
fn observe(car: &mut Car, ping: &RawPing) -> Option<Ride> {
    let occupied = ping.occupied == Some(true);
    let begin = |longest_silence_ms, has_beginning| {
        Car::Occupied(Ride { pickup: *ping, last: *ping, pings: 1, longest_silence_ms, has_beginning })
    };
    let (next, ended) = match *car {
        Car::Occupied(ride) if occupied => (Car::Occupied(ride.with(ping)), None),
        Car::Occupied(ride) => (Car::Free { seen_at_ms: ping.at_ms }, Some(ride)),
        Car::Unseen | Car::Free { .. } if !occupied => (Car::Free { seen_at_ms: ping.at_ms }, None),
        Car::Unseen => (begin(0, false), None),
        Car::Free { seen_at_ms } => (begin(ping.at_ms - seen_at_ms, true), None),
    };
    *car = next;
    ended
}

impl Ride {
    fn with(self, ping: &RawPing) -> Self {
        let longest_silence_ms = self.longest_silence_ms.max(ping.at_ms - self.last.at_ms);
        Self { last: *ping, pings: self.pings + 1, longest_silence_ms, ..self }
    }

    /// The trip it was, if the car was seen free at that time.
    #[expect(clippy::cast_precision_loss, reason = "two hours in ms at most")]
    fn ended(self, free_at_ms: i64) -> Result<RecordedTrip, NoTrip> {
        if !self.has_beginning {
            return Err(NoTrip::Open);
        }
        let (pickup, dropoff) = (self.pickup.position, self.last.position);
        let (took_ms, apart_m) = (self.last.at_ms - self.pickup.at_ms, pickup.distance_m(dropoff));
        let silence_ms = self.longest_silence_ms.max(free_at_ms - self.last.at_ms);
        let is_trip = TRIP_MS.contains(&took_ms)
            && self.pings >= LEAST_PINGS
            && silence_ms <= LONGEST_SILENCE_MS
            && apart_m >= LEAST_APART_M
            && apart_m <= took_ms as f64 / 1000.0 * FASTEST_MPS;
        let pickup_at = CityMs(self.pickup.at_ms);
        let trip = RecordedTrip { line: self.pickup.line, pickup_at, pickup, dropoff };
        if is_trip { Ok(trip) } else { Err(NoTrip::Unlikely) }
    }
}

impl RecordedTrips {
    /// What could be passed over, for people to read.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let path = self.file.path.display();
        let broken = &self.file.broken;
        let rows = broken.examples.iter();
        let mut remarks: Vec<String> =
            rows.map(|row| format!("{path} line {}: {}; row skipped", row.line, row.what)).collect();
        if broken.broken > 0 {
            remarks.push(format!("{path}: {broken}"));
        }
        if self.late > 0 {
            remarks
                .push(format!("{path}: {} rows stood after later ones and were put into order", self.late));
        }
        if self.left_out != LeftOut::default() {
            remarks.push(format!("{path}: {}", self.left_out));
        }
        remarks
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "rides left out: {} under way when the recording began or ended, {} that can't be true",
            self.open, self.unlikely
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LatLng;

    fn read_as(content: &str, options: &TripsOptions, from: Option<CityMs>) -> anyhow::Result<RecordedTrips> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("recorded.csv");
        std::fs::write(&path, content).unwrap();
        recorded_trips(&path, options, from)
    }

    fn read(content: &str, from: Option<CityMs>) -> anyhow::Result<RecordedTrips> {
        read_as(content, &TripsOptions::default(), from)
    }

    /// A file of one car: seconds after 1000, latitude, occupied.
    fn of_one_car(rows: &[(i64, f64, u8)]) -> String {
        let rows = rows.iter().map(|(t, lat, occupied)| format!("{},7,{lat},0.5,{occupied}\n", t + 1000));
        std::iter::once("t,cab,lat,lon,occ\n".to_owned()).chain(rows).collect()
    }

    #[test]
    fn a_trip_goes_from_the_first_occupied_position_to_the_last() {
        let rows = [(0, 46.0, 0), (60, 46.01, 1), (120, 46.02, 1), (180, 46.03, 1), (240, 46.04, 0)];
        let at = |lat| LatLng { lat, lon: 0.5 };
        let trip =
            RecordedTrip { line: 3, pickup_at: CityMs(1_060_000), pickup: at(46.01), dropoff: at(46.03) };
        let found = read(&of_one_car(&rows), None).unwrap();
        assert_eq!((found.file.trips.as_slice(), found.left_out), (&[trip][..], LeftOut::default()));
        assert_eq!(found.remarks(), Vec::<String>::new());
        let later = read(&of_one_car(&rows), Some(CityMs(1_060_001))).unwrap().file;
        assert_eq!((later.trips.len(), later.before), (0, 1));
    }

    #[test]
    fn a_ride_under_way_when_the_recording_begins_or_ends_is_left_out_and_counted() {
        let whole = [(300, 46.0, 0), (360, 46.01, 1), (420, 46.02, 1), (480, 46.03, 1), (540, 46.03, 0)];
        let begun = [(0, 46.0, 1), (60, 46.01, 1), (120, 46.02, 1)];
        let unended = [(600, 46.0, 1), (660, 46.01, 1), (720, 46.02, 1)];
        let rows: Vec<_> = begun.into_iter().chain(whole).chain(unended).collect();
        let found = read(&of_one_car(&rows), None).unwrap();
        assert_eq!((found.file.trips.len(), found.file.trips[0].line), (1, 6));
        assert_eq!(found.left_out, LeftOut { open: 2, unlikely: 0 });
        assert!(found.remarks()[0].contains("2 under way when the recording began or ended, 0 that can't"));
        let later = read(&of_one_car(&rows), Some(CityMs(1_400_000))).unwrap();
        assert_eq!(
            (later.file.before, later.left_out.open),
            (2, 1),
            "what lies before the time is not counted"
        );
    }

    #[test]
    fn what_is_no_trip_is_left_out() {
        for (what, rows) in [
            ("too short", vec![(0, 46.01, 1), (20, 46.01, 1), (59, 46.02, 1)]),
            ("too long", (0..=25).map(|row| (row * 290, 46.0 + row as f64 * 1e-3, 1)).collect()),
            ("too few positions", vec![(0, 46.0, 1), (100, 46.02, 1)]),
            ("back where it began", vec![(0, 46.0, 1), (60, 46.02, 1), (120, 46.0008, 1)]),
            ("ended by a jump", vec![(0, 46.0, 1), (60, 46.01, 1), (120, 46.1, 1)]),
            ("silent on the way", vec![(0, 46.0, 1), (60, 46.01, 1), (361, 46.02, 1)]),
        ] {
            let last_s = rows[rows.len() - 1].0;
            let around = |rows: &[_]| [&[(-9, 46.0, 0)], rows, &[(last_s + 9, 46.0, 0)]].concat();
            let found = read(&of_one_car(&around(&rows)), None).unwrap();
            assert_eq!(
                (found.file.trips.len(), found.left_out),
                (0, LeftOut { open: 0, unlikely: 1 }),
                "{what}"
            );
        }
        let ride = [(0, 46.01, 1), (60, 46.02, 1), (120, 46.03, 1)];
        for (free, taken) in [((-9, 129), 1), ((-301, 129), 0), ((-9, 421), 0)] {
            let rows = [&[(free.0, 46.0, 0)], &ride[..], &[(free.1, 46.0, 0)]].concat();
            assert_eq!(read(&of_one_car(&rows), None).unwrap().file.trips.len(), taken, "{free:?}");
        }
    }

    #[test]
    fn a_jump_on_the_way_is_no_reason_to_leave_a_ride_out() {
        let rows =
            [(0, 46.0, 0), (60, 46.01, 1), (120, 47.9, 1), (180, 46.02, 1), (240, 46.03, 1), (300, 46.04, 0)];
        assert_eq!(read(&of_one_car(&rows), None).unwrap().file.trips.len(), 1);
    }

    #[test]
    fn cars_are_told_apart_and_trips_come_by_time_of_pickup() {
        let rows = "0,a,46,0,0\n0,b,46,0,0\n1,b,47,0,1\n2,a,46,0,1\n60,b,47.01,0,1\n61,a,46.01,0,1\n\
                    90,a,46.02,0,1\n91,a,46.3,0,0\n99,b,47.03,0,1\n101,b,47.03,0,0\n";
        let trips = read(&format!("t,cab,lat,lon,occ\n{rows}"), None).unwrap().file.trips;
        let lines: Vec<(u64, f64)> = trips.iter().map(|trip| (trip.line, trip.dropoff.lat)).collect();
        assert_eq!(lines, [(4, 47.03), (5, 46.02)]);
    }

    #[test]
    fn columns_of_other_names_and_local_times_can_be_told() {
        let row = |(minute, lat, hired): (u32, f64, bool)| {
            format!("2008-02-04T16:{minute:02}:00,x,{lat},0.5,{hired}\n")
        };
        let rows =
            [(0, 46.0, false), (1, 46.01, true), (2, 46.02, true), (3, 46.03, true), (4, 46.04, false)];
        let content = format!("ts,car,lat,lon,hired\n{}", rows.map(row).concat());
        let options = TripsOptions {
            trips_columns: "time=ts,driver=car,occupied=hired".parse().unwrap(),
            trips_utc_offset_h: 8.0,
            trips_begin_now: false,
        };
        let found = read_as(&content, &options, None).unwrap();
        assert_eq!(found.file.trips[0].pickup_at, CityMs(1_202_112_060_000));
        assert!(read(&content, None).is_err());
    }

    #[test]
    fn rows_in_disorder_are_sorted_and_told_or_refused() {
        let mut rows = vec![(0, 46.0, 0), (60, 46.01, 1), (120, 46.02, 1), (180, 46.03, 1), (240, 46.04, 0)];
        rows.swap(2, 3);
        let found = read(&of_one_car(&rows), None).unwrap();
        assert_eq!((found.file.trips.len(), found.file.trips[0].dropoff.lat), (1, 46.03));
        assert!(found.remarks()[0].contains("1 rows stood after later ones"), "{:?}", found.remarks());
        rows.push((-61, 46.0, 0));
        let error = read(&of_one_car(&rows), None).unwrap_err().to_string();
        assert!(error.contains("line 7: the row lies 301 s before an earlier one"), "{error}");
    }

    #[test]
    fn files_of_trips_are_read_as_before_and_others_are_told() {
        let trips =
            "t_pickup,cab,pickup_lat,pickup_lon,dropoff_lat,dropoff_lon\n300,1,37.7,-122.4,37.8,-122.4\n";
        assert_eq!(read(trips, None).unwrap().file.trips.len(), 1);
        let error = read("a,b\n", None).unwrap_err().to_string();
        assert!(error.contains("\"t_pickup\" is missing"), "{error}");
        let error = read("t_local,taxi,lat,lon\n2008-02-04T16:00:00,1,1,1\n", None).unwrap_err().to_string();
        assert!(error.contains("without a column occ"), "{error}");
    }
}
