//! All trips: what was asked for, what became of it.

use std::collections::{BTreeMap, BTreeSet};

use domain::trip::TripFact;
use domain::{RiderId, TripId};
use events::ride_requests::{RideRequest, Wish};
use events::trip_events::TripEvent;

use super::driver_holds::DriverHolds;
use super::trip_fact::Stage;
use super::trip_history::{TripHistory, Wrong};
use super::{Cut, FindingKind, Findings, Place};

/// Requests and trips by their id.
#[derive(Debug, Default)]
pub(super) struct TripBook {
    requests: BTreeMap<TripId, Request>,
    trips: BTreeMap<TripId, Entry>,
    /// Trips with events that are too young to be judged.
    moving: BTreeSet<TripId>,
    pub(super) holds: DriverHolds,
}

#[derive(Debug)]
struct Request {
    riders: BTreeSet<RiderId>,
    first: Place,
    timestamp_ms: i64,
}

#[derive(Debug)]
struct Entry {
    history: TripHistory,
    first: Place,
    first_ms: i64,
    /// Its first events were removed by retention: the rest is not judged.
    partial: bool,
}

/// One trip, as others look at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct TripView<'a> {
    pub(super) trip: TripId,
    pub(super) history: &'a TripHistory,
    /// Where all its records lie.
    pub(super) partition: i32,
    /// Whether the history is whole and has no events that are too young.
    pub(super) is_settled: bool,
}

impl TripBook {
    /// A wish of a rider.
    pub(super) fn request(&mut self, request: &RideRequest, place: Place, timestamp_ms: i64) {
        if let Wish::Ride { .. } = request.wish {
            let new = || Request { riders: BTreeSet::new(), first: place, timestamp_ms };
            self.requests.entry(request.trip).or_insert_with(new).riders.insert(request.rider);
        }
    }

    /// An event of a trip; those of a trip come in order. `is_whole` says that retention removed none of its partition.
    pub(super) fn event(
        &mut self,
        event: &TripEvent,
        (place, timestamp_ms): (Place, i64),
        cut: Cut,
        is_whole: bool,
        findings: &mut Findings,
    ) {
        if !cut.is_settled(timestamp_ms) {
            self.moving.insert(event.trip);
            return;
        }
        self.holds.event(event, timestamp_ms);
        let Some(entry) = self.trips.get_mut(&event.trip) else {
            let is_first = matches!(event.fact, TripFact::TripRequested { .. });
            if !is_first && is_whole {
                findings.add(FindingKind::EventWithoutRequest, || {
                    format!("{place}: trip {} does not begin with a request", event.trip)
                });
            }
            let (history, partial) = (TripHistory::begin(event), !is_first);
            let entry = Entry { history, first: place, first_ms: timestamp_ms, partial };
            self.trips.insert(event.trip, entry);
            return;
        };
        let trip = event.trip;
        match entry.history.step(event) {
            Some(Wrong::EndedTwice(end)) => {
                findings.add(FindingKind::TripEndedTwice, || {
                    format!("{place}: trip {trip} is {end:?} after its end")
                });
            }
            Some(Wrong::Illegal(_)) if entry.partial => {}
            Some(Wrong::Illegal(what)) => {
                findings.add(FindingKind::IllegalTripStep, || format!("{place}: trip {trip}: {what}"));
            }
            None => {}
        }
    }

    /// Requests without trips and trips without requests. `are_whole` says of a partition whether retention has
    /// removed neither requests nor events; `is_rejected` tells of requests among the dead letters.
    pub(super) fn judge_requests(
        &self,
        cut: Cut,
        are_whole: impl Fn(i32) -> bool,
        is_rejected: impl Fn(&Place) -> bool,
        findings: &mut Findings,
    ) {
        for (trip, entry) in &self.trips {
            let asked =
                self.requests.get(trip).is_some_and(|request| request.riders.contains(&entry.history.rider));
            if !asked && !entry.partial && are_whole(entry.first.partition) {
                findings.add(FindingKind::EventWithoutRequest, || {
                    format!("{}: rider {} never asked for trip {trip}", entry.first, entry.history.rider)
                });
            }
        }
        for (trip, request) in &self.requests {
            let taken_up = self.trips.contains_key(trip) || self.moving.contains(trip);
            let due = cut.is_settled(request.timestamp_ms) && are_whole(request.first.partition);
            if due && !taken_up && !is_rejected(&request.first) {
                findings
                    .add(FindingKind::RequestWithoutTripEvent, || format!("{}: trip {trip}", request.first));
            }
        }
    }

    /// Trips that have not ended: a finding if the city is closed, else a note.
    pub(super) fn judge_open(&self, cut: Cut, findings: &mut Findings, notes: &mut Vec<String>) {
        let open = self.trips.iter().filter(|(_, entry)| !entry.history.stage.is_end());
        let age_s = |entry: &Entry| (cut.now_ms() - entry.first_ms) / 1000;
        if cut.is_closed() {
            for (trip, entry) in open {
                findings.add(FindingKind::TripOpen, || {
                    format!(
                        "{}: trip {trip} is {:?} after {} s",
                        entry.first,
                        entry.history.stage,
                        age_s(entry)
                    )
                });
            }
            return;
        }
        let ages: Vec<i64> =
            open.filter(|(trip, _)| !self.moving.contains(trip)).map(|(_, entry)| age_s(entry)).collect();
        if let Some(oldest) = ages.iter().max() {
            notes.push(format!("{} trips are open, the oldest for {oldest} s", ages.len()));
        }
    }

    /// All trips.
    pub(super) fn trips(&self) -> impl Iterator<Item = TripView<'_>> {
        self.trips.iter().map(|(trip, entry)| TripView {
            trip: *trip,
            history: &entry.history,
            partition: entry.first.partition,
            is_settled: !entry.partial && !self.moving.contains(trip),
        })
    }

    /// A trip.
    pub(super) fn trip(&self, trip: TripId) -> Option<&TripHistory> {
        self.trips.get(&trip).map(|entry| &entry.history)
    }

    /// Whether a trip has any event, however young.
    pub(super) fn knows(&self, trip: TripId) -> bool {
        self.trips.contains_key(&trip) || self.moving.contains(&trip)
    }

    /// How many trips there are, by what became of them.
    pub(super) fn count(&self, stage: Stage) -> u64 {
        self.trips.values().filter(|entry| entry.history.stage == stage).count() as u64
    }

    /// How many rides were asked for.
    pub(super) fn request_count(&self) -> u64 {
        self.requests.len() as u64
    }

    /// How many trips have lost their beginning to retention.
    pub(super) fn partial_count(&self) -> usize {
        self.trips.values().filter(|entry| entry.partial).count()
    }
}
