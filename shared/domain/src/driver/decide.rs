//! What a driver's state does about each command and shift change. Decides only: the caller keeps the next state.

use crate::{CityMs, DriverId, Ignored, TripId};

use super::{
    Assignment, Driver, DriverCommand, DriverStatus, Phase, RefusalReason, ReleaseReason, ReservationReply,
};

/// What happens to a driver from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The shift begins.
    ShiftStarts,
    /// The shift ends, as soon as no trip is under way.
    ShiftEnds,
    /// `matching` or `trips` ask for something.
    Command(DriverCommand),
}

/// What follows from an input.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The driver's next state, if it is another one.
    pub next: Option<Driver>,
    /// The answer to a `Reserve`.
    pub answer: Option<Answer>,
}

/// The answer to a `Reserve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Which trip asked.
    pub trip: TripId,
    /// In which attempt.
    pub attempt: u32,
    /// What.
    pub reply: ReservationReply,
}

impl Driver {
    /// A driver that was never heard of: off shift.
    #[must_use]
    pub fn unknown(id: DriverId) -> Self {
        Self { id, status: DriverStatus::Offline, since: CityMs(0), assignment: None, leaving: false }
    }

    /// Something happens to the driver.
    ///
    /// # Errors
    /// `Ignored` if it has no effect now.
    pub fn on(&self, input: &Input, at: CityMs) -> Result<Decision, Ignored> {
        match input {
            Input::ShiftStarts => self.shift_starts(at).map(becomes),
            Input::ShiftEnds => self.shift_ends(at).map(becomes),
            Input::Command(DriverCommand::Reserve(assignment)) => Ok(self.reserve(assignment, at)),
            Input::Command(DriverCommand::Progress { trip, phase }) => {
                self.progress(*trip, *phase, at).map(becomes)
            }
            Input::Command(DriverCommand::Release { trip, attempt, reason }) => {
                self.release(*trip, *attempt, *reason, at).map(becomes)
            }
        }
    }

    fn shift_starts(&self, at: CityMs) -> Result<Self, Ignored> {
        match self.status {
            DriverStatus::Offline => Ok(self.free(DriverStatus::Idle, at)),
            // Back before the trip under way ended: the driver stays.
            DriverStatus::Reserved
            | DriverStatus::ToPickup
            | DriverStatus::Waiting
            | DriverStatus::OnTrip
                if self.leaving =>
            {
                Ok(Self { leaving: false, ..self.clone() })
            }
            DriverStatus::Idle
            | DriverStatus::Reserved
            | DriverStatus::ToPickup
            | DriverStatus::Waiting
            | DriverStatus::OnTrip => Err(Ignored("already_on_shift")),
        }
    }

    fn shift_ends(&self, at: CityMs) -> Result<Self, Ignored> {
        match self.status {
            DriverStatus::Offline => Err(Ignored("already_off_shift")),
            DriverStatus::Idle => Ok(self.free(DriverStatus::Offline, at)),
            DriverStatus::Reserved
            | DriverStatus::ToPickup
            | DriverStatus::Waiting
            | DriverStatus::OnTrip => {
                if self.leaving {
                    return Err(Ignored("already_leaving"));
                }
                Ok(Self { leaving: true, ..self.clone() })
            }
        }
    }

    fn reserve(&self, assignment: &Assignment, at: CityMs) -> Decision {
        let Assignment { trip, attempt, .. } = *assignment;
        let answer = |reply| Some(Answer { trip, attempt, reply });
        let refused = |reason| Decision { next: None, answer: answer(ReservationReply::Refused { reason }) };
        match (self.status, self.assignment) {
            (DriverStatus::Offline, _) => refused(RefusalReason::Offline),
            (DriverStatus::Idle, _) => {
                let assignment = Some(Assignment { started_at: None, ..*assignment });
                let next = Self { status: DriverStatus::Reserved, since: at, assignment, ..self.clone() };
                Decision { next: Some(next), answer: answer(ReservationReply::Reserved) }
            }
            (DriverStatus::Reserved, Some(kept)) if (kept.trip, kept.attempt) == (trip, attempt) => {
                Decision { next: None, answer: answer(ReservationReply::Reserved) }
            }
            (
                DriverStatus::Reserved
                | DriverStatus::ToPickup
                | DriverStatus::Waiting
                | DriverStatus::OnTrip,
                _,
            ) => refused(RefusalReason::Busy),
        }
    }

    /// The trip went on. It is the trip that decides, so a phase left out does no harm; a phase gone by is ignored.
    fn progress(&self, trip: TripId, phase: Phase, at: CityMs) -> Result<Self, Ignored> {
        let mut assignment = self.assignment.filter(|kept| kept.trip == trip).ok_or(Ignored("other_trip"))?;
        let status = match phase {
            Phase::Matched => DriverStatus::ToPickup,
            Phase::Arrived => DriverStatus::Waiting,
            Phase::Started => DriverStatus::OnTrip,
            Phase::Completed => return Ok(self.freed(at)),
        };
        // The order of the variants is the order of the states.
        if status <= self.status {
            return Err(Ignored("repeated"));
        }
        if status == DriverStatus::OnTrip {
            assignment.started_at = Some(at);
        }
        Ok(Self { status, since: at, assignment: Some(assignment), ..self.clone() })
    }

    fn release(
        &self,
        trip: TripId,
        attempt: u32,
        reason: ReleaseReason,
        at: CityMs,
    ) -> Result<Self, Ignored> {
        if self.assignment.is_none_or(|kept| (kept.trip, kept.attempt) != (trip, attempt)) {
            return Err(Ignored("other_trip"));
        }
        Ok(match reason {
            ReleaseReason::Vanished => self.free(DriverStatus::Offline, at),
            ReleaseReason::Declined
            | ReleaseReason::Expired
            | ReleaseReason::TooLate
            | ReleaseReason::Cancelled => self.freed(at),
        })
    }

    /// Free for the next trip, or off shift if the driver wanted to leave.
    fn freed(&self, at: CityMs) -> Self {
        self.free(if self.leaving { DriverStatus::Offline } else { DriverStatus::Idle }, at)
    }

    fn free(&self, status: DriverStatus, at: CityMs) -> Self {
        Self { id: self.id, status, since: at, assignment: None, leaving: false }
    }
}

fn becomes(next: Driver) -> Decision {
    Decision { next: Some(next), answer: None }
}

#[cfg(test)]
mod tests;
