//! Drivers by state, kept as they change: a count of a million would look at each of them.

/// What a driver is up to, as the app sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DriverState {
    Offline,
    Idle,
    Offered,
    ToPickup,
    Waiting,
    OnTrip,
    Vanished,
}

/// Drivers by state, as their apps see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Not on shift.
    pub offline: u64,
    /// On shift and free.
    pub idle: u64,
    /// With an offer, or waiting to hear that their acceptance counts.
    pub offered: u64,
    /// On the way to a rider.
    pub to_pickup: u64,
    /// At the pickup.
    pub waiting: u64,
    /// With a rider on board.
    pub on_trip: u64,
    /// Not heard of any more in the middle of a trip.
    pub vanished: u64,
}

impl Census {
    /// One driver left a state for another one, or the same.
    pub(crate) fn moved(&mut self, from: DriverState, to: DriverState) {
        *self.count(from) -= 1;
        *self.count(to) += 1;
    }

    fn count(&mut self, state: DriverState) -> &mut u64 {
        match state {
            DriverState::Offline => &mut self.offline,
            DriverState::Idle => &mut self.idle,
            DriverState::Offered => &mut self.offered,
            DriverState::ToPickup => &mut self.to_pickup,
            DriverState::Waiting => &mut self.waiting,
            DriverState::OnTrip => &mut self.on_trip,
            DriverState::Vanished => &mut self.vanished,
        }
    }
}
