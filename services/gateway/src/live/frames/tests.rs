//! Frames byte for byte.

use testkit::town;

use super::*;

const STAMP: Stamp = Stamp { tile: Some(Tile { x: 2620, y: 6332 }), tick: 7, now_ms: 100_000 };

const DOT: Dot = Dot { x: 0x1122, y: 0x3344, heading: 64, state: 5, speed: 17, seen_ms: 98_400 };

fn binary(message: &Message) -> &[u8] {
    match message {
        Message::Binary(bytes) => bytes,
        other => panic!("{other:?} is not binary"),
    }
}

#[test]
fn a_driver_takes_fourteen_bytes_behind_the_header() {
    let frames = tile_changes(STAMP, &[(0x0000_7788_99aa_bbcc, DOT)], &[0x0000_0102_0304_0506]);
    let expected: Vec<u8> = [
        &[2, 1, 14, 0][..],
        &2620u32.to_le_bytes(),
        &6332u32.to_le_bytes(),
        &7u32.to_le_bytes(),
        &1u32.to_le_bytes(),
        &1u32.to_le_bytes(),
        &[0xcc, 0xbb, 0xaa, 0x99, 0x22, 0x11, 0x44, 0x33, 0x88, 0x77, 64, 5, 3, 17],
        &[0x06, 0x05, 0x04, 0x03, 0x02, 0x01],
    ]
    .concat();
    assert_eq!(frames.len(), 1);
    assert_eq!(binary(&frames[0]), expected);
}

#[test]
fn ages_are_half_seconds_and_end_at_255() {
    for (ms, expected) in [(-5000, 0), (499, 0), (500, 1), (30_000, 60), (127_499, 254), (9_999_999, 255)] {
        assert_eq!(age(ms), expected, "{ms}");
    }
}

#[test]
fn many_drivers_of_a_tile_are_continued_as_changes() {
    let dots: Vec<(u64, Dot)> = (0..2500).map(|id| (id, DOT)).collect();
    let frames = whole_tile(STAMP, &dots);
    let told: Vec<(u8, u8)> = frames.iter().map(|frame| (binary(frame)[0], binary(frame)[1])).collect();
    assert_eq!(told, [(1, 1), (2, 1), (2, 1)]);
    let lengths: Vec<usize> = frames.iter().map(|frame| (binary(frame).len() - 24) / 14).collect();
    assert_eq!(lengths, [1024, 1024, 452]);
    let empty = whole_tile(STAMP, &[]);
    assert_eq!((empty.len(), binary(&empty[0]).len()), (1, 24));
}

#[test]
fn a_trip_takes_forty_eight_bytes() {
    let trip = OpenTrip {
        pickup: LatLng { lat: 37.5, lon: -122.25 },
        dropoff: LatLng { lat: 37.75, lon: -122.5 },
        driver: Some(DriverId(0x0001_0000_0002)),
        phase: Phase::Matched,
        surge: 140,
    };
    let id = town::trip(1);
    let frames = trip_changes(Stamp { tile: None, ..STAMP }, &[(id, trip)], &[town::trip(2)]);
    let expected: Vec<u8> = [
        &[5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0][..],
        id.uuid.as_bytes(),
        &u64::from_str_radix(&id.zone.to_string(), 16).unwrap().to_le_bytes(),
        &(-122.25f32).to_le_bytes(),
        &37.5f32.to_le_bytes(),
        &(-122.5f32).to_le_bytes(),
        &37.75f32.to_le_bytes(),
        &[2, 0, 0, 0, 1, 0, 2, 14],
        town::trip(2).uuid.as_bytes(),
    ]
    .concat();
    assert_eq!(binary(&frames[0]), expected);
    let unshown = OpenTrip { driver: Some(DriverId(FIRST_UNSHOWN_ID + 5)), ..trip };
    let frames = all_trips(STAMP, &[(id, unshown)]);
    assert_eq!(binary(&frames[0])[24 + 40..24 + 46], [0; 6]);
}

#[test]
fn counts_name_their_cell() {
    let frame = counts(STAMP, &[(33, CellCount { idle: 3, busy: 300 })]);
    let expected: Vec<u8> = [
        &[3, 1, 14, 32][..],
        &2620u32.to_le_bytes(),
        &6332u32.to_le_bytes(),
        &7u32.to_le_bytes(),
        &1u32.to_le_bytes(),
        &[33, 0, 3, 0, 44, 1, 0, 0],
    ]
    .concat();
    assert_eq!(binary(&frame), expected);
}
