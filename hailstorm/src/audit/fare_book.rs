//! One fare for each completed trip, and the right one.
//!
//! The amounts are computed here anew, from the tariff that the fare itself names.

use std::collections::BTreeMap;

use domain::tariff::Tariff;
use domain::{RiderId, TripId};
use events::fares::{FareEvent, FareKind};

use super::trip_book::{TripBook, TripView};
use super::trip_history::{Completion, TripHistory};
use super::{Cut, FindingKind, Findings, Place};

/// The final fares.
#[derive(Debug, Default)]
pub(super) struct FareBook(BTreeMap<TripId, Vec<Fare>>);

#[derive(Debug)]
struct Fare {
    place: Place,
    timestamp_ms: i64,
    rider: RiderId,
    tariff: Tariff,
    event: FareEvent,
}

impl FareBook {
    /// A record of the `fares` topic.
    pub(super) fn fare(&mut self, event: FareEvent, place: Place, timestamp_ms: i64) {
        if let FareKind::FareCalculated { rider, tariff } = event.kind {
            self.0.entry(event.trip).or_default().push(Fare { place, timestamp_ms, rider, tariff, event });
        }
    }

    /// How many final fares there are.
    pub(super) fn count(&self) -> u64 {
        self.0.values().map(|fares| fares.len() as u64).sum()
    }

    /// Compares fares and completed trips. `are_whole` says of a partition whether retention has removed neither.
    pub(super) fn judge(
        &self,
        trips: &TripBook,
        cut: Cut,
        are_whole: impl Fn(i32) -> bool,
        findings: &mut Findings,
    ) {
        for TripView { trip, history, partition, .. } in trips.trips() {
            let Some(completion) = history.completion else { continue };
            match self.0.get(&trip).map(Vec::as_slice) {
                None | Some([]) if !are_whole(partition) => {}
                None | Some([]) => {
                    findings.add(FindingKind::FareMissing, || format!("trip {trip}, partition {partition}"))
                }
                Some([fare, more @ ..]) => {
                    for second in more {
                        findings.add(FindingKind::FareTwice, || {
                            format!("{}: trip {trip}, first at {}", second.place, fare.place)
                        });
                    }
                    if let Err(what) = fare.check(&completion, history) {
                        findings.add(FindingKind::FareWrongAmount, || {
                            format!("{}: trip {trip}: {what}", fare.place)
                        });
                    }
                }
            }
        }
        for (trip, fare) in self.0.iter().filter_map(|(trip, fares)| Some((*trip, fares.first()?))) {
            let completed = trips.trip(trip).is_some_and(|history| history.completion.is_some());
            if !completed && cut.is_settled(fare.timestamp_ms) && are_whole(fare.place.partition) {
                findings.add(FindingKind::FareWithoutCompletion, || format!("{}: trip {trip}", fare.place));
            }
        }
    }
}

impl Fare {
    fn check(&self, completion: &Completion, history: &TripHistory) -> Result<(), String> {
        let fare = &self.event;
        let ride = (fare.driver, fare.distance_m, fare.duration_s, fare.surge);
        let driven = (completion.driver, completion.distance_m, completion.duration_s, completion.surge);
        if ride != driven {
            return Err(format!("driver, distance, duration and surge are {ride:?}, driven was {driven:?}"));
        }
        if self.rider != history.rider {
            return Err(format!("rider {} pays, rider {} rode", self.rider, history.rider));
        }
        if fare.breakdown.total.currency != self.tariff.currency {
            return Err(format!("{} by a tariff in {}", fare.breakdown.total, self.tariff.currency));
        }
        let found = [
            fare.breakdown.base_minor,
            fare.breakdown.distance_minor,
            fare.breakdown.time_minor,
            fare.breakdown.total.minor,
        ];
        let due = amounts(&self.tariff, completion);
        if found.map(i128::from) == due {
            return Ok(());
        }
        Err(format!("base, distance, time and total are {found:?}, due are {due:?}"))
    }
}

/// Base, distance, time and total in minor units: kilometres to the metre, minutes to the second, each rounded to the
/// nearest (half up), no less than the minimum, times surge, rounded again.
fn amounts(tariff: &Tariff, ride: &Completion) -> [i128; 4] {
    let nearest = |amount: i128, per: i128| (2 * amount + per).div_euclid(2 * per);
    let base = i128::from(tariff.base_minor);
    let distance = nearest(i128::from(tariff.per_km_minor) * i128::from(ride.distance_m), 1000);
    let time = nearest(i128::from(tariff.per_minute_minor) * i128::from(ride.duration_s), 60);
    let least = i128::from(tariff.minimum_minor);
    let sum = base + distance + time;
    let before_surge = if sum < least { least } else { sum };
    [base, distance, time, nearest(before_surge * i128::from(ride.surge.hundredths()), 100)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::tariff::SurgeMultiplier;
    use domain::{Currency, DriverId};

    #[test]
    fn amounts_as_people_would_reckon_them() {
        let tariff = Tariff {
            base_minor: 250,
            per_km_minor: 110,
            per_minute_minor: 30,
            minimum_minor: 500,
            currency: Currency::USD,
        };
        for (distance_m, duration_s, surge, due) in [
            (0, 0, 100, [250, 0, 0, 500]),
            // 4.210 km at 1.10 is 4.631, 10.2 min at 0.30 is 3.06; together 10.19, times 1.2 is 12.228.
            (4210, 612, 120, [250, 463, 306, 1223]),
            // Half a cent goes up: 50 m at 1.10 is 0.055.
            (50, 0, 300, [250, 6, 0, 1500]),
        ] {
            let surge = SurgeMultiplier::try_from(surge).unwrap();
            let ride = Completion { driver: DriverId(1), distance_m, duration_s, surge };
            assert_eq!(amounts(&tariff, &ride), due);
        }
    }
}
