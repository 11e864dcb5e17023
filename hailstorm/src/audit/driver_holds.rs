//! When a driver was held by which trip, from the offer to its end or the trip's: never by two at one time.

use std::collections::BTreeMap;

use domain::trip::TripFact;
use domain::{DriverId, TripId};
use events::trip_events::TripEvent;

use super::{FindingKind, Findings};

/// Who was held, for which trip, from when to when, by the (real) times of the events' records.
#[derive(Debug, Default)]
pub(super) struct DriverHolds {
    open: BTreeMap<TripId, (DriverId, i64)>,
    past: Vec<Hold>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hold {
    driver: DriverId,
    from_ms: i64,
    to_ms: i64,
    trip: TripId,
}

impl DriverHolds {
    /// An event of a trip; those of a trip come in order.
    pub(super) fn event(&mut self, event: &TripEvent, timestamp_ms: i64) {
        match &event.fact {
            TripFact::OfferMade { driver, .. }
            | TripFact::TripMatched { driver, .. }
            | TripFact::DriverArrived { driver }
            | TripFact::TripStarted { driver } => self.hold(event.trip, *driver, timestamp_ms),
            TripFact::OfferDeclined { .. }
            | TripFact::OfferExpired { .. }
            | TripFact::TripCompleted { .. }
            | TripFact::TripCancelled { .. }
            | TripFact::TripUnfulfilled { .. } => self.let_go(event.trip, timestamp_ms),
            TripFact::TripRequested { .. } => {}
        }
    }

    fn hold(&mut self, trip: TripId, driver: DriverId, timestamp_ms: i64) {
        if self.open.get(&trip).is_some_and(|(held, _)| *held == driver) {
            return;
        }
        self.let_go(trip, timestamp_ms);
        self.open.insert(trip, (driver, timestamp_ms));
    }

    fn let_go(&mut self, trip: TripId, to_ms: i64) {
        if let Some((driver, from_ms)) = self.open.remove(&trip) {
            self.past.push(Hold { driver, from_ms, to_ms, trip });
        }
    }

    /// Finds drivers who were held twice at one time. An end and the next beginning may fall in one millisecond.
    pub(super) fn judge(&self, findings: &mut Findings) {
        let open = self.open.iter().map(|(trip, (driver, from_ms))| Hold {
            driver: *driver,
            from_ms: *from_ms,
            to_ms: i64::MAX,
            trip: *trip,
        });
        let mut holds: Vec<Hold> = self.past.iter().copied().chain(open).collect();
        holds.sort_unstable();
        let mut longest: Option<Hold> = None;
        for hold in holds {
            if let Some(before) = longest.filter(|before| before.driver == hold.driver) {
                if hold.from_ms < before.to_ms && hold.trip != before.trip {
                    findings.add(FindingKind::DriverOnTwoTrips, || overlap(before, hold));
                }
                if before.to_ms >= hold.to_ms {
                    continue;
                }
            }
            longest = Some(hold);
        }
    }
}

fn overlap(before: Hold, hold: Hold) -> String {
    let until = if before.to_ms == i64::MAX { "now".to_owned() } else { format!("{} ms", before.to_ms) };
    format!(
        "driver {} is held by trip {} from {} ms until {until}, and by trip {} from {} ms",
        hold.driver, before.trip, before.from_ms, hold.trip, hold.from_ms
    )
}
