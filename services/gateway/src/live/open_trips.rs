//! Open trips as the map shows them, all of them to every viewer who wants them.

use std::collections::BTreeMap;

use axum::extract::ws::Message;
use domain::TripId;

use crate::view::{OpenTrip, Phase, TripChange};

use super::frames::{self, Stamp};
use super::versions::{Owed, Shared, Tick, Versions};

/// All open trips.
#[derive(Debug, Default)]
pub(crate) struct OpenTrips {
    trips: BTreeMap<TripId, OpenTrip>,
    versions: Versions,
    changed: Vec<TripId>,
    gone: Vec<TripId>,
    changes: Shared,
    all: Shared,
    by_phase: [u32; 5],
}

impl OpenTrips {
    /// Takes in what changed; `tick` is the picture that is being made.
    pub(crate) fn advance(&mut self, tick: Tick, changes: &[TripChange]) {
        for change in changes {
            let before = match change.open {
                Some(open) => self.trips.insert(change.id, open),
                None => self.trips.remove(&change.id),
            };
            if before == change.open {
                continue;
            }
            if self.versions.touch(tick) {
                self.changed.clear();
                self.gone.clear();
                self.changes.forget();
                self.all.forget();
            }
            let list = if change.open.is_some() { &mut self.changed } else { &mut self.gone };
            list.push(change.id);
            if let Some(before) = before {
                self.by_phase[index(before.phase)] -= 1;
            }
            if let Some(open) = change.open {
                self.by_phase[index(open.phase)] += 1;
            }
        }
    }

    /// What a viewer who was last told at that tick is owed.
    pub(crate) fn frames(&mut self, stamp: Stamp, told: Option<Tick>) -> &[Message] {
        match self.versions.owed(told) {
            Owed::Nothing => &[],
            Owed::Changes => {
                let (changed, gone, trips) = (&self.changed, &self.gone, &self.trips);
                self.changes.get(stamp.tick, || {
                    let changed = changed.iter().filter_map(|id| Some((*id, *trips.get(id)?)));
                    frames::trip_changes(stamp, &changed.collect::<Vec<_>>(), gone)
                })
            }
            Owed::Whole => {
                let trips = &self.trips;
                self.all.get(stamp.tick, || {
                    frames::all_trips(stamp, &trips.iter().map(|(id, trip)| (*id, *trip)).collect::<Vec<_>>())
                })
            }
        }
    }

    /// How many there are requested, offered, matched, arrived, started.
    pub(crate) fn by_phase(&self) -> [u32; 5] {
        self.by_phase
    }
}

fn index(phase: Phase) -> usize {
    match phase {
        Phase::Requested => 0,
        Phase::Offered => 1,
        Phase::Matched => 2,
        Phase::Arrived => 3,
        Phase::Started => 4,
    }
}

#[cfg(test)]
mod tests {
    use testkit::town;

    use super::*;

    fn open(phase: Phase) -> Option<OpenTrip> {
        let (pickup, dropoff) = (town::PICKUP, town::PICKUP.offset_m(900.0, 0.0));
        Some(OpenTrip { pickup, dropoff, driver: None, phase, surge: 100 })
    }

    fn change(number: u32, open: Option<OpenTrip>) -> TripChange {
        TripChange { id: town::trip(number), open }
    }

    /// Kind, entries and gone of what is owed.
    fn owed(trips: &mut OpenTrips, tick: Tick, told: Option<Tick>) -> Option<[u8; 3]> {
        match trips.frames(Stamp { tile: None, tick, now_ms: 0 }, told) {
            [] => None,
            [Message::Binary(bytes)] => Some([bytes[0], bytes[16], bytes[20]]),
            frames => panic!("{frames:?}"),
        }
    }

    #[test]
    fn new_viewers_get_all_trips_others_what_changed() {
        let mut trips = OpenTrips::default();
        assert_eq!(owed(&mut trips, 0, None), Some([4, 0, 0]), "that there is none is told too");
        trips.advance(1, &[change(1, open(Phase::Requested)), change(2, open(Phase::Started))]);
        trips.advance(2, &[change(1, None), change(2, open(Phase::Started)), change(3, None)]);
        assert_eq!(owed(&mut trips, 2, None), Some([4, 1, 0]));
        assert_eq!(owed(&mut trips, 2, Some(1)), Some([5, 0, 1]));
        assert_eq!(owed(&mut trips, 2, Some(0)), Some([4, 1, 0]));
        assert_eq!(owed(&mut trips, 2, Some(2)), None);
        assert_eq!(trips.by_phase(), [0, 0, 0, 0, 1]);
        trips.advance(3, &[change(2, open(Phase::Started))]);
        assert_eq!(owed(&mut trips, 3, Some(2)), None, "the same again is no change");
    }
}
