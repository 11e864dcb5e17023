//! What follows from what happens to a trip.

use crate::driver::DriverCommand;
use crate::{CityMs, DriverId};

use super::{Trip, TripFact};

/// What follows from an input: at most one fact and one command, and the trip's next state.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// When it happened.
    pub at: CityMs,
    /// What happened.
    pub fact: Option<TripFact>,
    /// What a driver's authority has to do about it.
    pub command: Option<(DriverId, DriverCommand)>,
    /// What becomes of the trip.
    pub next: Next,
}

/// What becomes of a trip.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// It stays as it is.
    Same,
    /// It is this now.
    Become(Trip),
    /// It leaves the table.
    Forget,
}
