//! Tables over the states of a trip, and properties over any sequence of inputs.

use proptest::prelude::*;

use super::*;
use crate::driver::RefusalReason;
use crate::trip::DriverStep;
use crate::{CityClock, LatLng, RealMs};

const PICKUP: LatLng = LatLng { lat: 37.774_929, lon: -122.419_416 };
const DROPOFF: LatLng = LatLng { lat: 37.791, lon: -122.401 };
const RIDER: RiderId = RiderId(17);
const ASKED: DriverId = DriverId(1);
const OTHER: DriverId = DriverId(2);
/// The city began a little earlier than real time, and runs at the same speed.
const REQUESTED_AT: CityMs = CityMs(1_000_000);

fn at_ms(real: i64) -> Now {
    Now { real: RealMs(real), clock: CityClock::new(RealMs(0), REQUESTED_AT, 1.0) }
}

fn requested() -> Trip {
    let id = format!("{}.0192f0c1-2345-7abc-8def-0123456789ab", crate::Zone::of(PICKUP)).parse().unwrap();
    let request = Request { id, rider: RIDER, pickup: PICKUP, dropoff: DROPOFF, at: REQUESTED_AT };
    let decision = Trip::request(request, SurgeMultiplier::NONE, at_ms(0), &Patience::default());
    next(&decision).clone()
}

fn next(decision: &Decision) -> &Trip {
    match &decision.next {
        Next::Become(trip) => trip,
        other => panic!("expected another state, got {other:?}"),
    }
}

fn reply(driver: DriverId, attempt: u32, reply: ReservationReply) -> Input {
    Input::Reply { driver, attempt, reply, at: REQUESTED_AT.plus_ms(1_000) }
}

fn reserved(driver: DriverId, attempt: u32) -> Input {
    reply(driver, attempt, ReservationReply::Reserved)
}

fn acts(driver: DriverId, attempt: u32, step: DriverStep, at_s: i64) -> Input {
    Input::DriverActs { driver, attempt, step, at: REQUESTED_AT.plus_ms(at_s * 1000) }
}

fn cancels(rider: RiderId) -> Input {
    Input::RiderCancels { rider, reason: "changed_mind", at: REQUESTED_AT.plus_ms(2_000) }
}

fn on(trip: &Trip, input: Input) -> Result<Decision, Ignored> {
    trip.on(input, at_ms(20_000), &Patience::default())
}

/// The trip in every state from the request to each end, with a name.
fn states() -> Vec<(&'static str, Trip)> {
    let follow = |trip: &Trip, input| next(&on(trip, input).unwrap()).clone();
    let requested = requested();
    let offered = follow(&requested, reserved(ASKED, 1));
    let matched = follow(&offered, acts(ASKED, 1, DriverStep::Accept, 3));
    let arrived = follow(&matched, acts(ASKED, 1, DriverStep::Arrive, 60));
    let started = follow(&arrived, acts(ASKED, 1, DriverStep::PickUp, 90));
    let completed = follow(&started, acts(ASKED, 1, DriverStep::DropOff { odometer_m: 4210 }, 702));
    let cancelled = follow(&requested, cancels(RIDER));
    let unfulfilled = next(&requested.time_out(at_ms(180_000), &Patience::default())).clone();
    vec![
        ("requested", requested),
        ("offered", offered),
        ("matched", matched),
        ("arrived", arrived),
        ("started", started),
        ("completed", completed),
        ("cancelled", cancelled),
        ("unfulfilled", unfulfilled),
    ]
}

fn state(name: &str) -> Trip {
    states().into_iter().find(|(found, _)| *found == name).unwrap().1
}

/// What came of an input, in short: the event (or the reason to ignore) and the command to the driver.
fn outcome(result: &Result<Decision, Ignored>) -> String {
    let decision = match result {
        Ok(decision) => decision,
        Err(Ignored(reason)) => return format!("ignored: {reason}"),
    };
    let tag = |value: serde_json::Value, names: &[&str]| {
        let parts: Vec<_> = names.iter().filter_map(|name| value[name].as_str().map(str::to_owned)).collect();
        parts.join(" ")
    };
    let fact = decision.fact.as_ref().map_or("nothing".into(), |fact| {
        tag(serde_json::to_value(fact).unwrap(), &["event", "by", "reason"])
    });
    let command = decision.command.as_ref().map(|(driver, command)| {
        format!(
            ", {} to {driver}",
            tag(serde_json::to_value(command).unwrap(), &["command", "phase", "reason"])
        )
    });
    format!("{fact}{}", command.unwrap_or_default())
}

#[test]
fn the_happy_trip_is_told_step_by_step() {
    let started = state("started");
    let decision = on(&started, acts(ASKED, 1, DriverStep::DropOff { odometer_m: 4210 }, 702)).unwrap();
    let fact = TripFact::TripCompleted {
        driver: ASKED,
        distance_m: 4210,
        duration_s: 612,
        surge: SurgeMultiplier::NONE,
    };
    assert_eq!(decision.fact, Some(fact));
    assert_eq!(next(&decision).status, TripStatus::Completed { driver: ASKED });
    assert_eq!(next(&decision).deadline, RealMs(20_000 + 600_000));
    let offered = on(&requested(), reserved(ASKED, 1)).unwrap();
    assert!(matches!(offered.fact, Some(TripFact::OfferMade { expires_at: RealMs(35_000), attempt: 1, .. })));
    assert_eq!(next(&offered).deadline, RealMs(35_000));
}

#[test]
fn every_step_of_the_driver_has_one_outcome_in_every_state() {
    use DriverStep::{Accept, Arrive, Cancel, Decline, DropOff, PickUp};
    let cancelled = "trip_cancelled driver driver_cancelled, release cancelled to 1";
    let (no_offer, too_early, repeated) =
        ("ignored: no_offer", "ignored: impossible_step", "ignored: repeated");
    let too_late = too_early;
    let matched = "trip_matched, progress matched to 1";
    let declined = "offer_declined, release declined to 1";
    let arrived = "driver_arrived, progress arrived to 1";
    let started = "trip_started, progress started to 1";
    let completed = "trip_completed, progress completed to 1";
    for (step, outcomes) in [
        (Accept, [no_offer, matched, repeated, repeated, repeated]),
        (Decline, [no_offer, declined, too_late, too_late, too_late]),
        (Arrive, [no_offer, too_early, arrived, repeated, repeated]),
        (PickUp, [no_offer, too_early, too_early, started, repeated]),
        (DropOff { odometer_m: 1 }, [no_offer, too_early, too_early, too_early, completed]),
        (Cancel, [no_offer, too_early, cancelled, cancelled, "ignored: rider_on_board"]),
    ] {
        for ((name, trip), expected) in states().iter().zip(outcomes) {
            assert_eq!(outcome(&on(trip, acts(ASKED, 1, step, 800))), expected, "{step:?} when {name}");
        }
        for (name, trip) in states().iter().skip(5) {
            assert_eq!(
                outcome(&on(trip, acts(ASKED, 1, step, 800))),
                "ignored: trip_ended",
                "{step:?} when {name}"
            );
        }
    }
}

#[test]
fn steps_of_other_drivers_and_other_attempts_are_ignored() {
    for (name, trip) in states().iter().take(5) {
        assert_eq!(
            outcome(&on(trip, acts(ASKED, 2, DriverStep::Accept, 9))),
            "ignored: stale_attempt",
            "{name}"
        );
    }
    for (name, trip) in states().iter().take(5).skip(1) {
        assert_eq!(
            outcome(&on(trip, acts(OTHER, 1, DriverStep::Accept, 9))),
            "ignored: other_driver",
            "{name}"
        );
    }
}

#[test]
fn replies_have_one_outcome_in_every_state() {
    let busy = ReservationReply::Refused { reason: RefusalReason::Busy };
    let late = |driver| format!("nothing, release too_late to {driver}");
    for (name, trip) in states() {
        let (held, ended) = (trip.driver().is_some(), trip.is_ended());
        let asked = match (held, ended) {
            (true, _) => "ignored: repeated".to_owned(),
            (false, true) => late(1),
            (false, false) => "offer_made".to_owned(),
        };
        assert_eq!(outcome(&on(&trip, reserved(ASKED, 1))), asked, "reserved when {name}");
        let other = if held || ended { late(2) } else { "offer_made".to_owned() };
        assert_eq!(outcome(&on(&trip, reserved(OTHER, 1))), other, "another one reserved when {name}");
        assert_eq!(outcome(&on(&trip, reserved(OTHER, 9))), late(2), "wrong attempt when {name}");
        let refused = match (held, ended) {
            (true, _) => "ignored: has_a_driver",
            (_, true) => "ignored: trip_ended",
            (false, false) => "nothing",
        };
        assert_eq!(outcome(&on(&trip, reply(ASKED, 1, busy))), refused, "refused when {name}");
        let stale = if ended { "ignored: trip_ended" } else { "ignored: stale_attempt" };
        assert_eq!(outcome(&on(&trip, reply(ASKED, 2, busy))), stale, "refused another attempt when {name}");
    }
}

#[test]
fn a_rider_may_cancel_until_on_board() {
    for ((name, trip), expected) in states().iter().zip([
        "trip_cancelled rider changed_mind",
        "trip_cancelled rider changed_mind, release cancelled to 1",
        "trip_cancelled rider changed_mind, release cancelled to 1",
        "trip_cancelled rider changed_mind, release cancelled to 1",
        "ignored: rider_on_board",
        "ignored: trip_ended",
        "ignored: trip_ended",
        "ignored: trip_ended",
    ]) {
        assert_eq!(outcome(&on(trip, cancels(RIDER))), expected, "{name}");
        let stranger = if trip.is_ended() { "ignored: trip_ended" } else { "ignored: other_rider" };
        assert_eq!(outcome(&on(trip, cancels(RiderId(18)))), stranger, "{name}");
    }
}

#[test]
fn every_state_times_out() {
    let vanished = "trip_cancelled system driver_vanished, release vanished to 1";
    for ((name, trip), expected) in states().iter().zip([
        "trip_unfulfilled no_driver",
        "offer_expired, release expired to 1",
        vanished,
        vanished,
        vanished,
        "nothing",
        "nothing",
        "nothing",
    ]) {
        let decision = trip.time_out(at_ms(9_000_000), &Patience::default());
        assert_eq!(decision.next == Next::Forget, trip.is_ended(), "{name}");
        assert_eq!(decision.at, REQUESTED_AT.plus_ms(9_000_000));
        assert_eq!(outcome(&Ok(decision)), expected, "{name}");
    }
}

#[test]
fn a_failed_offer_excludes_the_driver_and_keeps_the_end_of_the_search() {
    let offered = state("offered");
    let declined = on(&offered, acts(ASKED, 1, DriverStep::Decline, 4)).unwrap();
    let expired = offered.time_out(at_ms(35_000), &Patience::default());
    for trip in [next(&declined), next(&expired)] {
        assert_eq!((trip.status, trip.attempt), (TripStatus::Requested, 2));
        assert_eq!(trip.excluded, [ASKED]);
        assert_eq!(trip.deadline, RealMs(180_000), "the search began with the request");
        let again = on(trip, reserved(ASKED, 2)).unwrap();
        assert!(again.fact.is_none() && again.command.is_some());
        assert_eq!(next(&again).attempt, 3, "matching must see that this attempt came to nothing");
    }
}

#[test]
fn a_refusal_says_nothing_against_the_driver() {
    let busy = ReservationReply::Refused { reason: RefusalReason::Busy };
    let decision = on(&requested(), reply(ASKED, 1, busy)).unwrap();
    let expected = Trip { attempt: 2, ..requested() };
    assert_eq!(next(&decision), &expected);
}

#[test]
fn time_never_runs_backwards_within_a_trip() {
    let drop_off = acts(ASKED, 1, DriverStep::DropOff { odometer_m: 0 }, 10);
    let decision = on(&state("started"), drop_off).unwrap();
    assert!(matches!(decision.fact, Some(TripFact::TripCompleted { duration_s: 0, .. })));
    let early = acts(ASKED, 1, DriverStep::Accept, -500);
    assert_eq!(on(&state("offered"), early).unwrap().at, REQUESTED_AT);
}

#[test]
fn a_driver_kept_for_an_unknown_trip_is_let_go() {
    let id = requested().id;
    let release = DriverCommand::Release { trip: id, attempt: 3, reason: ReleaseReason::TooLate };
    assert_eq!(on_unknown(id, reserved(ASKED, 3)), Ok((ASKED, release)));
    let busy = ReservationReply::Refused { reason: RefusalReason::Busy };
    for input in [reply(ASKED, 1, busy), cancels(RIDER), acts(ASKED, 1, DriverStep::Accept, 1)] {
        assert_eq!(on_unknown(id, input), Err(Ignored("unknown_trip")));
    }
}

fn any_input() -> impl Strategy<Value = Input> {
    let step = prop_oneof![
        5 => Just(DriverStep::Accept),
        1 => Just(DriverStep::Decline),
        4 => Just(DriverStep::Arrive),
        4 => Just(DriverStep::PickUp),
        4 => (0u32..10_000).prop_map(|odometer_m| DriverStep::DropOff { odometer_m }),
        1 => Just(DriverStep::Cancel),
    ];
    let who = || (1u64..3).prop_map(DriverId);
    prop_oneof![
        6 => (who(), 1u32..4, step, -10i64..900).prop_map(|(driver, attempt, step, at_s)| acts(driver, attempt, step, at_s)),
        3 => (who(), 1u32..4).prop_map(|(driver, attempt)| reserved(driver, attempt)),
        1 => (who(), 1u32..4).prop_map(|(driver, attempt)| reply(driver, attempt, ReservationReply::Refused { reason: RefusalReason::Busy })),
        1 => Just(cancels(RIDER)),
    ]
}

/// An input, or time that passes.
fn any_move() -> impl Strategy<Value = Result<Input, i64>> {
    prop_oneof![9 => any_input().prop_map(Ok), 2 => (0i64..60_000).prop_map(Err)]
}

proptest! {
    #[test]
    fn any_sequence_ends_a_trip_once_and_never_skips_a_state(moves in prop::collection::vec(any_move(), 0..60)) {
        let patience = Patience::default();
        let (mut trip, mut now, mut ends) = (Some(requested()), at_ms(0), 0);
        // In the end only time passes: each state, and each offer that fails, ends by it.
        for a_move in moves.into_iter().chain([Err(100_000_000); 8]) {
            let Some(present) = trip.clone() else { break };
            let result = match a_move {
                Ok(input) => present.on(input, now, &patience),
                Err(ms) => {
                    now.real = now.real.plus_ms(ms);
                    if present.deadline > now.real { continue }
                    Ok(present.time_out(now, &patience))
                }
            };
            let Ok(decision) = result else { continue };
            prop_assert!(decision.at >= present.requested_at);
            match &decision.next {
                Next::Same => prop_assert!(decision.fact.is_none()),
                Next::Forget => trip = None,
                Next::Become(next) => {
                    prop_assert!(!present.is_ended(), "an ended trip never changes");
                    prop_assert!(next.deadline >= now.real || next.status == TripStatus::Requested);
                    prop_assert_eq!(next.search_until, present.search_until);
                    prop_assert!(next.attempt >= present.attempt);
                    prop_assert_eq!(next.attempt > present.attempt, next.status == TripStatus::Requested);
                    if let Some(driver) = next.driver() {
                        prop_assert!(!next.excluded.contains(&driver), "an excluded driver is never asked again");
                        prop_assert!(present.driver().is_none_or(|before| before == driver));
                    }
                    // Whoever loses the trip is told.
                    if let (Some(before), None) = (present.driver(), next.driver()) {
                        prop_assert_eq!(decision.command.as_ref().map(|(driver, _)| *driver), Some(before));
                    }
                    ends += u32::from(next.is_ended());
                    trip = Some(next.clone());
                }
            }
        }
        prop_assert_eq!(ends, 1);
        prop_assert!(trip.is_none(), "an ended trip leaves the table");
    }
}
