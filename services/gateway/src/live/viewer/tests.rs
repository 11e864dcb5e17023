//! What clients are owed: by examples here, by a model client in `always`.

mod always;
mod client;

use domain::driver::DriverStatus;
use domain::{DriverId, LatLng};
use serde_json::Value;

use self::client::Client;
use super::*;
use crate::view::{Changes, DriverSpot};

const CENTRE: LatLng = LatLng { lat: 37.774_929, lon: -122.419_416 };

fn request(centre: LatLng, half_m: f64, layers: Layers) -> Request {
    let (north_west, south_east) = (centre.offset_m(half_m, -half_m), centre.offset_m(-half_m, half_m));
    Request { block: Block::of(north_west, south_east), layers }
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
