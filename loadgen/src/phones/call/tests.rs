//! What requests say, and what answers to them mean.

use domain::{DriverId, Zone};
use serde_json::{Value, json};

use super::*;

const PICKUP: LatLng = LatLng { lat: 37.7749, lon: -122.4194 };
const DROPOFF: LatLng = LatLng { lat: 37.791, lon: -122.401 };

fn trip() -> TripId {
    TripId { zone: Zone::of(PICKUP), uuid: Uuid::from_u128(0x0192_f0c1_2345_7abc_8def_0123_4567_89ab) }
}

fn report(at: i64, trip: Option<TripId>) -> Output {
    let (driver, at) = (DriverId(7), CityMs(at));
    let odometer_m = trip.map(|_| 1_840);
    let LatLng { lat, lon } = PICKUP;
    Output::Report(LocationReport { driver, at, lat, lon, heading: 90, speed: 8.3, trip, odometer_m })
}

fn action(step: DriverStep) -> Output {
    Output::Action(DriverAction { trip: trip(), driver: DriverId(7), attempt: 2, at: CityMs(5), step })
}

fn request(wish: Wish) -> Output {
    Output::Request(RideRequest { trip: trip(), rider: RiderId(17), at: CityMs(5), wish })
}

fn calls(outputs: impl IntoIterator<Item = Output>) -> Vec<Call> {
    let mut outputs: VecDeque<Output> = outputs.into_iter().collect();
    std::iter::from_fn(|| Call::next(&mut outputs)).collect()
}

fn said(output: Output) -> (String, Value) {
    let calls = calls([output]);
    assert_eq!((calls.len(), calls[0].outputs), (1, 1));
    (calls[0].path.clone(), serde_json::from_slice(&calls[0].body).unwrap())
}

#[test]
fn each_output_is_said_as_the_api_wants_it() {
    let (trip, at) = (trip(), json!({"lat": PICKUP.lat, "lon": PICKUP.lon}));
    let shift =
        DriverShift { driver: DriverId(7), at: CityMs(5), change: ShiftChange::Start, position: PICKUP };
    let to = json!({"lat": DROPOFF.lat, "lon": DROPOFF.lon});
    for (output, path, body) in [
        (Output::Shift(shift), "/v1/drivers/7/shift".to_owned(), json!({"change": "start", "position": at})),
        (
            action(DriverStep::Accept),
            "/v1/drivers/7/actions".to_owned(),
            json!({"trip": trip, "attempt": 2, "step": "accept"}),
        ),
        (
            action(DriverStep::DropOff { odometer_m: 4_210 }),
            "/v1/drivers/7/actions".to_owned(),
            json!({"trip": trip, "attempt": 2, "step": "drop_off", "odometer_m": 4_210}),
        ),
        (
            request(Wish::Ride { pickup: PICKUP, dropoff: DROPOFF }),
            "/v1/rides".to_owned(),
            json!({"rider": 17, "pickup": at, "dropoff": to}),
        ),
        (
            request(Wish::Cancel { reason: CancelReason::WaitedTooLong }),
            format!("/v1/rides/{trip}/cancel"),
            json!({"reason": "waited_too_long"}),
        ),
        (
            request(Wish::Cancel { reason: CancelReason::CityClosing }),
            format!("/v1/rides/{trip}/cancel"),
            json!({"reason": "changed_mind"}),
        ),
    ] {
        assert_eq!(said(output), (path, body));
    }
}

#[test]
fn only_a_ride_has_a_key_and_it_is_the_uuid_of_the_trip() {
    let ride = request(Wish::Ride { pickup: PICKUP, dropoff: DROPOFF });
    let cancel = request(Wish::Cancel { reason: CancelReason::ChangedMind });
    let keys: Vec<_> = calls([ride, cancel]).iter().map(|call| call.key).collect();
    assert_eq!(keys, [Some(trip().uuid), None]);
}

#[test]
fn reports_behind_each_other_go_together_up_to_a_thousand() {
    let outputs = [report(1, None), report(2, Some(trip())), action(DriverStep::Arrive), report(3, None)];
    let made = calls(outputs);
    let kinds: Vec<_> = made.iter().map(|call| (call.kind, call.outputs)).collect();
    assert_eq!(kinds, [(Kind::Reports, 2), (Kind::Action, 1), (Kind::Reports, 1)]);
    let body: Value = serde_json::from_slice(&made[0].body).unwrap();
    let plain = json!({"at_ms": 1, "lat": 37.7749, "lon": -122.4194, "heading": 90, "speed": 8.3});
    assert_eq!(body[0], plain);
    assert_eq!((body[1]["trip"].clone(), body[1]["odometer_m"].clone()), (json!(trip()), json!(1_840)));
    let many: Vec<_> = calls((0..1_001).map(|at| report(at, None))).iter().map(|call| call.outputs).collect();
    assert_eq!(many, [1_000, 1]);
}

#[test]
fn what_nobody_sends_makes_no_call() {
    let unroutable = Output::Unroutable { line: 3, what: "off the network".to_owned() };
    assert_eq!(calls([unroutable.clone(), report(1, None), unroutable]).len(), 1);
}

#[test]
fn answers_are_understood() {
    let two = calls([report(1, None), report(2, None)]).remove(0);
    let ride = calls([request(Wish::Ride { pickup: PICKUP, dropoff: DROPOFF })]).remove(0);
    let cancel = calls([request(Wish::Cancel { reason: CancelReason::ChangedMind })]).remove(0);
    let step = calls([action(DriverStep::Accept)]).remove(0);
    let this_ride = json!({"id": trip(), "state": "requested"}).to_string();
    let later = |seconds: Option<u64>| Meaning::Later(seconds.map(Duration::from_secs));
    for (call, status, retry_after, body, meaning) in [
        (&two, 202, None, r#"{"accepted":2}"#, Meaning::Accepted),
        (&two, 202, None, r#"{"accepted":1}"#, Meaning::Refused),
        (&ride, 202, None, this_ride.as_str(), Meaning::Accepted),
        (&ride, 202, None, r#"{"id":"another"}"#, Meaning::Refused),
        (&ride, 202, None, "no json", Meaning::Refused),
        (&ride, 409, None, "", Meaning::Refused),
        (&ride, 422, None, "", Meaning::Refused),
        (&step, 202, None, "", Meaning::Accepted),
        (&step, 404, None, "", Meaning::Refused),
        (&cancel, 202, None, "", Meaning::Accepted),
        (&cancel, 404, None, "", Meaning::Unknown),
        (&cancel, 409, None, "", Meaning::Ended),
        (&cancel, 400, None, "", Meaning::Refused),
        (&two, 429, Some("3"), "", later(Some(3))),
        (&two, 503, Some(" 1 "), "", later(Some(1))),
        (&two, 503, Some("tomorrow"), "", later(None)),
        (&two, 500, None, "", later(None)),
    ] {
        let found = call.meaning(status, retry_after, body.as_bytes());
        assert_eq!(found, meaning, "{status} {body} to {}", call.path);
    }
}
