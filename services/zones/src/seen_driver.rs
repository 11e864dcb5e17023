//! Stage one, one driver: whether they are idle, where they stood last, and what they were counted for.

use domain::{CityMs, LatLng, Zone};
use smallvec::SmallVec;

/// Intervals that are open at a time, as often as not: more take an allocation.
const USUAL_INTERVALS: usize = 3;

/// Reports of a moving driver that are remembered inline; who moves all the time takes an allocation.
const USUAL_MOMENTS: usize = 3;

/// What is known of one driver. All that a report needs lies side by side: with hundreds of thousands of drivers each
/// place that is looked at is far away from the one before.
#[derive(Debug, Default)]
pub(crate) struct SeenDriver {
    idle: bool,
    /// Who waits reports the same position over and over: its zone need not be looked for each time.
    stood: Option<(LatLng, Zone)>,
    /// Zones, and the intervals in which they count as idle there.
    idle_in: SmallVec<[(CityMs, Zone); USUAL_INTERVALS]>,
    /// Moments of the reports whose speed was summed: a report that comes twice counts once.
    moments: SmallVec<[CityMs; USUAL_MOMENTS]>,
}

impl SeenDriver {
    /// Says whether they are idle from now on.
    pub(crate) fn set_idle(&mut self, idle: bool) {
        self.idle = idle;
    }

    /// The zone of a position of theirs.
    pub(crate) fn zone_of(&mut self, position: LatLng) -> Zone {
        match self.stood {
            Some((known, zone)) if known == position => zone,
            _ => {
                let zone = Zone::of(position);
                self.stood = Some((position, zone));
                zone
            }
        }
    }

    /// Whether they are idle, and are not yet counted as such there in this interval.
    pub(crate) fn is_newly_idle(&mut self, interval: CityMs, zone: Zone) -> bool {
        let is_new = self.idle && !self.idle_in.contains(&(interval, zone));
        if is_new {
            self.idle_in.push((interval, zone));
        }
        is_new
    }

    /// Whether no report of theirs of this moment had its speed summed.
    pub(crate) fn is_new_moment(&mut self, at: CityMs) -> bool {
        let is_new = !self.moments.contains(&at);
        if is_new {
            self.moments.push(at);
        }
        is_new
    }

    /// Forgets what belongs to intervals that get no more reports; `false` if nothing is left to know.
    pub(crate) fn forget(&mut self, is_over: impl Fn(CityMs) -> bool) -> bool {
        self.idle_in.retain(|(interval, _)| !is_over(*interval));
        self.moments.retain(|at| !is_over(*at));
        self.idle || !self.idle_in.is_empty() || !self.moments.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: LatLng = LatLng { lat: 46.0, lon: 0.5 };

    #[test]
    fn the_zone_is_that_of_the_position_whatever_was_before() {
        let mut driver = SeenDriver::default();
        for position in [HERE, HERE, HERE.offset_m(0.0, 5_000.0), HERE] {
            assert_eq!(driver.zone_of(position), Zone::of(position));
        }
    }

    #[test]
    fn who_is_idle_counts_once_in_each_zone_and_interval() {
        let mut driver = SeenDriver::default();
        let (zone, other) = (Zone::of(HERE), Zone::of(HERE.offset_m(0.0, 5_000.0)));
        assert!(!driver.is_newly_idle(CityMs(0), zone), "they are not idle");
        driver.set_idle(true);
        let counts = [(0, zone), (0, zone), (0, other), (10_000, zone), (0, zone)];
        let counts = counts.map(|(interval, zone)| driver.is_newly_idle(CityMs(interval), zone));
        assert_eq!(counts, [true, false, true, true, false]);
    }

    #[test]
    fn a_driver_is_known_while_an_interval_is_open_or_they_are_idle() {
        let mut driver = SeenDriver::default();
        assert!(driver.is_new_moment(CityMs(3_000)) && !driver.is_new_moment(CityMs(3_000)));
        assert!(driver.forget(|at| at < CityMs(3_000)));
        driver.set_idle(true);
        assert!(driver.forget(|_| true) && driver.is_new_moment(CityMs(3_000)), "it is forgotten");
        driver.set_idle(false);
        assert!(!driver.forget(|_| true));
    }
}
