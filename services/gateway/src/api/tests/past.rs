//! What was: histories and stories, and what happens when nobody remembers.

use std::sync::atomic::Ordering;

use archive::{DocumentId, StoredDocument, StoryLine};
use domain::DriverId;
use domain::trip::TripStatus;
use serde_json::{Value, json};

use super::gate::{Gate, KEY, NOW_MS, remembered, trip, trip_of};

const OTHER_KEY: &str = "6f9619ff-8b86-4011-b42d-00c04fc96400";

#[tokio::test]
async fn the_rides_of_a_rider_come_in_pages() {
    let gate = Gate::new();
    let cancelled =
        json!({"event": "trip_cancelled", "by": "rider", "reason": "changed_mind", "driver": 4711});
    let offered = json!({"event": "trip_unfulfilled", "reason": "no_driver"});
    let rides = [remembered(trip_of(KEY), &cancelled), remembered(trip_of(OTHER_KEY), &offered)];
    gate.history.rides.lock().unwrap().extend(rides);
    let page = gate.get("/v1/rides?rider=17&limit=1").await.json();
    assert_eq!(
        (page["rides"].as_array().unwrap().len(), &page["rides"][0]["state"]),
        (1, &json!("cancelled"))
    );
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    let page = gate.get(&format!("/v1/rides?rider=17&cursor={cursor}")).await.json();
    assert_eq!((page["rides"].as_array().unwrap().len(), &page["next_cursor"]), (2, &Value::Null));
    assert_eq!(gate.get("/v1/rides?rider=18").await.json()["rides"], json!([]));
    // What is under way is told as it is now.
    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Matched { driver: DriverId(4711) })]);
    assert_eq!(gate.get("/v1/rides?rider=17").await.json()["rides"][0]["state"], "matched");
    for (query, slug) in [
        ("", "invalid-parameter"),
        ("?rider=x", "invalid-parameter"),
        ("?rider=-1", "invalid-parameter"),
        ("?rider=9007199254740992", "invalid-parameter"),
        ("?rider=1&rider=2", "invalid-parameter"),
        ("?rider=1&limit=0", "invalid-parameter"),
        ("?rider=1&limit=101", "invalid-parameter"),
        ("?rider=1&limit=1.5", "invalid-parameter"),
        ("?rider=1&cursor=%C3%A4", "unknown-cursor"),
        ("?rider=1&cursor=", "unknown-cursor"),
    ] {
        assert_eq!(gate.get(&format!("/v1/rides{query}")).await.slug(), slug, "{query}");
    }
}

#[tokio::test]
async fn stories_tell_topic_and_place_of_each_record() {
    let gate = Gate::new();
    let story = format!("/v1/rides/{}/story", trip_of(KEY));
    assert_eq!(gate.get(&story).await.slug(), "unknown-ride");
    assert_eq!(gate.get("/v1/drivers/7/story").await.json(), json!({"events": []}));
    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Requested)]);
    let trace = format!("http://traces/{}", trip_of(KEY).uuid.simple());
    let nothing = json!({"events": [], "trace_url": trace});
    assert_eq!(gate.get(&story).await.json(), nothing, "nothing is archived yet");
    let fields = json!({"event": "trip_requested"}).as_object().unwrap().clone();
    let document = StoredDocument { id: DocumentId::new(3, 17).unwrap(), timestamp_ms: NOW_MS, fields };
    let line = StoryLine { collection: "trip_events", topic: "trip-events", document };
    gate.history.lines.lock().unwrap().push(line);
    let event = json!({"topic": "trip-events", "partition": 3, "offset": 17, "time_ms": NOW_MS,
        "fields": {"event": "trip_requested"}});
    assert_eq!(gate.get(&story).await.json(), json!({"events": [event], "trace_url": trace}));
    assert_eq!(gate.get("/v1/drivers/7/story").await.json(), json!({"events": [event]}));
}

#[tokio::test]
async fn without_mongodb_only_the_past_is_missing() {
    let gate = Gate::new();
    gate.history.is_away.store(true, Ordering::Relaxed);
    let ride = format!("/v1/rides/{}", trip_of(KEY));
    for path in ["/v1/rides?rider=17", "/v1/drivers/7/story", &format!("{ride}/story"), &ride] {
        let answer = gate.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.slug().as_str()), (503, "history-unavailable"), "{path}");
    }
    gate.view.apply(&[trip(trip_of(KEY), TripStatus::Requested)]);
    assert_eq!(gate.get(&ride).await.status, 200);
}
