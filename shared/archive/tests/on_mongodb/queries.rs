//! What people ask the archive, on a real server, and without one.

use std::time::{Duration, Instant};

use archive::{Archive, Cursor, Document, RideRecord, Settings};
use domain::driver::{DriverCommand, Phase};
use domain::tariff::SurgeMultiplier;
use domain::trip::{CancelledBy, DriverStep, TripFact};
use domain::{CityMs, DriverId, LatLng, RiderId, TripId, Zone};
use events::Contract;
use events::driver_actions::DriverAction;
use events::driver_commands::DriverCommandRecord;
use events::driver_shifts::{DriverShift, ShiftChange};
use events::fares::{FareEvent, FareKind};
use events::reservation_replies::ReservationReplyRecord;
use events::ride_requests::RideRequest;
use events::trip_events::TripEvent;
use mongodb::bson::{Document as Bson, doc};

use super::server::{Server, namespace};

const WRITTEN_MS: i64 = 1_700_000_000_000;
const AT_MS: i64 = 1_211_587_200_000;
const PICKUP: LatLng = LatLng { lat: 37.774_929, lon: -122.419_416 };
const DROPOFF: LatLng = LatLng { lat: 37.791, lon: -122.401 };
const RIDER: RiderId = RiderId(17);
const DRIVER: DriverId = DriverId(4711);

/// More than any read that people wait for may take: 1.5 s, and slack for a busy machine.
const SOON: Duration = Duration::from_millis(2500);

#[tokio::test(flavor = "multi_thread")]
async fn queries_find_what_belongs_together() {
    let server = Server::start().await;
    rides_of_a_rider_come_in_pages(&server).await;
    a_ride_is_told_with_how_it_ended(&server).await;
    a_trips_story_is_told_in_order(&server).await;
    a_drivers_story_is_told_newest_first(&server).await;
    every_query_finds_its_index(&server).await;
    what_is_not_there_is_not_found(&server).await;
    reads_fail_soon_when_the_server_goes_away(server).await;
}

/// Writes documents with offsets counted from 0, all in one partition.
struct Writer {
    archive: Archive,
    offset: i64,
}

impl Writer {
    async fn new(server: &Server, name: &str) -> Self {
        Self { archive: server.archive(name).await, offset: 0 }
    }

    async fn write<T: Contract>(&mut self, payload: &T) {
        let document = Document::of(payload, 1, self.offset, WRITTEN_MS + self.offset).unwrap();
        self.offset += 1;
        self.archive.insert(document.collection(), &[&document]).await.unwrap();
    }

    async fn facts(&mut self, trip: TripId, rider: RiderId, at_ms: i64, facts: &[TripFact]) {
        for (step, fact) in (0..).zip(facts) {
            self.write(&TripEvent { trip, rider, at: CityMs(at_ms + step), fact: fact.clone() }).await;
        }
    }
}

fn trip(number: u128) -> TripId {
    TripId { zone: Zone::of(PICKUP), uuid: uuid::Uuid::from_u128(number) }
}

fn requested() -> TripFact {
    TripFact::TripRequested { pickup: PICKUP, dropoff: DROPOFF, surge: SurgeMultiplier::NONE }
}

fn completed() -> TripFact {
    TripFact::TripCompleted {
        driver: DRIVER,
        distance_m: 4210,
        duration_s: 612,
        surge: SurgeMultiplier::NONE,
    }
}

fn example<T: Contract>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

fn trips(rides: &[RideRecord]) -> Vec<TripId> {
    rides.iter().map(|ride| ride.trip).collect()
}

async fn rides_of_a_rider_come_in_pages(server: &Server) {
    let mut writer = Writer::new(server, "pages").await;
    // Seven rides, of which the second to the fifth were asked for at the same moment.
    let moments = [0, 10, 10, 10, 10, 20, 30];
    for (number, moment) in (0..).zip(moments) {
        writer.facts(trip(number), RIDER, AT_MS + moment, &[requested()]).await;
        writer.facts(trip(100 + number), RiderId(18), AT_MS + moment, &[requested()]).await;
    }
    let expected: Vec<TripId> = (0..7).rev().map(trip).collect();
    for limit in 1..9 {
        let (mut found, mut before, mut pages): (_, Option<Cursor>, _) = (Vec::new(), None, 0);
        loop {
            let (page, next) = writer.archive.rider_rides(RIDER, before, limit).await.unwrap();
            assert!(page.len() <= limit as usize);
            found.extend(trips(&page));
            pages += 1;
            // The cursor goes through its text form, as it does between a client and the gateway.
            let Some(next) = next else { break };
            before = Some(next.to_string().parse().unwrap());
        }
        assert_eq!(found, expected, "pages of {limit}");
        assert_eq!(pages, 7_u32.div_ceil(limit), "pages of {limit}");
    }
    writer.archive.remove_all().await.unwrap();
}

async fn a_ride_is_told_with_how_it_ended(server: &Server) {
    let mut writer = Writer::new(server, "ended").await;
    let matched = TripFact::TripMatched { driver: DRIVER, attempt: 1 };
    let cancelled = TripFact::TripCancelled {
        by: CancelledBy::Rider,
        reason: "changed_mind".to_owned(),
        driver: Some(DRIVER),
    };
    let declined = TripFact::OfferDeclined { driver: DRIVER, attempt: 1 };
    let unfulfilled = TripFact::TripUnfulfilled { reason: "no_driver".to_owned() };
    writer.facts(trip(1), RIDER, AT_MS, &[requested(), matched.clone(), completed()]).await;
    writer.facts(trip(2), RIDER, AT_MS + 10, &[requested(), cancelled.clone()]).await;
    writer.facts(trip(3), RIDER, AT_MS + 20, &[requested(), declined, unfulfilled.clone()]).await;
    writer.facts(trip(4), RIDER, AT_MS + 30, &[requested()]).await;
    // A request that was sent twice, one taken back, and the meter beside the fare: none of them is a ride more.
    let request: RideRequest = example(events::ride_requests::EXAMPLE);
    writer.write(&RideRequest { trip: trip(1), rider: RIDER, ..request.clone() }).await;
    writer.write(&RideRequest { trip: trip(1), rider: RIDER, ..request }).await;
    let fare: FareEvent = FareEvent { trip: trip(1), ..example(events::fares::EXAMPLE) };
    writer.write(&fare).await;
    writer.write(&FareEvent { kind: FareKind::MeterRead, ..fare.clone() }).await;

    let (rides, next) = writer.archive.rider_rides(RIDER, None, 10).await.unwrap();
    assert_eq!((trips(&rides), next), ([4, 3, 2, 1].map(trip).to_vec(), None));
    let told: Vec<_> = rides.iter().map(|ride| (&ride.last.fact, ride.driver, ride.distance_m)).collect();
    let expected = [
        (&requested(), None, None),
        (&unfulfilled, None, None),
        (&cancelled, Some(DRIVER), None),
        (&completed(), Some(DRIVER), Some(4210)),
    ];
    assert_eq!(told, expected);
    let fares: Vec<_> = rides.iter().map(|ride| ride.fare.as_ref()).collect();
    assert_eq!(fares, [None, None, None, Some(&fare)]);
    let last = &rides[3];
    assert_eq!((last.pickup, last.dropoff, last.surge), (PICKUP, DROPOFF, SurgeMultiplier::NONE));
    assert_eq!((last.rider, last.requested_at, last.duration_s), (RIDER, CityMs(AT_MS), Some(612)));
    assert_eq!(writer.archive.ride(trip(1)).await.unwrap().as_ref(), Some(last));
    assert_eq!(writer.archive.ride(trip(5)).await.unwrap(), None);
    writer.archive.remove_all().await.unwrap();
}

async fn a_trips_story_is_told_in_order(server: &Server) {
    let mut writer = Writer::new(server, "trip-story").await;
    let request: RideRequest = example(events::ride_requests::EXAMPLE);
    let id = request.trip;
    writer.write(&request).await;
    writer.facts(id, RIDER, AT_MS, &[requested()]).await;
    writer.write(&example::<ReservationReplyRecord>(events::reservation_replies::EXAMPLE)).await;
    writer.write(&example::<DriverAction>(events::driver_actions::EXAMPLE)).await;
    writer.facts(id, RIDER, AT_MS + 9, &[completed()]).await;
    writer.write(&example::<FareEvent>(events::fares::EXAMPLE)).await;
    writer.facts(trip(1), RIDER, AT_MS, &[requested(), completed()]).await;
    let story = writer.archive.trip_story(id).await.unwrap();
    let told: Vec<&str> = story.iter().map(|line| line.topic).collect();
    let expected =
        ["ride-requests", "trip-events", "reservation-replies", "driver-actions", "trip-events", "fares"];
    assert_eq!(told, expected);
    let places =
        story.iter().map(|line| (line.document.id.offset(), line.document.timestamp_ms - WRITTEN_MS));
    assert_eq!(places.collect::<Vec<_>>(), (0..6).map(|offset| (offset, offset)).collect::<Vec<_>>());
    writer.archive.remove_all().await.unwrap();
}

async fn a_drivers_story_is_told_newest_first(server: &Server) {
    let mut writer = Writer::new(server, "driver-story").await;
    let at = |second: i64| CityMs(AT_MS + second * 1000);
    let shift = |second, change| DriverShift { driver: DRIVER, at: at(second), change, position: PICKUP };
    writer.write(&shift(0, ShiftChange::Start)).await;
    for second in [10, 20] {
        let action = DriverAction {
            trip: trip(1),
            driver: DRIVER,
            attempt: 1,
            at: at(second),
            step: DriverStep::Accept,
        };
        writer.write(&action).await;
        let command = DriverCommand::Progress { trip: trip(1), phase: Phase::Matched };
        writer.write(&DriverCommandRecord { driver: DRIVER, at: at(second), command }).await;
    }
    writer.write(&shift(30, ShiftChange::End)).await;
    writer.write(&DriverShift { driver: DriverId(1), ..shift(5, ShiftChange::Start) }).await;
    let expected = [
        ("driver_shifts", 30),
        ("driver_commands", 20),
        ("driver_actions", 20),
        ("driver_commands", 10),
        ("driver_actions", 10),
        ("driver_shifts", 0),
    ];
    for limit in [1, 2, 3, 4, 5, 6, 100] {
        let story = writer.archive.driver_story(DRIVER, limit).await.unwrap();
        let told = story.iter().map(|line| {
            let second = (line.document.fields["at"].as_i64().unwrap() - AT_MS) / 1000;
            (line.collection, second)
        });
        let shown = expected.len().min(limit as usize);
        assert_eq!(told.collect::<Vec<_>>(), expected[..shown], "{limit} lines");
    }
    writer.archive.remove_all().await.unwrap();
}

/// The server's own notes on each query: none read a collection from end to end, none sorted what an index sorts.
async fn every_query_finds_its_index(server: &Server) {
    let mut writer = Writer::new(server, "indexes").await;
    for number in 0..50 {
        writer.facts(trip(number), RIDER, AT_MS, &[requested(), completed()]).await;
    }
    let client = mongodb::Client::with_uri_str(&server.uri).await.unwrap();
    let database = client.database(&namespace("indexes"));
    database.run_command(doc! { "profile": 2 }).await.unwrap();
    let (_, next) = writer.archive.rider_rides(RIDER, None, 10).await.unwrap();
    let (second, _) = writer.archive.rider_rides(RIDER, next, 10).await.unwrap();
    assert_eq!(trips(&second), (30..40).rev().map(trip).collect::<Vec<_>>());
    writer.archive.driver_story(DRIVER, 10).await.unwrap();
    writer.archive.trip_story(trip(1)).await.unwrap();
    database.run_command(doc! { "profile": 0 }).await.unwrap();
    let queries = database.collection::<Bson>("system.profile");
    let mut queries = queries.find(doc! { "op": "query" }).await.unwrap();
    let mut plans = Vec::new();
    while queries.advance().await.unwrap() {
        let query = queries.deserialize_current().unwrap();
        let plan = query.get_str("planSummary").unwrap_or("none").to_owned();
        let is_sorted = query.get_bool("hasSortStage").unwrap_or(false);
        plans.push((plan, is_sorted, query.get_i32("docsExamined").unwrap_or(0)));
    }
    assert_eq!(plans.len(), 6 + 3 + 5, "{plans:?}");
    for (plan, is_sorted, _) in &plans {
        let by_moment = plan.contains("at: 1");
        assert!(plan.starts_with("IXSCAN") && !(by_moment && *is_sorted), "{plans:?}");
    }
    let pages: Vec<i32> =
        plans.iter().filter(|(plan, ..)| plan.contains("rider: 1")).map(|(_, _, read)| *read).collect();
    assert!(pages.len() == 2 && pages.iter().all(|read| (1..=21).contains(read)), "{plans:?}");
    writer.archive.remove_all().await.unwrap();
}

async fn what_is_not_there_is_not_found(server: &Server) {
    let archive = server.archive("nothing").await;
    for rider in [RIDER, RiderId(u64::MAX)] {
        assert_eq!(archive.rider_rides(rider, None, 10).await.unwrap(), (Vec::new(), None));
    }
    for driver in [DRIVER, DriverId(u64::MAX)] {
        assert_eq!(archive.driver_story(driver, 10).await.unwrap(), []);
    }
    assert_eq!(archive.trip_story(trip(1)).await.unwrap(), []);
    archive.remove_all().await.unwrap();
}

async fn reads_fail_soon_when_the_server_goes_away(server: Server) {
    let archive = Archive::connect_for_reading(&server.settings(), &namespace("away")).await.unwrap();
    assert!(archive.is_up().await);
    assert_eq!(archive.rider_rides(RIDER, None, 10).await.unwrap(), (Vec::new(), None));
    if server.stop().await {
        fails_soon(&archive).await;
    }
}

async fn fails_soon(archive: &Archive) {
    for round in 0..2 {
        let start = Instant::now();
        assert!(archive.rider_rides(RIDER, None, 10).await.is_err());
        assert!(start.elapsed() < SOON, "round {round} took {:?}", start.elapsed());
        let start = Instant::now();
        assert!(archive.driver_story(DRIVER, 10).await.is_err());
        assert!(start.elapsed() < SOON, "round {round} took {:?}", start.elapsed());
        let start = Instant::now();
        assert!(!archive.is_up().await);
        assert!(start.elapsed() < SOON, "round {round} took {:?}", start.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_fail_soon_without_a_server_and_with_one_that_says_nothing() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addresses = [silent.local_addr().unwrap(), nobody.local_addr().unwrap()];
    drop(nobody);
    for address in addresses {
        let settings = Settings { mongodb_uri: format!("mongodb://{address}/?directConnection=true") };
        let archive = Archive::connect_for_reading(&settings, "away").await.unwrap();
        fails_soon(&archive).await;
    }
}
