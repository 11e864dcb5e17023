//! What a driver does about one trip, from the offer to the drop-off.

use domain::{LatLng, TripId};

use super::leg::Leg;

/// A trip that a driver was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) trip: TripId,
    pub(crate) attempt: u32,
    pub(crate) pickup: LatLng,
    pub(crate) dropoff: LatLng,
    pub(crate) stage: Stage,
}

/// How far the job is.
#[derive(Clone, Debug)]
pub(crate) enum Stage {
    /// Thinks about the offer.
    Deciding(Answer),
    /// Said yes and waits to hear that it counts.
    Accepted,
    /// On the way to the rider.
    ToPickup { leg: Leg, plan: Plan },
    /// At the pickup.
    AtPickup { plan: Plan },
    /// With the rider on board; a driver whose next step comes before the end of the leg vanishes.
    OnTrip { leg: Leg },
}

/// What a driver is going to say to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    Nothing,
}

/// How a matched job is going to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    Finish,
    CancelOnTheWay,
    VanishOnTheWay,
    VanishOnTrip,
}

impl Job {
    /// The drive under way.
    pub(crate) fn leg(&self) -> Option<&Leg> {
        match &self.stage {
            Stage::ToPickup { leg, .. } | Stage::OnTrip { leg } => Some(leg),
            Stage::Deciding(_) | Stage::Accepted | Stage::AtPickup { .. } => None,
        }
    }

    /// Whether the driver has this trip: from the match to the end.
    pub(crate) fn matched(&self) -> bool {
        match self.stage {
            Stage::Deciding(_) | Stage::Accepted => false,
            Stage::ToPickup { .. } | Stage::AtPickup { .. } | Stage::OnTrip { .. } => true,
        }
    }
}
