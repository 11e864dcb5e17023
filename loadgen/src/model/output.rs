//! What the apps of the city send.

use events::driver_actions::DriverAction;
use events::driver_locations::LocationReport;
use events::driver_shifts::DriverShift;
use events::ride_requests::RideRequest;

/// One thing to send, or to tell the people who watch.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A driver's position.
    Report(LocationReport),
    /// A driver goes on or off shift.
    Shift(DriverShift),
    /// A rider asks for a ride or takes the wish back.
    Request(RideRequest),
    /// A driver does something about a trip.
    Action(DriverAction),
    /// A recorded trip that cannot be driven on this network and was not requested.
    Unroutable {
        /// The line of the trips file.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
}
