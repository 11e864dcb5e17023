//! What is sent in binary: tiles with their drivers, counts of drivers by cell, open trips. Little-endian, a header
//! of 16 bytes, then the numbers of entries and of those that are gone, then both.

use axum::extract::ws::Message;
use bytes::BufMut;
use domain::{DriverId, LatLng, TripId};

use crate::view::{OpenTrip, Phase};

use super::tile::{Tile, ZOOM};

/// Version of the layout.
const VERSION: u8 = 1;

/// Entries of one frame at most: longer ones are continued as changes. Bounds what a socket has to hold at a time.
const MOST_ENTRIES: usize = 1024;

/// Ids from here on are not shown: six bytes are enough for everybody else.
pub(crate) const FIRST_UNSHOWN_ID: u64 = 1 << 48;

/// Cells of a tile from west to east, and from north to south, when drivers are counted.
pub(crate) const GRID: u8 = 32;

/// Ages are told in this unit.
const AGE_UNIT_MS: i64 = 500;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Replaces all of a tile.
    WholeTile = 1,
    /// Changes of a tile.
    TileChanges = 2,
    /// Replaces all counts of a tile.
    Counts = 3,
    /// Replaces all open trips.
    AllTrips = 4,
    /// Changes of open trips.
    TripChanges = 5,
}

/// A driver in a tile, as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dot {
    /// 65536ths of the tile from its west edge.
    pub(crate) x: u16,
    /// 65536ths of the tile from its north edge.
    pub(crate) y: u16,
    /// 256ths of a turn clockwise from north.
    pub(crate) heading: u8,
    /// 1 idle, 2 reserved, 3 to pickup, 4 waiting, 5 on trip.
    pub(crate) state: u8,
    /// Half metres per second.
    pub(crate) speed: u8,
    /// When the report was written, real time.
    pub(crate) seen_ms: i64,
}

/// Drivers of one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CellCount {
    pub(crate) idle: u16,
    pub(crate) busy: u16,
}

/// Which tile a frame is of (nothing for trips), and when it was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) tile: Option<Tile>,
    pub(crate) tick: u32,
    pub(crate) now_ms: i64,
}

/// All drivers of a tile.
pub(crate) fn whole_tile(stamp: Stamp, dots: &[(u64, Dot)]) -> Vec<Message> {
    let put = |bytes: &mut Vec<u8>, dot: &(u64, Dot)| put_dot(bytes, *dot, stamp.now_ms);
    frames((Kind::WholeTile, Kind::TileChanges), stamp, (dots, put), (&[], put_id))
}

/// Drivers of a tile that changed, and those that left it.
pub(crate) fn tile_changes(stamp: Stamp, dots: &[(u64, Dot)], gone: &[u64]) -> Vec<Message> {
    let put = |bytes: &mut Vec<u8>, dot: &(u64, Dot)| put_dot(bytes, *dot, stamp.now_ms);
    frames((Kind::TileChanges, Kind::TileChanges), stamp, (dots, put), (gone, put_id))
}

/// Counts of a tile by cell (row times [`GRID`] plus column, from north-west).
pub(crate) fn counts(stamp: Stamp, cells: &[(u16, CellCount)]) -> Message {
    let mut bytes = header(Kind::Counts, stamp, 4 + 8 * cells.len());
    bytes.put_u32_le(length(cells.len()));
    for (cell, count) in cells {
        bytes.put_u16_le(*cell);
        bytes.put_u16_le(count.idle);
        bytes.put_u16_le(count.busy);
        bytes.put_u16_le(0);
    }
    Message::Binary(bytes.into())
}

/// All open trips.
pub(crate) fn all_trips(stamp: Stamp, trips: &[(TripId, OpenTrip)]) -> Vec<Message> {
    frames((Kind::AllTrips, Kind::TripChanges), stamp, (trips, put_trip), (&[], put_trip_id))
}

/// Open trips that changed, and those that ended.
pub(crate) fn trip_changes(stamp: Stamp, trips: &[(TripId, OpenTrip)], gone: &[TripId]) -> Vec<Message> {
    frames((Kind::TripChanges, Kind::TripChanges), stamp, (trips, put_trip), (gone, put_trip_id))
}

/// A first frame with all that are gone, and as many more as the entries need; at least one.
fn frames<E, G>(
    (first, further): (Kind, Kind),
    stamp: Stamp,
    (entries, put_entry): (&[E], impl Fn(&mut Vec<u8>, &E)),
    (gone, put_gone): (&[G], impl Fn(&mut Vec<u8>, &G)),
) -> Vec<Message> {
    let (head, mut rest) = entries.split_at(entries.len().min(MOST_ENTRIES));
    let frame = |kind, entries: &[E], gone: &[G]| {
        let mut bytes = header(kind, stamp, 8 + 48 * entries.len() + 16 * gone.len());
        bytes.put_u32_le(length(entries.len()));
        bytes.put_u32_le(length(gone.len()));
        entries.iter().for_each(|entry| put_entry(&mut bytes, entry));
        gone.iter().for_each(|id| put_gone(&mut bytes, id));
        // Frames are kept and shared for a while: not with the room that was too much.
        bytes.shrink_to_fit();
        Message::Binary(bytes.into())
    };
    let mut frames = vec![frame(first, head, gone)];
    while !rest.is_empty() {
        let (head, tail) = rest.split_at(rest.len().min(MOST_ENTRIES));
        frames.push(frame(further, head, &[]));
        rest = tail;
    }
    frames
}

fn header(kind: Kind, stamp: Stamp, room: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16 + room);
    let (zoom, grid) = match kind {
        Kind::WholeTile | Kind::TileChanges => (ZOOM, 0),
        Kind::Counts => (ZOOM, GRID),
        Kind::AllTrips | Kind::TripChanges => (0, 0),
    };
    bytes.put_slice(&[kind as u8, VERSION, zoom, grid]);
    let tile = stamp.tile.unwrap_or(Tile { x: 0, y: 0 });
    bytes.put_u32_le(tile.x);
    bytes.put_u32_le(tile.y);
    bytes.put_u32_le(stamp.tick);
    bytes
}

fn put_dot(bytes: &mut Vec<u8>, (id, dot): (u64, Dot), now_ms: i64) {
    let (low, high) = halves(id);
    bytes.put_u32_le(low);
    bytes.put_u16_le(dot.x);
    bytes.put_u16_le(dot.y);
    bytes.put_u16_le(high);
    bytes.put_slice(&[dot.heading, dot.state, age(now_ms - dot.seen_ms), dot.speed]);
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "one of several that take a reference")]
fn put_id(bytes: &mut Vec<u8>, id: &u64) {
    let (low, high) = halves(*id);
    bytes.put_u32_le(low);
    bytes.put_u16_le(high);
}

fn put_trip(bytes: &mut Vec<u8>, (id, trip): &(TripId, OpenTrip)) {
    put_trip_id(bytes, id);
    bytes.put_u64_le(u64::from_str_radix(&id.zone.to_string(), 16).unwrap_or(0));
    for LatLng { lat, lon } in [trip.pickup, trip.dropoff] {
        bytes.put_f32_le(single(lon));
        bytes.put_f32_le(single(lat));
    }
    let shown = trip.driver.map_or(0, |DriverId(id)| if id < FIRST_UNSHOWN_ID { id } else { 0 });
    let (low, high) = halves(shown);
    bytes.put_u32_le(low);
    bytes.put_u16_le(high);
    bytes.put_u8(match trip.phase {
        Phase::Requested => 0,
        Phase::Offered => 1,
        Phase::Matched => 2,
        Phase::Arrived => 3,
        Phase::Started => 4,
    });
    bytes.put_u8(u8::try_from(trip.surge / 10).unwrap_or(u8::MAX));
}

fn put_trip_id(bytes: &mut Vec<u8>, id: &TripId) {
    bytes.put_slice(id.uuid.as_bytes());
}

/// The low 32 and the next 16 bits of an id.
#[expect(clippy::cast_possible_truncation, reason = "that is the point")]
fn halves(id: u64) -> (u32, u16) {
    (id as u32, (id >> 32) as u16)
}

/// Half seconds; 255 and more are 255.
fn age(ms: i64) -> u8 {
    u8::try_from(ms.max(0) / AGE_UNIT_MS).unwrap_or(u8::MAX)
}

#[expect(clippy::cast_possible_truncation, reason = "a metre is enough for a line on a map")]
fn single(degrees: f64) -> f32 {
    degrees as f32
}

fn length(count: usize) -> u32 {
    u32::try_from(count).expect("a tile has fewer than 2^32 drivers")
}

#[cfg(test)]
mod tests;
