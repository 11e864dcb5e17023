//! Trips that are open or ended a short while ago, with what was told of them last.

use std::collections::{BTreeMap, BTreeSet};

use domain::TripId;
use domain::trip::Trip;
use events::eta_updates::EtaUpdate;
use events::fares::{FareEvent, FareKind};
use uuid::Uuid;

use super::changes::{OpenTrip, TripChange};

/// A trip as it is known here.
#[derive(Clone, Debug, PartialEq)]
pub struct TripView {
    /// Its state in the `trips` table.
    pub trip: Trip,
    /// The newest estimate; gone when the trip has ended.
    pub eta: Option<EtaUpdate>,
    /// The newest meter; gone when there is a fare.
    pub meter: Option<FareEvent>,
    /// The fare.
    pub fare: Option<FareEvent>,
}

/// All trips of the table.
#[derive(Debug, Default)]
pub(super) struct TripTable {
    trips: BTreeMap<TripId, Entry>,
    by_uuid: BTreeMap<Uuid, TripId>,
    touched: BTreeSet<TripId>,
}

/// Boxed where most trips have nothing.
#[derive(Debug)]
struct Entry {
    trip: Box<Trip>,
    eta: Option<Box<EtaUpdate>>,
    money: Option<Box<FareEvent>>,
}

impl TripTable {
    pub(super) fn get(&self, id: TripId) -> Option<TripView> {
        let entry = self.trips.get(&id)?;
        let money = entry.money.as_deref().cloned();
        let (fare, meter) = match money {
            Some(event) if matches!(event.kind, FareKind::FareCalculated { .. }) => (Some(event), None),
            meter => (None, meter),
        };
        Some(TripView { trip: (*entry.trip).clone(), eta: entry.eta.as_deref().cloned(), meter, fare })
    }

    pub(super) fn get_by_uuid(&self, uuid: Uuid) -> Option<TripView> {
        self.get(*self.by_uuid.get(&uuid)?)
    }

    /// Takes in a trip's state, or that it left the table.
    pub(super) fn put(&mut self, id: TripId, trip: Option<&Trip>) {
        self.touched.insert(id);
        let Some(trip) = trip else {
            self.trips.remove(&id);
            if self.by_uuid.get(&id.uuid) == Some(&id) {
                self.by_uuid.remove(&id.uuid);
            }
            return;
        };
        // Two trips of one rider's key differ in zone: the first one is what the key stands for.
        self.by_uuid.entry(id.uuid).or_insert(id);
        let entry = self.trips.entry(id).or_insert_with(|| Entry {
            trip: Box::new(trip.clone()),
            eta: None,
            money: None,
        });
        (*entry.trip).clone_from(trip);
        if trip.is_ended() {
            entry.eta = None;
        }
    }

    /// Takes in an estimate; of a trip that is not in the table or has ended it is of no use.
    pub(super) fn estimate(&mut self, update: &EtaUpdate) {
        if let Some(entry) = self.trips.get_mut(&update.trip).filter(|entry| !entry.trip.is_ended()) {
            entry.eta = Some(Box::new(update.clone()));
        }
    }

    /// Takes in a meter or a fare; a meter that comes after the fare is old.
    pub(super) fn charge(&mut self, event: &FareEvent) {
        let Some(entry) = self.trips.get_mut(&event.trip) else { return };
        let is_final = |event: &FareEvent| matches!(event.kind, FareKind::FareCalculated { .. });
        if is_final(event) || !entry.money.as_deref().is_some_and(is_final) {
            entry.money = Some(Box::new(event.clone()));
        }
    }

    /// What changed since this was asked last.
    pub(super) fn take_changes(&mut self) -> Vec<TripChange> {
        let touched = std::mem::take(&mut self.touched);
        let open = |id: &TripId| self.trips.get(id).and_then(|entry| OpenTrip::of(&entry.trip));
        touched.iter().map(|id| TripChange { id: *id, open: open(id) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::trip::TripStatus;
    use domain::{DriverId, RealMs};
    use testkit::town;

    use super::*;

    fn trip(number: u32, status: TripStatus) -> Trip {
        let example: Trip = serde_json::from_str(events::trips::EXAMPLE).unwrap();
        Trip { id: town::trip(number), status, deadline: RealMs(0), ..example }
    }

    fn fare(number: u32, text: &str) -> FareEvent {
        let example: FareEvent = serde_json::from_str(text).unwrap();
        FareEvent { trip: town::trip(number), ..example }
    }

    fn meter(number: u32) -> FareEvent {
        FareEvent { kind: FareKind::MeterRead, ..fare(number, events::fares::EXAMPLE) }
    }

    fn estimate(number: u32) -> EtaUpdate {
        let example: EtaUpdate = serde_json::from_str(events::eta_updates::EXAMPLE).unwrap();
        EtaUpdate { trip: town::trip(number), ..example }
    }

    #[test]
    fn a_trip_is_found_by_both_names_until_its_tombstone() {
        let mut table = TripTable::default();
        let id = town::trip(1);
        table.put(id, Some(&trip(1, TripStatus::Requested)));
        assert_eq!(table.get(id), table.get_by_uuid(id.uuid));
        assert_eq!(table.get(id).unwrap().trip.status, TripStatus::Requested);
        table.put(id, None);
        assert_eq!((table.get(id), table.get_by_uuid(id.uuid)), (None, None));
    }

    #[test]
    fn of_two_trips_with_one_key_the_first_is_found_by_it() {
        let mut table = TripTable::default();
        let first = trip(1, TripStatus::Requested);
        let elsewhere = domain::Zone::of(town::PICKUP.offset_m(9000.0, 0.0));
        let second = Trip { id: TripId { zone: elsewhere, ..first.id }, ..first.clone() };
        table.put(first.id, Some(&first));
        table.put(second.id, Some(&second));
        assert_eq!(table.get_by_uuid(first.id.uuid).unwrap().trip.id, first.id);
        table.put(second.id, None);
        assert_eq!(table.get_by_uuid(first.id.uuid).unwrap().trip.id, first.id);
    }

    #[test]
    fn estimates_end_with_the_trip_and_the_fare_replaces_the_meter() {
        let mut table = TripTable::default();
        let (id, driver) = (town::trip(1), DriverId(7));
        table.estimate(&estimate(1));
        table.charge(&meter(1));
        assert_eq!(table.get(id), None, "of a trip that is not in the table nothing is kept");
        table.put(id, Some(&trip(1, TripStatus::Matched { driver })));
        table.estimate(&estimate(1));
        table.charge(&meter(1));
        let seen = table.get(id).unwrap();
        assert!(seen.eta.is_some() && seen.meter.is_some() && seen.fare.is_none());
        table.put(id, Some(&trip(1, TripStatus::Completed { driver })));
        table.estimate(&estimate(1));
        table.charge(&fare(1, events::fares::EXAMPLE));
        table.charge(&meter(1));
        let seen = table.get(id).unwrap();
        assert!(seen.eta.is_none() && seen.meter.is_none() && seen.fare.is_some());
    }

    #[test]
    fn the_map_is_told_of_open_trips_and_of_ends() {
        let mut table = TripTable::default();
        let driver = DriverId(7);
        table.put(town::trip(1), Some(&trip(1, TripStatus::Requested)));
        table.put(town::trip(2), Some(&trip(2, TripStatus::Completed { driver })));
        let told = |table: &mut TripTable| {
            table.take_changes().iter().map(|change| change.open.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(told(&mut table), [true, false]);
        assert_eq!(told(&mut table), Vec::<bool>::new());
        table.put(town::trip(1), None);
        assert_eq!(told(&mut table), [false]);
    }
}
