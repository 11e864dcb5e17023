//! Planted violations: what Redis shows.

use domain::DriverId;
use domain::driver::DriverStatus;
use live::LiveDriver;

use super::city::{City, T0, position, trip};
use super::{FindingKind, assert_finds, found};

#[test]
fn an_older_position_over_a_newer_one_is_found() {
    let mut city = City::clean();
    city.live[0].position = Some(position(85_000));
    city.live[0].seen_ms = Some(T0 + 85_000);
    assert_finds(&city, FindingKind::StalePositionInRedis);
}

#[test]
fn a_position_that_was_written_later_but_measured_earlier_is_older() {
    let mut city = City::clean();
    // A phone hands in late what it measured before: the newest stays.
    city.report(1, position(50_000), 50_000, 95_000);
    assert_eq!(found(&city.audit()), []);
    city.live[0].position = Some(position(50_000));
    city.live[0].seen_ms = Some(T0 + 95_000);
    assert_finds(&city, FindingKind::StalePositionInRedis);
}

#[test]
fn a_position_more_than_two_metres_off_is_found() {
    for (off_m, stale) in [(1.0, false), (5.0, true)] {
        let mut city = City::clean();
        city.live[0].position = Some(position(90_000).offset_m(0.0, off_m));
        let expected: &[(&str, u64)] = if stale { &[("stale_position_in_redis", 1)] } else { &[] };
        assert_eq!(found(&city.audit()), expected, "{off_m} m");
    }
}

#[test]
fn a_position_that_nobody_reported_is_found() {
    let mut city = City::clean();
    city.live[0].seen_ms = Some(T0 + 90_001);
    assert_finds(&city, FindingKind::StalePositionInRedis);
    let mut city = City::clean();
    let shown = LiveDriver {
        driver: DriverId(3),
        position: Some(position(0)),
        seen_ms: Some(T0 + 90_000),
        idle: None,
    };
    city.live.push(shown);
    assert_finds(&city, FindingKind::StalePositionInRedis);
}

#[test]
fn a_driver_on_shift_who_was_just_heard_of_and_is_not_shown_is_found() {
    let mut city = City::clean();
    city.live.remove(0);
    assert_finds(&city, FindingKind::StalePositionInRedis);
    // After half a minute the sweeper may have taken them out, and off shift nobody misses them.
    city.audit_ms += 20_000;
    assert_eq!(found(&city.audit()), []);
    city.audit_ms -= 20_000;
    city.driver_row(1, DriverStatus::Offline, None, 91_000);
    assert_eq!(found(&city.audit()), []);
}

#[test]
fn a_silent_driver_who_is_still_shown_is_found() {
    let mut city = City::clean();
    city.report(3, position(0), 0, 49_000);
    let shown = LiveDriver {
        driver: DriverId(3),
        position: Some(position(0)),
        seen_ms: Some(T0 + 49_000),
        idle: None,
    };
    city.live.push(shown);
    assert_finds(&city, FindingKind::SilentDriverInRedis);
    let report = city.audit();
    assert_eq!(
        report.findings["silent_driver_in_redis"].examples,
        ["driver 3: silent for 41 s, still shown"]
    );
}

#[test]
fn a_driver_who_is_shown_without_a_time_is_found() {
    let mut city = City::clean();
    city.live.push(LiveDriver {
        driver: DriverId(3),
        position: None,
        seen_ms: None,
        idle: Some(position(0)),
    });
    city.driver_row(3, DriverStatus::Idle, None, 10_000);
    assert_finds(&city, FindingKind::SilentDriverInRedis);
}

#[test]
fn when_the_whole_city_has_stopped_nobody_in_it_is_silent() {
    let mut city = City::clean();
    city.audit_ms += 3_600_000;
    assert_eq!(found(&city.audit()), []);
}

#[test]
fn a_driver_who_is_not_idle_and_yet_offered_is_found() {
    for status in [DriverStatus::Offline, DriverStatus::Reserved, DriverStatus::OnTrip] {
        let mut city = City::clean();
        city.driver_row(1, status, None, 42_000);
        assert_finds(&city, FindingKind::BusyDriverInIdleSet);
        city.live[0].idle = None;
        assert!(city.audit().clean);
    }
}

#[test]
fn a_driver_who_became_busy_a_moment_ago_may_still_be_offered() {
    let mut city = City::clean();
    city.closed = false;
    city.request(trip(4), 99_000);
    city.driver_row(1, DriverStatus::Reserved, Some(trip(4)), 99_000);
    assert_eq!(found(&city.audit()), []);
}

#[test]
fn an_offered_driver_who_is_in_no_table_is_found() {
    let mut city = City::clean();
    city.forget_last(&events::drivers::TOPIC, 1);
    assert_finds(&city, FindingKind::BusyDriverInIdleSet);
}
