//! The rides that are asked for beside a replay: what is known of them before anything is started.

use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::ensure;
use domain::CityMs;

use super::config::TripsOptions;
use super::occupied::recorded_trips;
use crate::model::junctions_of;

/// What a file holds of rides to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rides {
    /// How many can be driven.
    pub drivable: usize,
    /// How many can't, since an end lies off the roads.
    pub off_road: usize,
    /// What was wrong with the file, or left out, but could be passed over.
    pub remarks: Vec<String>,
}

/// Reads the rides whose pickup lies in a span of recorded time, and looks for them on the roads of a folder, or of the
/// generated city of the seed.
///
/// # Errors
/// If a file can't be used: why, with file and line; and if there is no ride that can be driven.
pub fn rides(
    path: &Path,
    options: &TripsOptions,
    span: &RangeInclusive<CityMs>,
    city: Option<&Path>,
    city_seed: u64,
) -> anyhow::Result<Rides> {
    let found = recorded_trips(path, options, Some(*span.start()))?;
    let network = city::Roads { city: city.map(Path::to_owned), city_seed }.load()?;
    let trips = &found.file.trips;
    let trips = &trips[..trips.partition_point(|trip| trip.pickup_at <= *span.end())];
    let drivable = trips.iter().filter(|trip| junctions_of(&network, trip).is_ok()).count();
    let path = path.display();
    ensure!(!trips.is_empty(), "{path}: no ride begins in the time that is replayed");
    ensure!(
        drivable > 0,
        "{path}: none of its {} rides lies on the roads; tell those of the recording with --city DIR",
        trips.len()
    );
    Ok(Rides { drivable, off_road: trips.len() - drivable, remarks: found.remarks() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::on_roads::tests::town;

    const RIDES: &str = "t_pickup,pickup_lat,pickup_lon,dropoff_lat,dropoff_lon\n\
        100,46.001,0.5,46.008,0.5\n200,46.001,0.5,46.008,0.5\n200,47,0.5,46.008,0.5\n300,46.001,0.5,46.008,0.5\n";

    fn read(seconds: RangeInclusive<i64>) -> Result<Rides, String> {
        let dir = town();
        let path = dir.path().join("trips.csv");
        std::fs::write(&path, RIDES).unwrap();
        let span = CityMs(seconds.start() * 1000)..=CityMs(seconds.end() * 1000);
        rides(&path, &TripsOptions::default(), &span, Some(dir.path()), 1)
            .map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn rides_of_the_span_are_counted_by_whether_they_can_be_driven() {
        assert_eq!(read(100..=200), Ok(Rides { drivable: 2, off_road: 1, remarks: vec![] }));
        assert_eq!(read(250..=900), Ok(Rides { drivable: 1, off_road: 0, remarks: vec![] }));
    }

    #[test]
    fn a_file_without_a_ride_to_ask_for_is_refused() {
        assert!(read(301..=900).unwrap_err().contains("no ride begins in the time that is replayed"));
        let dir = town();
        let path = dir.path().join("trips.csv");
        std::fs::write(&path, RIDES.replace("46.0", "12.0")).unwrap();
        let span = CityMs(0)..=CityMs(400_000);
        let error = rides(&path, &TripsOptions::default(), &span, None, 1).unwrap_err();
        assert!(error.to_string().contains("none of its 4 rides lies on the roads"), "{error}");
    }
}
