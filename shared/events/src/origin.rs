//! The traces of what apps send: nothing caused it that lies in a trace, so here is where traces begin.

use std::num::NonZeroU64;

use domain::TripId;
use traces::TraceParent;

use crate::ride_requests::{RideRequest, Wish};
use crate::{OutRecord, driver_actions, driver_locations, ride_requests};

/// Reports are many and much alike: of so many one is traced, always the same ones.
pub const REPORTS_PER_TRACE: u128 = 1000;

/// The span of sending a record that an app made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its place in the trace.
    pub context: TraceParent,
    /// The span above it; none above the rider's request, and above a report.
    pub parent: Option<NonZeroU64>,
}

impl Origin {
    /// The span of sending this record, if it is one that apps send and that is traced.
    #[must_use]
    pub fn of(record: &OutRecord) -> Option<Self> {
        let payload = record.payload.as_deref()?;
        if record.topic == &driver_locations::TOPIC {
            let context = TraceParent::of(payload);
            return context.is_one_in(REPORTS_PER_TRACE).then_some(Self { context, parent: None });
        }
        if record.topic != &ride_requests::TOPIC && record.topic != &driver_actions::TOPIC {
            return None;
        }
        let request = of_trip(std::str::from_utf8(&record.key).ok()?.parse().ok()?)?;
        if record.topic == &ride_requests::TOPIC && is_ride(payload) {
            return Some(Self { context: request, parent: None });
        }
        Some(Self { context: request.child(payload), parent: Some(request.span_id) })
    }
}

/// The span of a trip's request, the first of its trace: the UUID of the trip is the id of the trace. `None` of UUIDs
/// that are no such id, which only a client makes that invents some.
#[must_use]
pub fn of_trip(trip: TripId) -> Option<TraceParent> {
    TraceParent::root(trip.uuid.as_u128())
}

fn is_ride(payload: &[u8]) -> bool {
    serde_json::from_slice(payload)
        .is_ok_and(|request: RideRequest| matches!(request.wish, Wish::Ride { .. }))
}

#[cfg(test)]
mod tests {
    use crate::driver_actions::DriverAction;
    use crate::driver_locations::LocationReport;
    use crate::driver_shifts::{self, DriverShift};
    use crate::ride_requests::CancelReason;
    use crate::{Contract, fares};

    use super::*;

    fn example<T: Contract>(text: &str) -> T {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_trip_is_one_trace_that_begins_with_the_riders_request() {
        let ride: RideRequest = example(ride_requests::EXAMPLE);
        let origin = Origin::of(&ride.to_record()).unwrap();
        assert_eq!(origin.context.trace_id.get(), ride.trip.uuid.as_u128());
        assert_eq!(origin, Origin { context: of_trip(ride.trip).unwrap(), parent: None });

        let cancel = RideRequest { wish: Wish::Cancel { reason: CancelReason::ChangedMind }, ..ride.clone() };
        let action = DriverAction { trip: ride.trip, ..example(driver_actions::EXAMPLE) };
        for record in [cancel.to_record(), action.to_record()] {
            let below = Origin::of(&record).unwrap();
            assert_eq!(below.context.trace_id, origin.context.trace_id);
            assert_eq!(below.parent, Some(origin.context.span_id));
            assert_ne!(below.context.span_id, origin.context.span_id);
        }
    }

    #[test]
    fn one_report_in_a_thousand_has_a_trace_of_its_own_and_always_the_same_ones() {
        let report: LocationReport = example(driver_locations::EXAMPLE);
        let traced = |driver: u64| {
            let report = LocationReport { driver: domain::DriverId(driver), ..report.clone() };
            Origin::of(&report.to_record())
        };
        let all: Vec<Origin> = (0..100_000).filter_map(traced).collect();
        assert!((60..150).contains(&all.len()), "{}", all.len());
        assert!(all.iter().all(|origin| origin.parent.is_none()));
        assert!(all.iter().copied().eq((0..100_000).filter_map(traced)));
    }

    #[test]
    fn what_no_trip_is_about_and_what_no_app_sends_begins_no_trace() {
        let shift: DriverShift = example(driver_shifts::EXAMPLE);
        let fare: fares::FareEvent = example(fares::EXAMPLE);
        let ride: RideRequest = example(ride_requests::EXAMPLE);
        let strange_key = OutRecord { key: b"x".to_vec(), ..ride.to_record() };
        for record in [shift.to_record(), fare.to_record(), fare.tombstone(), strange_key] {
            assert_eq!(Origin::of(&record), None, "{}", record.topic.name);
        }
    }
}
