//! Counts of what happened since this instance started.

use domain::trip::TripFact;
use events::fares::{FareEvent, FareKind};

/// The counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) reports: u64,
    pub(crate) requests: u64,
    pub(crate) matched: u64,
    pub(crate) completed: u64,
    pub(crate) cancelled: u64,
    pub(crate) unfulfilled: u64,
    pub(crate) fares_minor: i64,
}

impl Totals {
    pub(super) fn fact(&mut self, fact: &TripFact) {
        match fact {
            TripFact::TripRequested { .. } => self.requests += 1,
            TripFact::TripMatched { .. } => self.matched += 1,
            TripFact::TripCompleted { .. } => self.completed += 1,
            TripFact::TripCancelled { .. } => self.cancelled += 1,
            TripFact::TripUnfulfilled { .. } => self.unfulfilled += 1,
            TripFact::OfferMade { .. }
            | TripFact::OfferDeclined { .. }
            | TripFact::OfferExpired { .. }
            | TripFact::DriverArrived { .. }
            | TripFact::TripStarted { .. } => {}
        }
    }

    pub(super) fn fare(&mut self, event: &FareEvent) {
        if matches!(event.kind, FareKind::FareCalculated { .. }) {
            self.fares_minor = self.fares_minor.saturating_add(event.breakdown.total.minor);
        }
    }
}
