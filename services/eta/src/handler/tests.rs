//! Drivers on a generated city: reports in, estimates out.

use std::sync::LazyLock;

use super::*;
use domain::{CityMs, LatLng, Zone};
use events::eta_updates::Leg;
use pipeline::fakes::OwnedRecord;
use proptest::prelude::*;
use roads::{CityOptions, NodeId, Route};

const TRIP: &str = "88283082a3fffff.0192f0c1-2345-7abc-8def-0123456789ab";
const OTHER_TRIP: &str = "88283082a3fffff.0192f0c1-2345-7abc-8def-0123456789ac";

static CITY: LazyLock<RoadNetwork> = LazyLock::new(|| RoadNetwork::generate(5, &CityOptions::default()));

struct Service {
    handler: EtaHandler,
    offset: i64,
}

impl Service {
    fn new() -> Self {
        let mut handler = EtaHandler::new(CityClock::REAL, CITY.clone(), Figures::default());
        handler.assigned(0);
        Self { handler, offset: 0 }
    }

    fn give(
        &mut self,
        topic: &str,
        key: &str,
        payload: &str,
    ) -> (Result<Outcome, &'static str>, Vec<EtaUpdate>) {
        self.offset += 1;
        let record = OwnedRecord::new(topic, 0, self.offset, key, payload);
        let mut effects = Vec::new();
        let outcome = self.handler.handle(&record.borrow(), &mut effects).map_err(|reject| reject.code);
        let decode =
            |record: &OutRecord| events::decode(Some(&record.key), record.payload.as_deref(), None).unwrap();
        (outcome, effects.iter().map(decode).collect())
    }

    fn driver_is(&mut self, status: &str, pickup: LatLng, dropoff: LatLng) {
        let stop = |at: LatLng| format!(r#"{{"lat":{},"lon":{}}}"#, at.lat, at.lon);
        let payload = format!(
            r#"{{"id":7,"status":"{status}","since":0,"assignment":{{"trip":"{TRIP}","attempt":1,"pickup":{},"dropoff":{},"surge":100}}}}"#,
            stop(pickup),
            stop(dropoff)
        );
        assert_eq!(self.give("drivers", "7", &payload).0, Ok(Outcome::Done));
    }

    fn report(&mut self, at_s: f64, position: LatLng) -> Vec<EtaUpdate> {
        let (outcome, updates) = self.give("driver-locations", "7", &report(at_s, position, TRIP));
        assert_eq!(outcome, Ok(Outcome::Done));
        updates
    }

    fn zone_speed(&mut self, zone: Zone, speed_mps: Option<f64>) {
        let speed = speed_mps.map_or(String::new(), |speed| format!(r#","speed_mps":{speed}"#));
        let payload = format!(r#"{{"zone":"{zone}","at":0,"supply":0,"demand":0{speed},"surge":100}}"#);
        let record = OwnedRecord::new("zones", 0, 0, &zone.to_string(), &payload);
        self.handler.observe(&record.borrow()).unwrap();
    }
}

fn report(at_s: f64, position: LatLng, trip: &str) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a test")]
    let at = (at_s * 1000.0) as i64;
    let LatLng { lat, lon } = position.rounded();
    format!(r#"{{"driver":7,"at":{at},"lat":{lat},"lon":{lon},"heading":0,"speed":9,"trip":"{trip}"}}"#)
}

/// A route of at least two kilometres, the n-th of many.
fn long_route(n: u32) -> Route {
    let count = u32::try_from(CITY.node_count()).unwrap();
    let candidates = (0..).map(|k| ((n * 7919 + k * 31) % count, (n * 104_729 + k * 977) % count));
    let mut routes = candidates.filter_map(|(from, to)| CITY.route(NodeId(from), NodeId(to)));
    routes.find(|route| route.length_m() > 2_000.0).unwrap()
}

fn start(route: &Route) -> LatLng {
    route.position_at_distance(0.0).position
}

fn whole_s(seconds: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of a test")]
    let whole = seconds.round() as u32;
    whole
}

#[test]
fn each_leg_is_told_once_and_a_driver_on_schedule_is_no_news() {
    let mut service = Service::new();
    let route = long_route(1);
    let (from, to) = (start(&route), route.end());
    service.driver_is("to_pickup", to, from);
    let mut updates = Vec::new();
    for second in (0..whole_s(route.freeflow_s())).step_by(5) {
        let driven_m = route.distance_after_s(f64::from(second));
        updates.extend(service.report(f64::from(second), route.position_at_distance(driven_m).position));
    }
    let told: Vec<_> = updates.iter().map(|update| (update.leg, update.at)).collect();
    assert_eq!(told, [(Leg::Pickup, CityMs(0))], "{updates:?}");
    assert_eq!(updates[0].eta_s, whole_s(route.freeflow_s()));
    assert_eq!(updates[0].remaining_m, whole_s(route.length_m()));
    service.driver_is("waiting", to, from);
    assert!(service.report(1000.0, to).is_empty());
    service.driver_is("on_trip", to, from);
    let updates = service.report(1010.0, to);
    assert_eq!(updates.iter().map(|update| update.leg).collect::<Vec<_>>(), [Leg::Dropoff]);
    service.driver_is("idle", to, from);
    assert!(service.report(1020.0, to).is_empty());
    assert_eq!(service.handler.figures.rerouted.get(), 0);
    assert_eq!(service.handler.figures.legs.get(), 2);
}

#[test]
fn a_driver_who_stands_still_is_news_after_fifteen_seconds() {
    let mut service = Service::new();
    let route = long_route(2);
    service.driver_is("on_trip", route.end(), route.end());
    let told: Vec<usize> = (0..5).map(|n| service.report(f64::from(n) * 5.0, start(&route)).len()).collect();
    assert_eq!(told, [1, 0, 0, 0, 1]);
}

#[test]
fn slow_traffic_makes_it_longer() {
    let mut service = Service::new();
    let route = long_route(3);
    let zones: Vec<Zone> = CITY.nodes().map(|node| CITY.zone(node)).collect();
    service.driver_is("on_trip", route.end(), route.end());
    let free_s = service.report(0.0, start(&route))[0].eta_s;
    zones.iter().for_each(|zone| service.zone_speed(*zone, Some(0.1)));
    let jammed_s = service.report(5.0, start(&route))[0].eta_s;
    assert_eq!(jammed_s, whole_s(3.0 * route.freeflow_s()));
    zones.iter().for_each(|zone| service.zone_speed(*zone, None));
    assert_eq!(service.report(10.0, start(&route))[0].eta_s, free_s);
}

#[test]
fn a_driver_off_the_route_twice_gets_a_new_one() {
    let mut service = Service::new();
    let route = long_route(4);
    service.driver_is("on_trip", route.end(), route.end());
    service.report(0.0, start(&route));
    let elsewhere = CITY
        .nodes()
        .map(|node| CITY.position(node))
        .find(|position| route.project(*position, 0.0).off_route_m > 800.0)
        .unwrap();
    assert!(service.report(5.0, elsewhere).is_empty(), "once may be a bad position");
    assert_eq!(service.handler.figures.rerouted.get(), 0);
    service.report(10.0, start(&route));
    service.report(15.0, elsewhere);
    assert_eq!(service.handler.figures.rerouted.get(), 0, "not in a row");
    let update = service.report(20.0, elsewhere).remove(0);
    assert_eq!(service.handler.figures.rerouted.get(), 1);
    let anew = CITY.route_between(elsewhere, route.end()).unwrap();
    assert_eq!((update.eta_s, update.remaining_m), (whole_s(anew.freeflow_s()), whole_s(anew.length_m())));
}

#[test]
fn off_the_network_a_straight_line_is_used_until_there_is_a_road() {
    let mut service = Service::new();
    let route = long_route(5);
    let far_away = CITY.bounding_box().max.offset_m(20_000.0, 0.0);
    service.driver_is("on_trip", route.end(), route.end());
    let update = service.report(0.0, far_away).remove(0);
    let expected_m = far_away.rounded().distance_m(route.end()) * 1.3;
    assert_eq!((update.remaining_m, update.eta_s), (whole_s(expected_m), whole_s(expected_m / 7.0)));
    assert_eq!(service.handler.figures.unroutable.get(), 1);
    let update = service.report(5.0, start(&route)).remove(0);
    assert_eq!(update.remaining_m, whole_s(route.length_m()));
}

#[test]
fn after_a_take_over_the_leg_is_told_again() {
    let mut service = Service::new();
    let route = long_route(6);
    service.driver_is("on_trip", route.end(), route.end());
    assert_eq!(service.report(0.0, start(&route)).len(), 1);
    service.handler.revoked(0);
    service.handler.assigned(0);
    assert!(service.report(5.0, start(&route)).is_empty(), "the table is gone");
    service.driver_is("on_trip", route.end(), route.end());
    assert_eq!(service.report(10.0, start(&route)).len(), 1);
}

#[test]
fn an_older_record_of_the_table_changes_nothing() {
    let mut service = Service::new();
    let route = long_route(7);
    service.offset = 100;
    service.driver_is("on_trip", route.end(), route.end());
    service.offset = 50;
    service.driver_is("idle", route.end(), route.end());
    assert_eq!(service.report(0.0, start(&route)).len(), 1);
}

#[test]
fn what_can_not_be_used_is_rejected_or_skipped_with_its_reason() {
    let route = long_route(8);
    let here = start(&route);
    for (topic, key, payload, expected) in [
        ("driver-locations", "7", report(5.0, here, TRIP), Ok(Outcome::Done)),
        ("driver-locations", "7", report(0.0, here, TRIP), Ok(Outcome::Skipped("stale"))),
        ("driver-locations", "7", report(5.0, here, OTHER_TRIP), Ok(Outcome::Skipped("other_trip"))),
        ("driver-locations", "8", report(5.0, here, TRIP), Err("key_mismatch")),
        ("driver-locations", "7", report(5.0, here, "x"), Err("wrong_shape")),
        ("driver-locations", "7", String::new(), Err("malformed_json")),
        ("drivers", "7", "[]".to_owned(), Err("wrong_shape")),
        ("trips", "7", "{}".to_owned(), Err("unknown_topic")),
    ] {
        let mut service = Service::new();
        service.driver_is("on_trip", route.end(), route.end());
        service.report(0.0, here);
        let (outcome, _) = service.give(topic, key, &payload);
        assert_eq!(outcome, expected, "{topic} {payload}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_was_told_last_is_never_far_from_the_truth(n in 0u32..500, pauses in prop::collection::vec(0u32..4, 60)) {
        let mut service = Service::new();
        let route = long_route(n);
        service.driver_is("on_trip", route.end(), route.end());
        let (mut second, mut driven_s, mut last) = (0.0, 0.0, None);
        for pause in pauses {
            let along_m = route.distance_after_s(driven_s);
            let updates = service.report(second, route.position_at_distance(along_m).position);
            prop_assert!(updates.len() <= 1);
            last = updates.first().map(|update| second + f64::from(update.eta_s)).or(last);
            let left_s = (route.freeflow_s() - driven_s).max(0.0);
            let off_s = (last.unwrap() - second - left_s).abs();
            // Fifteen seconds, a rounded one, and what the projection onto the route is off.
            prop_assert!(off_s < 15.0 + 1.0 + 3.0, "{off_s} s off with {left_s} s left");
            second += 5.0;
            driven_s += 5.0 - f64::from(pause);
        }
    }
}
