//! What is written about a driver.

use domain::{DriverId, LatLng};

/// Redis keeps positions in Web Mercator, which ends here (degrees; GEOADD documentation).
const MAX_LATITUDE: f64 = 85.051_128_78;

/// Whether Redis can hold a position; those nearer to a pole it refuses, with all that was sent along.
#[must_use]
pub fn can_hold(position: LatLng) -> bool {
    position.lat.abs() < MAX_LATITUDE
}

/// The newest about one driver. A batch holds at most one for each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DriverUpdate {
    /// Who.
    pub driver: DriverId,
    /// The partition it comes from.
    pub partition: i32,
    /// Counts the assignments of the partition to this member: with a new one a new fencing token is taken.
    pub epoch: u64,
    /// Whether matching may find the driver. Without a report only `false` has an effect.
    pub idle: bool,
    /// The last report, if one is known.
    pub report: Option<Report>,
}

/// A location report as far as it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// Where the driver is.
    pub position: LatLng,
    /// When it was written to its topic: real time, ms.
    pub seen_ms: i64,
    /// Its offset in the partition.
    pub offset: i64,
}
