//! What a trip does about each thing that happens to it. Decides only: the caller keeps the next state.

use crate::driver::{DriverCommand, ReleaseReason, ReservationReply};
use crate::tariff::SurgeMultiplier;
use crate::{CityMs, DriverId, Ignored, RiderId, TripId};

use super::{CancelledBy, Decision, Input, Next, Now, Patience, Request, Trip, TripFact, TripStatus};

pub(super) const ENDED: Ignored = Ignored("trip_ended");
pub(super) const REPEATED: Ignored = Ignored("repeated");
pub(super) const STALE: Ignored = Ignored("stale_attempt");
pub(super) const RIDER_ON_BOARD: Ignored = Ignored("rider_on_board");

/// What happens when an input names a trip that is not, or no more, in the table: a driver kept for it is let go.
///
/// # Errors
/// `Ignored` for every other input.
pub fn on_unknown(trip: TripId, input: Input) -> Result<(DriverId, DriverCommand), Ignored> {
    match input {
        Input::Reply { driver, attempt, reply: ReservationReply::Reserved, .. } => {
            Ok((driver, DriverCommand::Release { trip, attempt, reason: ReleaseReason::TooLate }))
        }
        Input::Reply { .. } | Input::RiderCancels { .. } | Input::DriverActs { .. } => {
            Err(Ignored("unknown_trip"))
        }
    }
}

impl Trip {
    /// A trip begins.
    #[must_use]
    pub fn request(request: Request, surge: SurgeMultiplier, now: Now, patience: &Patience) -> Decision {
        let Request { id, rider, pickup, dropoff, at } = request;
        let search_until = now.real.plus_ms(patience.search_ms);
        let trip = Self {
            id,
            rider,
            pickup,
            dropoff,
            surge,
            requested_at: at,
            status: TripStatus::Requested,
            attempt: 1,
            excluded: Vec::new(),
            search_until,
            deadline: search_until,
        };
        let fact = TripFact::TripRequested { pickup, dropoff, surge };
        Decision { at, fact: Some(fact), command: None, next: Next::Become(trip) }
    }

    /// Something happens to the trip.
    ///
    /// # Errors
    /// `Ignored` if it has no effect now; a repeated input never has one twice.
    pub fn on(&self, input: Input, now: Now, patience: &Patience) -> Result<Decision, Ignored> {
        match input {
            Input::RiderCancels { rider, reason, at } => {
                self.cancelled_by_rider(rider, reason, at, now, patience)
            }
            Input::Reply { driver, attempt, reply: ReservationReply::Reserved, at } => {
                self.reserved(driver, attempt, at, now, patience)
            }
            Input::Reply { attempt, reply: ReservationReply::Refused { .. }, at, .. } => {
                self.refused(attempt, at)
            }
            Input::DriverActs { driver, attempt, step, at } => {
                self.driver_acts((driver, attempt), step, at, now, patience)
            }
        }
    }

    /// The deadline of the present state has passed.
    #[must_use]
    pub fn time_out(&self, now: Now, patience: &Patience) -> Decision {
        let at = now.city().max(self.requested_at);
        match self.status {
            TripStatus::Requested => {
                let fact = TripFact::TripUnfulfilled { reason: "no_driver".to_owned() };
                let next = Next::Become(self.ended(TripStatus::Unfulfilled, now, patience));
                Decision { at, fact: Some(fact), command: None, next }
            }
            TripStatus::Offered { driver } => {
                let fact = TripFact::OfferExpired { driver, attempt: self.attempt };
                self.offer_failed(driver, fact, ReleaseReason::Expired, at)
            }
            TripStatus::Matched { .. } | TripStatus::Arrived { .. } | TripStatus::Started { .. } => self
                .cancelled(
                    CancelledBy::System,
                    "driver_vanished",
                    ReleaseReason::Vanished,
                    at,
                    now,
                    patience,
                ),
            TripStatus::Completed { .. } | TripStatus::Cancelled | TripStatus::Unfulfilled => {
                Decision { at, fact: None, command: None, next: Next::Forget }
            }
        }
    }

    fn cancelled_by_rider(
        &self,
        rider: RiderId,
        reason: &str,
        at: CityMs,
        now: Now,
        patience: &Patience,
    ) -> Result<Decision, Ignored> {
        match self.status {
            TripStatus::Completed { .. } | TripStatus::Cancelled | TripStatus::Unfulfilled => Err(ENDED),
            _ if rider != self.rider => Err(Ignored("other_rider")),
            TripStatus::Started { .. } => Err(RIDER_ON_BOARD),
            TripStatus::Requested
            | TripStatus::Offered { .. }
            | TripStatus::Matched { .. }
            | TripStatus::Arrived { .. } => {
                Ok(self.cancelled(CancelledBy::Rider, reason, ReleaseReason::Cancelled, at, now, patience))
            }
        }
    }

    /// A driver is kept for this trip: asked at once, or let go if the trip needs them no more.
    fn reserved(
        &self,
        driver: DriverId,
        attempt: u32,
        at: CityMs,
        now: Now,
        patience: &Patience,
    ) -> Result<Decision, Ignored> {
        if attempt == self.attempt && self.driver() == Some(driver) {
            return Err(REPEATED);
        }
        let at = at.max(self.requested_at);
        let wanted = attempt == self.attempt && self.status == TripStatus::Requested;
        if !wanted || self.excluded.contains(&driver) {
            // The next attempt tells matching that this one came to nothing.
            let next = if wanted { Next::Become(self.searching_again(None)) } else { Next::Same };
            let reason = ReleaseReason::TooLate;
            let release = DriverCommand::Release { trip: self.id, attempt, reason };
            return Ok(Decision { at, fact: None, command: Some((driver, release)), next });
        }
        let deadline = now.real.plus_ms(patience.offer_ms);
        let next = Self { status: TripStatus::Offered { driver }, deadline, ..self.clone() };
        let fact = TripFact::OfferMade {
            driver,
            attempt,
            pickup: self.pickup,
            dropoff: self.dropoff,
            expires_at: deadline,
        };
        Ok(Decision { at, fact: Some(fact), command: None, next: Next::Become(next) })
    }

    /// The driver was not to be had; that says nothing against them the next time.
    fn refused(&self, attempt: u32, at: CityMs) -> Result<Decision, Ignored> {
        if self.is_ended() {
            return Err(ENDED);
        }
        if attempt != self.attempt {
            return Err(STALE);
        }
        if self.status != TripStatus::Requested {
            return Err(Ignored("has_a_driver"));
        }
        Ok(Decision { at, fact: None, command: None, next: Next::Become(self.searching_again(None)) })
    }

    pub(super) fn offer_failed(
        &self,
        driver: DriverId,
        fact: TripFact,
        reason: ReleaseReason,
        at: CityMs,
    ) -> Decision {
        let command = Some((driver, self.release(reason)));
        Decision { at, fact: Some(fact), command, next: Next::Become(self.searching_again(Some(driver))) }
    }

    pub(super) fn cancelled(
        &self,
        by: CancelledBy,
        reason: &str,
        release: ReleaseReason,
        at: CityMs,
        now: Now,
        patience: &Patience,
    ) -> Decision {
        let driver = self.driver();
        Decision {
            at: at.max(self.requested_at),
            fact: Some(TripFact::TripCancelled { by, reason: reason.to_owned(), driver }),
            command: driver.map(|driver| (driver, self.release(release))),
            next: Next::Become(self.ended(TripStatus::Cancelled, now, patience)),
        }
    }

    fn release(&self, reason: ReleaseReason) -> DriverCommand {
        DriverCommand::Release { trip: self.id, attempt: self.attempt, reason }
    }

    /// Back to waiting, in the next attempt, until the search that began with the request ends.
    fn searching_again(&self, exclude: Option<DriverId>) -> Self {
        let mut next = self.clone();
        next.status = TripStatus::Requested;
        next.attempt = self.attempt.saturating_add(1);
        next.deadline = self.search_until;
        next.excluded.extend(exclude);
        next
    }

    pub(super) fn ended(&self, status: TripStatus, now: Now, patience: &Patience) -> Self {
        Self { status, deadline: now.real.plus_ms(patience.linger_ms), ..self.clone() }
    }
}

#[cfg(test)]
mod tests;
