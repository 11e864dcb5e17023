//! Counts of what happened in the city.

/// What happened so far. `*_sent` counts what the apps sent, the rest what trip events told them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Location reports sent.
    pub reports: u64,
    /// Rides asked for.
    pub requests: u64,
    /// Recorded trips that could not be driven on this network.
    pub unroutable: u64,
    /// Rides that were asked for and refused before they became trips.
    pub refused: u64,
    /// Offers that reached a driver of this city in time.
    pub offers: u64,
    /// Offers accepted.
    pub accepts_sent: u64,
    /// Offers declined.
    pub declines_sent: u64,
    /// Offers left unanswered on purpose.
    pub offers_ignored: u64,
    /// Trips matched.
    pub matched: u64,
    /// Trips given up by drivers after having been accepted.
    pub driver_cancels_sent: u64,
    /// Requests taken back by riders.
    pub rider_cancels_sent: u64,
    /// Drivers who vanished on a trip.
    pub vanished: u64,
    /// Trips completed.
    pub completed: u64,
    /// Trips cancelled by their rider.
    pub cancelled_by_rider: u64,
    /// Trips cancelled by their driver.
    pub cancelled_by_driver: u64,
    /// Trips ended by a time-out.
    pub cancelled_by_system: u64,
    /// Requests for which no driver was found.
    pub unfulfilled: u64,
}

impl Counters {
    /// Trips cancelled by anybody.
    #[must_use]
    pub fn cancelled(&self) -> u64 {
        self.cancelled_by_rider + self.cancelled_by_driver + self.cancelled_by_system
    }
}
