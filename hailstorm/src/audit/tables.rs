//! The tables of trips and drivers, against the events.

use std::collections::BTreeMap;

use domain::driver::Driver;
use domain::trip::{Trip, TripStatus};
use domain::{DriverId, RiderId, TripId};
use events::Cleanup;

use super::trip_book::{TripBook, TripView};
use super::trip_fact::Stage;
use super::{Cut, FindingKind, Findings};

/// The last row of every key.
#[derive(Debug, Default)]
pub(super) struct Tables {
    trips: BTreeMap<TripId, (Option<TripRow>, i64)>,
    /// Drivers that are kept for a trip.
    held: BTreeMap<DriverId, TripId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TripRow {
    rider: RiderId,
    stage: Stage,
    driver: Option<DriverId>,
}

impl Tables {
    /// A row of the table of trips; those of a trip come in order. `None` is a removal.
    pub(super) fn trip(&mut self, trip: TripId, row: Option<&Trip>, timestamp_ms: i64) {
        self.trips.insert(trip, (row.map(TripRow::of), timestamp_ms));
    }

    /// A row of the table of drivers; those of a driver come in order. `None` is a removal.
    pub(super) fn driver(&mut self, driver: DriverId, row: Option<&Driver>) {
        match row.and_then(|row| row.assignment) {
            Some(assignment) => self.held.insert(driver, assignment.trip),
            None => self.held.remove(&driver),
        };
    }

    /// Compares the last row of each trip with its events; in a closed city no driver is held for an ended trip.
    /// `all_whole` says that retention has removed no event.
    pub(super) fn judge(&self, book: &TripBook, cut: Cut, all_whole: bool, findings: &mut Findings) {
        for view in book.trips().filter(|view| view.is_settled) {
            if let Some(what) = self.trip_difference(&view, cut) {
                findings.add(FindingKind::SnapshotDiffers, || format!("trip {}: {what}", view.trip));
            }
        }
        for (trip, (row, timestamp_ms)) in &self.trips {
            if row.is_some() && cut.is_settled(*timestamp_ms) && all_whole && !book.knows(*trip) {
                findings.add(FindingKind::SnapshotDiffers, || {
                    format!("trip {trip} is in the table and has no event")
                });
            }
        }
        for (driver, trip) in self.held.iter().filter(|_| cut.is_closed()) {
            let what = match book.trip(*trip) {
                Some(history) if history.stage.is_end() => format!("which is {:?}", history.stage),
                None if all_whole => "which has no event".to_owned(),
                Some(_) | None => continue,
            };
            findings.add(FindingKind::SnapshotDiffers, || {
                format!("driver {driver} is held for trip {trip}, {what}")
            });
        }
    }

    fn trip_difference(&self, view: &TripView<'_>, cut: Cut) -> Option<String> {
        let told =
            TripRow { rider: view.history.rider, stage: view.history.stage, driver: view.history.holding() };
        match self.trips.get(&view.trip) {
            Some((_, timestamp_ms)) if !cut.is_settled(*timestamp_ms) => None,
            Some((Some(row), _)) if *row != told => {
                Some(format!("the table has {row:?}, the events tell {told:?}"))
            }
            Some((Some(_), _)) => None,
            Some((None, _)) | None if told.stage.is_end() => None,
            Some((None, _)) | None => Some(format!("not in the table, the events tell {told:?}")),
        }
    }
}

impl TripRow {
    fn of(trip: &Trip) -> Self {
        let (stage, driver) = match trip.status {
            TripStatus::Requested => (Stage::Requested, None),
            TripStatus::Offered { driver } => (Stage::Offered, Some(driver)),
            TripStatus::Matched { driver } => (Stage::Matched, Some(driver)),
            TripStatus::Arrived { driver } => (Stage::Arrived, Some(driver)),
            TripStatus::Started { driver, .. } => (Stage::Started, Some(driver)),
            TripStatus::Completed { driver } => (Stage::Completed, Some(driver)),
            TripStatus::Cancelled => (Stage::Cancelled, None),
            TripStatus::Unfulfilled => (Stage::Unfulfilled, None),
        };
        Self { rider: trip.rider, stage, driver }
    }
}

/// Whether a topic keeps the last row of every key.
pub(super) fn is_table(topic: &str) -> bool {
    let contract = events::ALL.iter().find(|contract| contract.name == topic);
    contract.is_some_and(|contract| contract.cleanup == Cleanup::Compact)
}
