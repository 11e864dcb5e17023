//! A decision becomes records and the next state.

use domain::trip::{Decision, Next};
use domain::{RiderId, TripId};
use events::driver_commands::DriverCommandRecord;
use events::trip_events::TripEvent;
use events::{Contract, OutRecord};

use crate::trip_table::TripTable;

/// Writes what was decided and keeps the next state.
pub(crate) fn carry_out(
    id: TripId,
    rider: RiderId,
    decision: Decision,
    trips: &mut TripTable,
    effects: &mut Vec<OutRecord>,
) {
    let Decision { at, fact, command, next } = decision;
    if let Some(fact) = &fact {
        tracing::debug!(trip = %id, event = fact.name(), "trip goes on");
    }
    effects.extend(fact.map(|fact| TripEvent { trip: id, rider, at, fact }.to_record()));
    effects.extend(command.map(|(driver, command)| DriverCommandRecord { driver, at, command }.to_record()));
    match next {
        Next::Same => {}
        Next::Become(trip) => {
            effects.push(trip.to_record());
            trips.put(trip);
        }
        Next::Forget => {
            effects.extend(trips.get(id).map(Contract::tombstone));
            trips.remove(id);
        }
    }
}
