//! What a trip does about each step of a driver.

use crate::driver::{DriverCommand, Phase, ReleaseReason};
use crate::{CityMs, DriverId, Ignored};

use super::decide::{ENDED, REPEATED, RIDER_ON_BOARD, STALE};
use super::{CancelledBy, Decision, DriverStep, Next, Now, Patience, Trip, TripFact, TripStatus};

impl Trip {
    pub(super) fn driver_acts(
        &self,
        (driver, attempt): (DriverId, u32),
        step: DriverStep,
        at: CityMs,
        now: Now,
        patience: &Patience,
    ) -> Result<Decision, Ignored> {
        if self.is_ended() {
            return Err(ENDED);
        }
        if attempt != self.attempt {
            return Err(STALE);
        }
        match self.driver() {
            None => return Err(Ignored("no_offer")),
            Some(held) if held != driver => return Err(Ignored("other_driver")),
            Some(_) => {}
        }
        self.step(driver, step, at.max(self.requested_at), now, patience)
    }

    /// A step of the driver that the trip holds.
    fn step(
        &self,
        driver: DriverId,
        step: DriverStep,
        at: CityMs,
        now: Now,
        patience: &Patience,
    ) -> Result<Decision, Ignored> {
        let become_until = |status, deadline| Self { status, deadline, ..self.clone() };
        let attempt = self.attempt;
        match (step, self.status) {
            (DriverStep::Accept, TripStatus::Offered { .. }) => {
                let next = become_until(TripStatus::Matched { driver }, patience.pickup_until(now));
                Ok(next.moved_on(driver, TripFact::TripMatched { driver, attempt }, Phase::Matched, at))
            }
            (DriverStep::Decline, TripStatus::Offered { .. }) => {
                let fact = TripFact::OfferDeclined { driver, attempt };
                Ok(self.offer_failed(driver, fact, ReleaseReason::Declined, at))
            }
            (DriverStep::Arrive, TripStatus::Matched { .. }) => {
                let next = become_until(TripStatus::Arrived { driver }, patience.boarding_until(now));
                Ok(next.moved_on(driver, TripFact::DriverArrived { driver }, Phase::Arrived, at))
            }
            (DriverStep::PickUp, TripStatus::Arrived { .. }) => {
                let deadline = patience.ride_until(now, self.pickup, self.dropoff);
                let next = become_until(TripStatus::Started { driver, started_at: at }, deadline);
                Ok(next.moved_on(driver, TripFact::TripStarted { driver }, Phase::Started, at))
            }
            (DriverStep::DropOff { odometer_m }, TripStatus::Started { started_at, .. }) => {
                let next = self.ended(TripStatus::Completed { driver }, now, patience);
                let at = at.max(started_at);
                Ok(next.moved_on(
                    driver,
                    self.completion(driver, odometer_m, at.since(started_at)),
                    Phase::Completed,
                    at,
                ))
            }
            (DriverStep::Cancel, TripStatus::Matched { .. } | TripStatus::Arrived { .. }) => {
                let (by, reason) = (CancelledBy::Driver, "driver_cancelled");
                Ok(self.cancelled(by, reason, ReleaseReason::Cancelled, at, now, patience))
            }
            (step, _) => Err(self.misplaced(step)),
        }
    }

    fn completion(&self, driver: DriverId, distance_m: u32, ride_ms: i64) -> TripFact {
        let duration_s = u32::try_from(ride_ms / 1000).unwrap_or(u32::MAX);
        TripFact::TripCompleted { driver, distance_m, duration_s, surge: self.surge }
    }

    /// Why a step of the right driver does not fit the present state.
    fn misplaced(&self, step: DriverStep) -> Ignored {
        let beyond_offer = !matches!(self.status, TripStatus::Offered { .. });
        let beyond_way = matches!(self.status, TripStatus::Arrived { .. } | TripStatus::Started { .. });
        let on_board = matches!(self.status, TripStatus::Started { .. });
        let repeated = match step {
            DriverStep::Accept => beyond_offer,
            DriverStep::Arrive => beyond_way,
            DriverStep::PickUp => on_board,
            DriverStep::Cancel if on_board => return RIDER_ON_BOARD,
            DriverStep::Decline | DriverStep::DropOff { .. } | DriverStep::Cancel => false,
        };
        if repeated { REPEATED } else { Ignored("impossible_step") }
    }

    /// This, with a fact and the phase that the driver's state follows.
    fn moved_on(self, driver: DriverId, fact: TripFact, phase: Phase, at: CityMs) -> Decision {
        let command = DriverCommand::Progress { trip: self.id, phase };
        Decision { at, fact: Some(fact), command: Some((driver, command)), next: Next::Become(self) }
    }
}
