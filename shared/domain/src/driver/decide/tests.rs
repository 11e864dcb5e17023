//! Tables over the states of a driver, and properties over any sequence of inputs.

use proptest::prelude::*;

use super::*;
use crate::tariff::SurgeMultiplier;
use crate::{LatLng, Zone};

const PICKUP: LatLng = LatLng { lat: 37.774_929, lon: -122.419_416 };
const NOW: CityMs = CityMs(5_000);

fn trip(number: u32) -> TripId {
    format!("{}.0192f0c1-2345-7abc-8def-{number:012}", Zone::of(PICKUP)).parse().unwrap()
}

fn assignment(number: u32, attempt: u32) -> Assignment {
    let trip = trip(number);
    Assignment {
        trip,
        attempt,
        pickup: PICKUP,
        dropoff: PICKUP,
        surge: SurgeMultiplier::NONE,
        started_at: None,
    }
}

fn reserve(number: u32, attempt: u32) -> Input {
    Input::Command(DriverCommand::Reserve(assignment(number, attempt)))
}

fn progress(number: u32, phase: Phase) -> Input {
    Input::Command(DriverCommand::Progress { trip: trip(number), phase })
}

fn release(number: u32, attempt: u32, reason: ReleaseReason) -> Input {
    Input::Command(DriverCommand::Release { trip: trip(number), attempt, reason })
}

/// A driver in a state, for trip 1 in attempt 2 if it needs one.
fn driver(status: DriverStatus, leaving: bool) -> Driver {
    let busy = status > DriverStatus::Idle;
    let started_at = (status == DriverStatus::OnTrip).then_some(CityMs(900));
    let assignment = busy.then(|| Assignment { started_at, ..assignment(1, 2) });
    Driver { id: crate::DriverId(7), status, since: CityMs(1_000), assignment, leaving: busy && leaving }
}

const STATES: [DriverStatus; 6] = [
    DriverStatus::Offline,
    DriverStatus::Idle,
    DriverStatus::Reserved,
    DriverStatus::ToPickup,
    DriverStatus::Waiting,
    DriverStatus::OnTrip,
];

/// What came of an input, in short: the next state and the reply, or the reason to ignore.
fn outcome(driver: &Driver, input: &Input) -> String {
    let decision = match driver.on(input, NOW) {
        Ok(decision) => decision,
        Err(Ignored(reason)) => return format!("ignored: {reason}"),
    };
    let text = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    let next = decision.next.map_or("same".to_owned(), |next| {
        let leaving = if next.leaving { " leaving" } else { "" };
        format!("{}{leaving}", text(serde_json::to_value(next.status).unwrap()))
    });
    let reply = decision.answer.map(|answer| match answer.reply {
        ReservationReply::Reserved => ", reserved".to_owned(),
        ReservationReply::Refused { reason } => format!(", {}", text(serde_json::to_value(reason).unwrap())),
    });
    format!("{next}{}", reply.unwrap_or_default())
}

fn check(input: &Input, leaving: bool, expected: [&str; 6]) {
    for (status, expected) in STATES.into_iter().zip(expected) {
        assert_eq!(
            outcome(&driver(status, leaving), input),
            expected,
            "{input:?} when {status:?}, leaving {leaving}"
        );
    }
}

#[test]
fn only_an_idle_driver_can_be_reserved() {
    let busy = "same, busy";
    check(&reserve(1, 2), false, ["same, offline", "reserved, reserved", "same, reserved", busy, busy, busy]);
    check(&reserve(1, 2), true, ["same, offline", "reserved, reserved", "same, reserved", busy, busy, busy]);
    for other in [reserve(1, 1), reserve(1, 3), reserve(2, 2)] {
        check(&other, false, ["same, offline", "reserved, reserved", busy, busy, busy, busy]);
    }
}

#[test]
fn shifts_begin_and_end_in_every_state() {
    let (on, leaving) = ("ignored: already_on_shift", "ignored: already_leaving");
    check(&Input::ShiftStarts, false, ["idle", on, on, on, on, on]);
    check(&Input::ShiftStarts, true, ["idle", on, "reserved", "to_pickup", "waiting", "on_trip"]);
    let off = "ignored: already_off_shift";
    check(
        &Input::ShiftEnds,
        false,
        [off, "offline", "reserved leaving", "to_pickup leaving", "waiting leaving", "on_trip leaving"],
    );
    check(&Input::ShiftEnds, true, [off, "offline", leaving, leaving, leaving, leaving]);
}

#[test]
fn a_driver_follows_the_phases_of_its_own_trip() {
    let (other, repeated) = ("ignored: other_trip", "ignored: repeated");
    check(&progress(1, Phase::Matched), false, [other, other, "to_pickup", repeated, repeated, repeated]);
    check(&progress(1, Phase::Arrived), false, [other, other, "waiting", "waiting", repeated, repeated]);
    check(&progress(1, Phase::Started), false, [other, other, "on_trip", "on_trip", "on_trip", repeated]);
    check(&progress(1, Phase::Completed), false, [other, other, "idle", "idle", "idle", "idle"]);
    check(&progress(1, Phase::Completed), true, [other, other, "offline", "offline", "offline", "offline"]);
    check(&progress(2, Phase::Completed), false, [other; 6]);
    let started =
        driver(DriverStatus::Waiting, false).on(&progress(1, Phase::Started), NOW).unwrap().next.unwrap();
    assert_eq!(started.assignment.unwrap().started_at, Some(NOW));
    assert_eq!(started.since, NOW);
}

#[test]
fn only_the_trip_and_attempt_that_hold_a_driver_release_it() {
    let other = "ignored: other_trip";
    check(&release(1, 2, ReleaseReason::Declined), false, [other, other, "idle", "idle", "idle", "idle"]);
    check(
        &release(1, 2, ReleaseReason::Cancelled),
        true,
        [other, other, "offline", "offline", "offline", "offline"],
    );
    check(
        &release(1, 2, ReleaseReason::Vanished),
        false,
        [other, other, "offline", "offline", "offline", "offline"],
    );
    check(&release(1, 1, ReleaseReason::TooLate), false, [other; 6]);
    check(&release(2, 2, ReleaseReason::TooLate), false, [other; 6]);
}

fn any_input() -> impl Strategy<Value = Input> {
    let phase = prop::sample::select(vec![Phase::Matched, Phase::Arrived, Phase::Started, Phase::Completed]);
    let reason = prop::sample::select(vec![
        ReleaseReason::Declined,
        ReleaseReason::Expired,
        ReleaseReason::TooLate,
        ReleaseReason::Cancelled,
        ReleaseReason::Vanished,
    ]);
    prop_oneof![
        2 => Just(Input::ShiftStarts),
        1 => Just(Input::ShiftEnds),
        4 => (1u32..3, 1u32..3).prop_map(|(number, attempt)| reserve(number, attempt)),
        4 => (1u32..3, phase).prop_map(|(number, phase)| progress(number, phase)),
        2 => (1u32..3, 1u32..3, reason).prop_map(|(number, attempt, reason)| release(number, attempt, reason)),
    ]
}

proptest! {
    #[test]
    fn any_sequence_keeps_a_driver_whole(inputs in prop::collection::vec(any_input(), 0..80)) {
        let mut driver = Driver::unknown(crate::DriverId(7));
        for (step, input) in (1i64..).zip(inputs) {
            let before = driver.clone();
            let Ok(decision) = driver.on(&input, CityMs(step)) else { continue };
            prop_assert_eq!(decision.answer.is_some(), matches!(input, Input::Command(DriverCommand::Reserve(_))));
            if let Some(next) = decision.next {
                prop_assert_ne!(&next, &before, "a snapshot is written only for a change");
                driver = next;
            }
            let busy = driver.status > DriverStatus::Idle;
            prop_assert_eq!(busy, driver.assignment.is_some());
            prop_assert!(busy || !driver.leaving, "a free driver that leaves is gone");
            prop_assert_eq!(
                driver.status == DriverStatus::OnTrip,
                driver.assignment.is_some_and(|kept| kept.started_at.is_some())
            );
            if let (Some(held), Some(kept)) = (before.assignment, driver.assignment) {
                prop_assert_eq!((held.trip, held.attempt), (kept.trip, kept.attempt), "never from one trip to another");
            }
        }
    }
}
