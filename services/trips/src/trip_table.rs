//! The trips of one partition, by id and by the moment at which their present state times out.

use std::collections::{BTreeMap, BTreeSet};

use domain::trip::Trip;
use domain::{RealMs, TripId};

/// The trips of one partition.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TripTable {
    trips: BTreeMap<TripId, Trip>,
    /// One entry for each trip.
    deadlines: BTreeSet<(RealMs, TripId)>,
}

impl TripTable {
    /// A trip as it is now.
    pub(crate) fn get(&self, id: TripId) -> Option<&Trip> {
        self.trips.get(&id)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.trips.len()
    }

    /// Keeps a trip in its new state.
    pub(crate) fn put(&mut self, trip: Trip) {
        self.deadlines.insert((trip.deadline, trip.id));
        let (id, deadline) = (trip.id, trip.deadline);
        if let Some(before) = self.trips.insert(id, trip)
            && before.deadline != deadline
        {
            self.deadlines.remove(&(before.deadline, id));
        }
    }

    /// Forgets a trip.
    pub(crate) fn remove(&mut self, id: TripId) {
        if let Some(trip) = self.trips.remove(&id) {
            self.deadlines.remove(&(trip.deadline, id));
        }
    }

    /// The trip whose state has timed out the longest ago.
    pub(crate) fn due(&self, now: RealMs) -> Option<&Trip> {
        let (_, id) = self.deadlines.first().filter(|(deadline, _)| *deadline <= now)?;
        self.trips.get(id)
    }
}
