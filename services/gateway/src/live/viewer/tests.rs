//! What a client makes of the frames always equals what the server has, whatever the client looks at and misses.

use std::collections::BTreeMap;

use bytes::Buf;
use domain::driver::DriverStatus;
use domain::{DriverId, LatLng};
use proptest::prelude::*;
use serde_json::Value;
use testkit::town;

use crate::view::{Changes, DriverSpot, OpenTrip, Phase, TripChange};

use super::super::tile::Place;
use super::*;

const CENTRE: LatLng = LatLng { lat: 37.774_929, lon: -122.419_416 };

/// Drivers by tile and id: place in the tile and state.
type Drivers = BTreeMap<(u32, u32), BTreeMap<u64, (u16, u16, u8)>>;

/// A client: decodes frames and keeps what they say, by tile.
#[derive(Debug, Default, PartialEq)]
struct Client {
    mode: String,
    tiles: BTreeSet<(u32, u32)>,
    drivers: Drivers,
    counts: BTreeMap<(u32, u32), BTreeMap<u16, (u16, u16)>>,
    trips: BTreeMap<Vec<u8>, u8>,
    zones: usize,
    figures: usize,
}

impl Client {
    fn take(&mut self, messages: &[Message]) {
        for message in messages {
            match message {
                Message::Text(text) => self.text(&serde_json::from_str(text).unwrap()),
                Message::Binary(bytes) => self.binary(&bytes[..]),
                other => panic!("{other:?}"),
            }
        }
    }

    fn text(&mut self, message: &Value) {
        match message["type"].as_str().unwrap() {
            "tiles" => {
                let mode = message["mode"].as_str().unwrap();
                if mode != self.mode {
                    self.drivers.clear();
                    self.counts.clear();
                }
                mode.clone_into(&mut self.mode);
                let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
                let pair = |tile: &Value| (number(&tile[0]), number(&tile[1]));
                self.tiles = message["tiles"].as_array().unwrap().iter().map(pair).collect();
                self.drivers.retain(|tile, _| self.tiles.contains(tile));
                self.counts.retain(|tile, _| self.tiles.contains(tile));
            }
            "zones" => self.zones += 1,
            "figures" => self.figures += 1,
            other => panic!("{other}"),
        }
    }

    fn binary(&mut self, mut bytes: &[u8]) {
        let (kind, version) = (bytes.get_u8(), bytes.get_u8());
        assert_eq!(version, 1);
        let (_zoom, _grid) = (bytes.get_u8(), bytes.get_u8());
        let tile = (bytes.get_u32_le(), bytes.get_u32_le());
        let _tick = bytes.get_u32_le();
        match kind {
            1 | 2 => self.tile(kind, tile, bytes),
            3 => {
                assert!(self.mode == "counts" && self.tiles.contains(&tile));
                let count = bytes.get_u32_le();
                let mut cell = || {
                    let cell = (bytes.get_u16_le(), (bytes.get_u16_le(), bytes.get_u16_le()));
                    assert_eq!(bytes.get_u16_le(), 0);
                    cell
                };
                self.counts.insert(tile, (0..count).map(|_| cell()).collect());
            }
            4 | 5 => self.trips(kind, bytes),
            other => panic!("{other}"),
        }
    }

    fn tile(&mut self, kind: u8, tile: (u32, u32), mut bytes: &[u8]) {
        assert!(self.mode == "points" && self.tiles.contains(&tile), "{tile:?} was not told of");
        let (count, gone) = (bytes.get_u32_le(), bytes.get_u32_le());
        let drivers = self.drivers.entry(tile).or_default();
        if kind == 1 {
            drivers.clear();
        }
        for _ in 0..count {
            let (low, x, y, high) =
                (bytes.get_u32_le(), bytes.get_u16_le(), bytes.get_u16_le(), bytes.get_u16_le());
            let (_heading, state, _age, _speed) =
                (bytes.get_u8(), bytes.get_u8(), bytes.get_u8(), bytes.get_u8());
            drivers.insert(u64::from(high) << 32 | u64::from(low), (x, y, state));
        }
        for _ in 0..gone {
            let (low, high) = (bytes.get_u32_le(), bytes.get_u16_le());
            let left = drivers.remove(&(u64::from(high) << 32 | u64::from(low)));
            assert!(left.is_some(), "a driver leaves who was never told of");
        }
        assert!(bytes.is_empty());
    }

    fn trips(&mut self, kind: u8, mut bytes: &[u8]) {
        let (count, gone) = (bytes.get_u32_le(), bytes.get_u32_le());
        if kind == 4 {
            self.trips.clear();
        }
        for _ in 0..count {
            let entry = bytes.copy_to_bytes(48);
            self.trips.insert(entry[..16].to_vec(), entry[46]);
        }
        for _ in 0..gone {
            let uuid = bytes.copy_to_bytes(16);
            assert!(self.trips.remove(&uuid[..]).is_some(), "a trip ends that was never told of");
        }
        assert!(bytes.is_empty());
    }
}

/// What the server was told, kept in the plainest way.
#[derive(Debug, Default)]
struct Truth {
    drivers: BTreeMap<u64, DriverSpot>,
    trips: BTreeMap<u32, Phase>,
    now_ms: i64,
}

impl Truth {
    fn shown(&self) -> impl Iterator<Item = (u64, Place, u8)> {
        let fresh = self.drivers.values().filter(|spot| self.now_ms - spot.seen_ms <= 120_000);
        fresh.filter(|spot| spot.status != DriverStatus::Offline).map(|spot| {
            let state = if spot.status == DriverStatus::Idle { 1 } else { 5 };
            (spot.id.0, Place::of(spot.position), state)
        })
    }

    /// What a client that looks at these tiles should have.
    fn drivers_in(&self, tiles: &BTreeSet<(u32, u32)>) -> Drivers {
        let mut drivers = Drivers::new();
        for (id, place, state) in self.shown() {
            let tile = (place.tile.x, place.tile.y);
            if tiles.contains(&tile) {
                drivers.entry(tile).or_default().insert(id, (place.x, place.y, state));
            }
        }
        drivers
    }
}

/// One thing that happens between two pictures.
#[derive(Clone, Debug)]
enum Event {
    Report { id: u64, north: i8, east: i8, idle: bool },
    OffShift { id: u64 },
    Trip { number: u32, phase: Option<Phase> },
    Silence,
}

/// One step of the server and a client.
#[derive(Clone, Debug)]
struct Step {
    events: Vec<Event>,
    /// The client looks somewhere else: half the side of its view in hundreds of metres, and layers.
    look: Option<(i8, i8, u8, Layers)>,
    /// The client takes what it is owed; else it is too slow.
    takes: bool,
}

fn event() -> impl Strategy<Value = Event> {
    let phases = prop_oneof![
        Just(None),
        Just(Some(Phase::Requested)),
        Just(Some(Phase::Matched)),
        Just(Some(Phase::Started)),
    ];
    prop_oneof![
        8 => (1u64..12, -20i8..20, -20i8..20, any::<bool>())
            .prop_map(|(id, north, east, idle)| Event::Report { id, north, east, idle }),
        2 => (1u64..12).prop_map(|id| Event::OffShift { id }),
        3 => (0u32..5, phases).prop_map(|(number, phase)| Event::Trip { number, phase }),
        1 => Just(Event::Silence),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let layers = (prop::bool::weighted(0.9), any::<bool>())
        .prop_map(|(drivers, trips)| Layers { drivers, trips, ..Layers::ALL });
    let look = prop::option::weighted(0.2, (-20i8..20, -20i8..20, 1u8..120, layers));
    let takes = prop::bool::weighted(0.7);
    (prop::collection::vec(event(), 0..6), look, takes)
        .prop_map(|(events, look, takes)| Step { events, look, takes })
}

fn at(north: i8, east: i8) -> LatLng {
    CENTRE.offset_m(f64::from(north) * 300.0, f64::from(east) * 300.0)
}

fn request(centre: LatLng, half_m: f64, layers: Layers) -> Request {
    let (north_west, south_east) = (centre.offset_m(half_m, -half_m), centre.offset_m(-half_m, half_m));
    Request { block: Block::of(north_west, south_east), layers }
}

fn happen(truth: &mut Truth, event: &Event, changes: &mut Changes) {
    match *event {
        Event::Report { id, north, east, idle } => {
            let status = if idle { DriverStatus::Idle } else { DriverStatus::OnTrip };
            let (position, seen_ms) = (at(north, east), truth.now_ms);
            let spot = DriverSpot {
                id: DriverId(id),
                status,
                position,
                heading: 0,
                speed_mps: 0.0,
                seen_ms,
                reported: true,
            };
            truth.drivers.insert(id, spot);
            changes.drivers.retain(|other| other.id.0 != id);
            changes.drivers.push(spot);
        }
        Event::OffShift { id } => {
            if let Some(spot) = truth.drivers.get_mut(&id) {
                spot.status = DriverStatus::Offline;
                changes.drivers.retain(|other| other.id.0 != id);
                changes.drivers.push(*spot);
            }
        }
        Event::Trip { number, phase } => {
            let open = |phase| OpenTrip { pickup: CENTRE, dropoff: CENTRE, driver: None, phase, surge: 100 };
            changes.trips.retain(|other| other.id != town::trip(number));
            changes.trips.push(TripChange { id: town::trip(number), open: phase.map(open) });
            match phase {
                Some(phase) => truth.trips.insert(number, phase),
                None => truth.trips.remove(&number),
            };
        }
        Event::Silence => truth.now_ms += 40_000,
    }
}

fn check(client: &Client, truth: &Truth, board: &mut Board, layers: Layers) -> Result<(), TestCaseError> {
    if layers.drivers {
        let mut expected = truth.drivers_in(&client.tiles);
        if client.mode == "points" {
            let mut drivers = client.drivers.clone();
            drivers.retain(|_, drivers| !drivers.is_empty());
            prop_assert_eq!(drivers, expected);
        } else {
            let sums = client.counts.iter().map(|(tile, cells)| {
                let sum = cells.values().map(|(idle, busy)| usize::from(idle + busy)).sum::<usize>();
                (*tile, sum)
            });
            let mut sums: BTreeMap<_, _> = sums.collect();
            sums.retain(|_, sum| *sum > 0);
            let expected: BTreeMap<_, _> =
                std::mem::take(&mut expected).into_iter().map(|(tile, drivers)| (tile, drivers.len())).collect();
            prop_assert_eq!(sums, expected);
        }
    } else {
        prop_assert!(client.tiles.is_empty() && client.drivers.is_empty() && client.counts.is_empty());
    }
    if layers.trips {
        prop_assert_eq!(client.trips.len(), truth.trips.len());
    }
    let shown = u32::try_from(truth.shown().count()).unwrap();
    prop_assert_eq!(board.drivers.by_state().iter().sum::<u32>(), shown);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_client_that_took_all_it_is_owed_has_what_the_server_has(
        steps in prop::collection::vec(step(), 1..60), most_points in prop_oneof![Just(6usize), Just(1000)],
    ) {
        let (mut board, mut truth, mut client) = (Board::default(), Truth::default(), Client::default());
        let mut viewer = Viewer::new(most_points);
        let mut layers = Layers::ALL;
        viewer.look_at(request(CENTRE, 3000.0, layers));
        for step in &steps {
            let mut changes = Changes::default();
            step.events.iter().for_each(|event| happen(&mut truth, event, &mut changes));
            // Silent drivers go within four pictures: all of them are made, so that the truth is simple.
            board.advance(truth.now_ms, changes);
            while board.tick() % 4 != 0 {
                board.advance(truth.now_ms, Changes::default());
            }
            if let Some((north, east, half, wanted)) = step.look {
                layers = wanted;
                viewer.look_at(request(at(north, east), f64::from(half) * 1000.0, layers));
            }
            if step.takes {
                let mut owed = Vec::new();
                viewer.owed(&mut board, &mut owed);
                client.take(&owed);
                check(&client, &truth, &mut board, layers)?;
                let mut nothing = Vec::new();
                viewer.owed(&mut board, &mut nothing);
                prop_assert!(nothing.is_empty(), "owed twice: {nothing:?}");
            }
        }
    }
}

fn spot(id: u64, east_m: f64) -> DriverSpot {
    DriverSpot {
        id: DriverId(id),
        status: DriverStatus::Idle,
        position: CENTRE.offset_m(0.0, east_m),
        heading: 0,
        speed_mps: 0.0,
        seen_ms: 0,
        reported: true,
    }
}

fn advance(board: &mut Board, drivers: Vec<DriverSpot>) {
    board.advance(0, Changes { drivers, ..Changes::default() });
}

/// Kinds of what is owed, text by its type.
fn kinds(viewer: &mut Viewer, board: &mut Board) -> Vec<String> {
    let mut owed = Vec::new();
    viewer.owed(board, &mut owed);
    let kind = |message: &Message| match message {
        Message::Text(text) => {
            serde_json::from_str::<Value>(text).unwrap()["type"].as_str().unwrap().to_owned()
        }
        Message::Binary(bytes) => bytes[0].to_string(),
        other => panic!("{other:?}"),
    };
    owed.iter().map(kind).collect()
}

#[test]
fn who_looked_at_nothing_is_owed_nothing() {
    let mut board = Board::default();
    advance(&mut board, vec![spot(1, 0.0)]);
    assert_eq!(kinds(&mut Viewer::new(10), &mut board), Vec::<String>::new());
}

#[test]
fn at_first_everything_then_what_changed() {
    let mut board = Board::default();
    let mut viewer = Viewer::new(10);
    viewer.look_at(request(CENTRE, 500.0, Layers::ALL));
    advance(&mut board, vec![spot(1, 0.0), spot(2, 100.0)]);
    board.put_up_figures(Message::text(r#"{"type":"figures"}"#));
    assert_eq!(kinds(&mut viewer, &mut board), ["tiles", "1", "4", "zones", "figures"]);
    advance(&mut board, vec![spot(1, 10.0)]);
    assert_eq!(kinds(&mut viewer, &mut board), ["2"]);
    advance(&mut board, Vec::new());
    assert_eq!(kinds(&mut viewer, &mut board), Vec::<String>::new());
    advance(&mut board, vec![spot(1, 20.0)]);
    advance(&mut board, vec![spot(1, 30.0)]);
    assert_eq!(kinds(&mut viewer, &mut board), ["1"], "one change was missed");
    viewer.look_at(request(CENTRE, 500.0, Layers { drivers: false, trips: true, ..Layers::default() }));
    assert_eq!(kinds(&mut viewer, &mut board), ["tiles"]);
    viewer.look_at(request(CENTRE, 500.0, Layers::ALL));
    assert_eq!(kinds(&mut viewer, &mut board), ["tiles", "1", "zones", "figures"]);
}

#[test]
fn many_drivers_are_counted_until_they_are_well_below_the_limit() {
    let mut board = Board::default();
    let mut viewer = Viewer::new(20);
    viewer.look_at(request(CENTRE, 3000.0, Layers { drivers: true, ..Layers::default() }));
    let mut mode_with = |drivers: std::ops::Range<u64>, gone: std::ops::Range<u64>| {
        let off = |id| DriverSpot { status: DriverStatus::Offline, ..spot(id, 0.0) };
        advance(&mut board, drivers.map(|id| spot(id, 0.0)).chain(gone.map(off)).collect());
        (kinds(&mut viewer, &mut board), viewer.told.mode)
    };
    let kinds = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(mode_with(0..20, 0..0), (kinds(&["tiles", "1"]), Mode::Points));
    assert_eq!(mode_with(20..21, 0..0), (kinds(&["tiles", "3"]), Mode::Counts));
    assert_eq!(mode_with(0..0, 18..20), (kinds(&["3"]), Mode::Counts), "19 are not well below");
    assert_eq!(mode_with(0..0, 16..18), (kinds(&["tiles", "1"]), Mode::Points));
}

#[test]
fn of_a_very_large_view_the_tiles_with_drivers_are_told() {
    let mut board = Board::default();
    let mut viewer = Viewer::new(1000);
    viewer.look_at(request(CENTRE, 200_000.0, Layers { drivers: true, ..Layers::default() }));
    advance(&mut board, vec![spot(1, 0.0), spot(2, 50_000.0)]);
    assert_eq!(kinds(&mut viewer, &mut board), ["tiles", "1", "1"]);
    advance(&mut board, vec![spot(1, 5.0)]);
    assert_eq!(kinds(&mut viewer, &mut board), ["2"]);
    advance(&mut board, vec![spot(1, 20_000.0)]);
    assert_eq!(kinds(&mut viewer, &mut board), ["tiles", "2", "1"], "one more tile");
    let many = (0..1100).map(|id| spot(id, f64::from(u32::try_from(id).unwrap()) * 10.0 - 100_000.0));
    advance(&mut board, many.collect());
    let spread = (0..1100u32).map(|id| DriverSpot {
        position: CENTRE.offset_m(f64::from(id / 40) * 2500.0, f64::from(id % 40) * 2500.0),
        ..spot(u64::from(id), 0.0)
    });
    advance(&mut board, spread.collect());
    let told = kinds(&mut viewer, &mut board);
    assert_eq!((told[0].as_str(), viewer.told.mode), ("tiles", Mode::Counts), "over 1,024 tiles");
    assert!(told[1..].iter().all(|kind| kind == "3"));
}

#[test]
fn who_was_away_for_long_is_told_everything_anew() {
    let mut board = Board::default();
    let mut viewer = Viewer::new(10);
    viewer.look_at(request(CENTRE, 3000.0, Layers { drivers: true, ..Layers::default() }));
    let mut client = Client::default();
    let mut owed = Vec::new();
    advance(&mut board, vec![spot(1, 0.0), spot(2, 2500.0)]);
    viewer.owed(&mut board, &mut owed);
    client.take(&owed);
    assert_eq!(client.drivers.len(), 2);
    advance(&mut board, vec![DriverSpot { status: DriverStatus::Offline, ..spot(2, 2500.0) }]);
    (0..KEPT_TICKS + 8).for_each(|_| advance(&mut board, Vec::new()));
    assert_eq!(board.drivers.tiles().count(), 1, "the empty tile is forgotten");
    owed.clear();
    viewer.owed(&mut board, &mut owed);
    client.take(&owed);
    client.drivers.retain(|_, drivers| !drivers.is_empty());
    assert_eq!(client.drivers.len(), 1);
}
