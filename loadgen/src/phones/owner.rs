//! Whose phone an output comes from, and which way that phone sends.

use domain::{DriverId, RiderId};

use crate::model::Output;
use crate::model::dice::Dice;

/// Seeds of the dice that decide which phones use the public API: the same phones in every run.
const DRIVERS_SEED: u64 = 1;
const RIDERS_SEED: u64 = 2;

/// Whose phone it is; what one owner sends stays in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    Driver(DriverId),
    Rider(RiderId),
}

impl Owner {
    /// Who sends this; `None` of what nobody sends.
    pub(super) fn of(output: &Output) -> Option<Self> {
        match output {
            Output::Report(report) => Some(Self::Driver(report.driver)),
            Output::Shift(shift) => Some(Self::Driver(shift.driver)),
            Output::Action(action) => Some(Self::Driver(action.driver)),
            Output::Request(request) => Some(Self::Rider(request.rider)),
            Output::Unroutable { .. } => None,
        }
    }

    /// Whether the owner is one of this share of all owners, 0 to 1.
    pub(super) fn is_among(self, share: f64) -> bool {
        self.dice().chance(share)
    }

    /// Which of `count` gateways the owner talks to, always the same one.
    pub(super) fn gateway(self, count: usize) -> usize {
        let id = match self {
            Self::Driver(DriverId(id)) | Self::Rider(RiderId(id)) => id,
        };
        usize::try_from(id % count as u64).expect("less than a count of gateways")
    }

    fn dice(self) -> Dice {
        match self {
            Self::Driver(DriverId(id)) => Dice::of_agent(DRIVERS_SEED, id),
            Self::Rider(RiderId(id)) => Dice::of_agent(RIDERS_SEED, id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drivers(share: f64) -> Vec<u64> {
        (1..=10_000).filter(|id| Owner::Driver(DriverId(*id)).is_among(share)).collect()
    }

    #[test]
    fn a_share_of_the_owners_is_chosen_and_always_the_same() {
        assert_eq!((drivers(0.0).len(), drivers(1.0).len()), (0, 10_000));
        let some = drivers(0.1);
        assert!((900..1_100).contains(&some.len()), "{}", some.len());
        assert_eq!(some, drivers(0.1));
        // Whoever is among few is also among more.
        let more = drivers(0.2);
        assert!(some.iter().all(|id| more.contains(id)));
    }

    #[test]
    fn riders_are_chosen_apart_from_drivers() {
        let rider = |id| Owner::Rider(RiderId(id)).is_among(0.5);
        let driver = |id| Owner::Driver(DriverId(id)).is_among(0.5);
        let alike = (1..=10_000).filter(|id| rider(*id) == driver(*id)).count();
        assert!((4_500..5_500).contains(&alike), "{alike}");
    }

    #[test]
    fn owners_are_spread_over_the_gateways() {
        for count in 1..4 {
            let mut seen = vec![0; count];
            (1..=300).for_each(|id| seen[Owner::Driver(DriverId(id)).gateway(count)] += 1);
            assert!(seen.iter().all(|owners| *owners == 300 / count), "{seen:?}");
        }
    }
}
