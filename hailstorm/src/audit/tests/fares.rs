//! Planted violations: fares.

use domain::DriverId;
use domain::tariff::{SurgeMultiplier, Tariff};
use events::fares::{FareEvent, FareKind, TOPIC as FARES};

use super::city::{BY_ZONE, City, RIDER, trip};
use super::{FindingKind, assert_finds};

#[test]
fn a_completed_trip_without_fare_is_found() {
    let mut city = City::clean();
    city.forget_last(&FARES, 1);
    let meter = FareEvent { kind: FareKind::MeterRead, ..city.fare(trip(1)) };
    city.write(&meter, 39_000);
    assert_finds(&city, FindingKind::FareMissing);
    city.low.insert((FARES.name, BY_ZONE), 1);
    assert!(city.audit().clean, "what retention removed is not guessed");
}

#[test]
fn a_second_fare_is_found() {
    let mut city = City::clean();
    let fare = city.fare(trip(1));
    city.write(&fare, 41_000);
    assert_finds(&city, FindingKind::FareTwice);
}

#[test]
fn a_wrong_fare_is_found_whatever_is_wrong_with_it() {
    let changes: [fn(&mut FareEvent); 10] = [
        |fare| fare.breakdown.total.minor += 1,
        |fare| fare.breakdown.base_minor = 251,
        |fare| fare.breakdown.distance_minor = 462,
        |fare| fare.breakdown.time_minor = 14,
        |fare| fare.breakdown.total.currency = "EUR".parse().unwrap(),
        |fare| fare.distance_m += 1,
        |fare| fare.duration_s += 1,
        |fare| fare.surge = SurgeMultiplier::NONE,
        |fare| fare.driver = DriverId(2),
        |fare| fare.kind = FareKind::FareCalculated { rider: domain::RiderId(18), tariff: Tariff::default() },
    ];
    for change in changes {
        let mut city = City::clean();
        let mut fare = city.fare(trip(1));
        change(&mut fare);
        city.forget_last(&FARES, 1);
        city.write(&fare, 40_100);
        assert_finds(&city, FindingKind::FareWrongAmount);
    }
}

#[test]
fn the_tariff_of_the_fare_itself_counts() {
    let mut city = City::clean();
    let dearer = Tariff { base_minor: 300, ..Tariff::default() };
    let mut fare =
        FareEvent { kind: FareKind::FareCalculated { rider: RIDER, tariff: dearer }, ..city.fare(trip(1)) };
    city.forget_last(&FARES, 1);
    // 3.00 + 4.63 + 0.15, times 1.2, is 9.336.
    (fare.breakdown.base_minor, fare.breakdown.total.minor) = (300, 934);
    city.write(&fare, 40_100);
    assert!(city.audit().clean, "{}", city.audit());
}

#[test]
fn a_fare_of_a_trip_that_was_not_completed_is_found() {
    let mut city = City::clean();
    let fare = city.fare(trip(2));
    city.write(&fare, 41_000);
    assert_finds(&city, FindingKind::FareWithoutCompletion);
}
