//! What an exactly-once service writes for each record that it drains, without deciding anything.

use std::hint::black_box;

use clap::ValueEnum;
use domain::RealMs;
use domain::driver::{Driver, DriverStatus};
use domain::tariff::SurgeMultiplier;
use domain::trip::{Patience, Trip, TripFact, TripStatus};
use events::driver_locations::LocationReport;
use events::driver_shifts::{DriverShift, ShiftChange};
use events::ride_requests::{RideRequest, Wish};
use events::trip_events::TripEvent;
use events::{Contract, OutRecord, driver_shifts, ride_requests};

use crate::batches::Batches;
use crate::ground::TOPIC;

/// The service that a loop stands beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Like {
    Fare,
    Trips,
    Drivers,
}

impl Like {
    pub(crate) fn group(self) -> &'static str {
        match self {
            Self::Fare => "bench-fare",
            Self::Trips => "bench-trips",
            Self::Drivers => "bench-drivers",
        }
    }

    /// As the worker is told it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fare => "fare",
            Self::Trips => "trips",
            Self::Drivers => "drivers",
        }
    }

    /// Where it reads.
    pub(crate) fn topic(self) -> &'static str {
        match self {
            Self::Fare => TOPIC,
            Self::Trips => ride_requests::TOPIC.name,
            Self::Drivers => driver_shifts::TOPIC.name,
        }
    }

    pub(crate) fn batches(self) -> Batches {
        match self {
            Self::Fare => Batches::FARE,
            Self::Trips => Batches::TRIPS,
            Self::Drivers => Batches::DRIVERS,
        }
    }

    /// Decodes a record and adds what follows from it.
    pub(crate) fn follow(
        self,
        payload: &[u8],
        sent_ms: i64,
        written: &mut Vec<OutRecord>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Fare => {
                black_box(serde_json::from_slice::<LocationReport>(payload)?);
            }
            Self::Trips => {
                let request = serde_json::from_slice(payload)?;
                if let Some((fact, trip)) = asked(request, sent_ms) {
                    written.push(fact.to_record());
                    written.push(trip.to_record());
                }
            }
            Self::Drivers => {
                written.push(changed(&serde_json::from_slice(payload)?).to_record());
            }
        }
        Ok(())
    }
}

/// The fact and the snapshot of a trip that nobody has asked for before.
fn asked(request: RideRequest, sent_ms: i64) -> Option<(TripEvent, Trip)> {
    let RideRequest { trip: id, rider, at, wish: Wish::Ride { pickup, dropoff } } = request else {
        return None;
    };
    let surge = SurgeMultiplier::NONE;
    let fact = TripFact::TripRequested { pickup, dropoff, surge };
    let until = RealMs(sent_ms).plus_ms(Patience::default().search_ms);
    let trip = Trip {
        id,
        rider,
        pickup,
        dropoff,
        surge,
        requested_at: at,
        status: TripStatus::Requested,
        attempt: 1,
        excluded: Vec::new(),
        search_until: until,
        deadline: until,
    };
    Some((TripEvent { trip: id, rider, at, fact }, trip))
}

/// The snapshot of a driver who has no trip.
fn changed(shift: &DriverShift) -> Driver {
    let status = match shift.change {
        ShiftChange::Start => DriverStatus::Idle,
        ShiftChange::End => DriverStatus::Offline,
    };
    Driver { id: shift.driver, status, since: shift.at, assignment: None, leaving: false }
}

#[cfg(test)]
mod tests {
    use ::drivers::DriversHandler;
    use ::trips::TripsHandler;
    use domain::{CityClock, CityMs};
    use pipeline::Handler;
    use pipeline::fakes::OwnedRecord;

    use super::*;
    use crate::inputs;

    const NOW_MS: i64 = 1_800_000_000_000;

    /// What a service writes for a record.
    fn of_service<H: Handler<Effect = OutRecord>>(mut handler: H, record: &OwnedRecord) -> Vec<OutRecord> {
        let mut effects = Vec::new();
        handler.assigned(record.partition);
        handler.handle(&record.borrow(), &mut effects).unwrap();
        effects
    }

    #[test]
    fn a_loop_writes_what_the_service_writes() {
        let now = RealMs(NOW_MS);
        let record = |record: OutRecord| OwnedRecord {
            topic: record.topic.name.to_owned(),
            partition: 3,
            offset: 0,
            timestamp_ms: NOW_MS,
            key: Some(record.key),
            payload: record.payload,
            traceparent: None,
        };
        let request = record(inputs::request(7, CityMs(NOW_MS)).to_record());
        let shift = record(inputs::shift(7, CityMs(NOW_MS)).to_record());
        let trips = TripsHandler::new(CityClock::REAL, Patience::default(), now);
        for (like, input, ours) in [
            (Like::Trips, &request, of_service(trips, &request)),
            (Like::Drivers, &shift, of_service(DriversHandler::new(CityClock::REAL, now), &shift)),
        ] {
            let mut written = Vec::new();
            like.follow(input.payload.as_ref().unwrap(), NOW_MS, &mut written).unwrap();
            // Only a service tells what its records go back to.
            let ours: Vec<_> =
                ours.into_iter().map(|record| OutRecord { traceparent: None, ..record }).collect();
            assert!(!ours.is_empty());
            assert_eq!(written, ours, "{like:?}");
        }
    }
}
