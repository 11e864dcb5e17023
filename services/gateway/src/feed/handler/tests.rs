//! Records in, news out.

use domain::DriverId;
use pipeline::fakes::OwnedRecord;
use testkit::town::START_MS;

use super::*;

/// A record of an example, written when it happened.
fn record(topic: &events::Topic, key: &str, payload: &str) -> OwnedRecord {
    let at = serde_json::from_str::<serde_json::Value>(payload).unwrap()["at"].as_i64();
    let record = OwnedRecord::new(topic.name, 3, 40, key, payload);
    OwnedRecord { timestamp_ms: at.unwrap_or(START_MS), ..record }
}

fn key_of(payload: &str, field: &str) -> String {
    let value = &serde_json::from_str::<serde_json::Value>(payload).unwrap()[field];
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn handler() -> FeedHandler<impl FnMut() -> bool + Send> {
    FeedHandler::new(CityClock::REAL, || false)
}

fn handle(record: &OwnedRecord) -> (Result<Outcome, Reject>, Vec<News>) {
    let mut news = Vec::new();
    let outcome = handler().handle(&record.borrow(), &mut news);
    (outcome, news)
}

fn tick(handler: &mut FeedHandler<impl FnMut() -> bool + Send>) -> Vec<News> {
    let mut news = Vec::new();
    handler.tick(START_MS, &mut news);
    news
}

#[test]
fn every_stream_becomes_news() {
    use events::{driver_locations, eta_updates, fares, service_figures, trip_events};
    for (topic, field, payload) in [
        (driver_locations::TOPIC, "driver", driver_locations::EXAMPLE),
        (trip_events::TOPIC, "trip", trip_events::EXAMPLE),
        (eta_updates::TOPIC, "trip", eta_updates::EXAMPLE),
        (fares::TOPIC, "trip", fares::EXAMPLE),
        (service_figures::TOPIC, "member", service_figures::EXAMPLE),
    ] {
        let (outcome, news) = handle(&record(&topic, &key_of(payload, field), payload));
        assert_eq!(outcome, Ok(Outcome::Done), "{}", topic.name);
        let name = match &news[..] {
            [News::Report { timestamp_ms: 1_211_587_200_000, .. }] => "driver-locations",
            [News::Fact { partition: 3, offset: 40, timestamp_ms: 1_211_587_200_000, .. }] => "trip-events",
            [News::Eta(_)] => "eta-updates",
            [News::Fare(_)] => "fares",
            [News::Figures(_)] => "service-figures",
            other => panic!("{other:?}"),
        };
        assert_eq!(name, topic.name);
    }
}

#[test]
fn bad_records_are_passed_over_and_counted() {
    let report = record(&events::driver_locations::TOPIC, "4711", events::driver_locations::EXAMPLE);
    let with = |payload: &str| OwnedRecord { payload: Some(payload.into()), ..report.clone() };
    for (record, reason) in [
        (OwnedRecord { payload: None, ..report.clone() }, "null_payload"),
        (with("{"), "malformed_json"),
        (with(r#"{"driver":4711}"#), "wrong_shape"),
        (with(&events::driver_locations::EXAMPLE.replace("37.77", "97.77")), "out_of_range"),
        (OwnedRecord { key: Some(b"1".to_vec()), ..report.clone() }, "key_mismatch"),
        (OwnedRecord { timestamp_ms: 0, ..report.clone() }, "in_the_future"),
        (OwnedRecord { topic: "rain".to_owned(), ..report.clone() }, "unknown_topic"),
    ] {
        assert_eq!(handle(&record), (Ok(Outcome::Skipped(reason)), Vec::new()), "{reason}");
    }
}

#[test]
fn of_a_table_the_newest_of_each_key_is_told_once() {
    let mut handler = handler();
    let driver = |id: u64, status: &str| {
        let payload = format!(r#"{{"id":{id},"status":"{status}","since":0}}"#);
        OwnedRecord::new("drivers", 0, 0, &id.to_string(), &payload)
    };
    let gone = OwnedRecord { payload: None, ..driver(3, "idle") };
    let trip = record(&events::trips::TOPIC, &key_of(events::trips::EXAMPLE, "id"), events::trips::EXAMPLE);
    let zone = record(&events::zones::TOPIC, &key_of(events::zones::EXAMPLE, "zone"), events::zones::EXAMPLE);
    for record in [driver(2, "idle"), driver(1, "idle"), driver(2, "reserved"), gone, trip, zone] {
        handler.observe(&record.borrow()).unwrap();
    }
    let told: Vec<String> = tick(&mut handler)
        .iter()
        .map(|news| match news {
            News::Driver(id, driver) => format!("{id} {:?}", driver.as_ref().map(|driver| driver.status)),
            News::Trip(_, Some(_)) => "trip".to_owned(),
            News::Zone(_, Some(_)) => "zone".to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, ["1 Some(Idle)", "2 Some(Reserved)", "3 None", "trip", "zone"]);
    assert!(tick(&mut handler).is_empty());
}

#[test]
fn table_records_that_name_nothing_are_rejected() {
    for (topic, key, payload) in [
        ("drivers", "x", r#"{"id":1,"status":"idle","since":0}"#),
        ("drivers", "2", r#"{"id":1,"status":"idle","since":0}"#),
        ("trips", "1", events::trips::EXAMPLE),
        ("zones", "1", events::zones::EXAMPLE),
        ("driver-locations", "4711", events::driver_locations::EXAMPLE),
    ] {
        let mut handler = handler();
        assert!(
            handler.observe(&OwnedRecord::new(topic, 0, 0, key, payload).borrow()).is_err(),
            "{topic} {key}"
        );
        assert!(tick(&mut handler).is_empty());
    }
    assert_eq!(events::drivers::key(Some(b"7")), Some(DriverId(7)));
}

#[test]
fn it_is_said_once_that_the_tables_are_read() {
    let mut asked = 0;
    let mut handler = FeedHandler::new(CityClock::REAL, move || {
        asked += 1;
        asked >= 2
    });
    assert_eq!(tick(&mut handler), []);
    assert_eq!(tick(&mut handler), [News::TablesAreRead]);
    assert_eq!(tick(&mut handler), []);
}
