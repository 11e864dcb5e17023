//! Drivers on the tiles of the map: who is where, and what changed at the last tick.

use std::collections::BTreeMap;

use axum::extract::ws::Message;
use domain::driver::DriverStatus;

use crate::view::DriverSpot;

use super::frames::{self, CellCount, Dot, FIRST_UNSHOWN_ID, GRID, Stamp};
use super::tile::{Place, Tile};
use super::versions::{Owed, Shared, Tick, Versions};

/// Drivers not heard of for so long are not shown any more.
const GONE_MS: i64 = 120_000;

/// Silent drivers are looked for once in so many ticks: all are looked at.
const SWEEP_TICKS: Tick = 4;

/// An empty tile is kept so many ticks: by then every viewer was told that it is empty, or is told everything anew.
pub(crate) const KEPT_TICKS: Tick = 240;

/// All drivers that are shown.
#[derive(Debug, Default)]
pub(crate) struct TileBoard {
    tiles: BTreeMap<Tile, TileState>,
    whereabouts: BTreeMap<u64, Tile>,
    /// How many drivers there are in each state.
    by_state: [u32; 6],
}

/// One tile.
#[derive(Debug, Default)]
pub(crate) struct TileState {
    dots: BTreeMap<u64, Dot>,
    versions: Versions,
    changed: Vec<u64>,
    gone: Vec<u64>,
    changes: Shared,
    whole: Shared,
    counts: Shared,
}

impl TileBoard {
    /// Takes in who changed; `tick` is the picture that is being made.
    pub(crate) fn advance(&mut self, tick: Tick, now_ms: i64, spots: &[DriverSpot]) {
        for spot in spots {
            let id = spot.id.0;
            match shown(spot, now_ms) {
                Some((tile, dot)) => self.put(tick, id, tile, dot),
                None => self.remove(tick, id),
            }
        }
        if tick.is_multiple_of(SWEEP_TICKS) {
            self.sweep(tick, now_ms);
        }
    }

    /// The tiles, in order.
    pub(crate) fn tiles(&mut self) -> impl Iterator<Item = (Tile, &mut TileState)> {
        self.tiles.iter_mut().map(|(tile, state)| (*tile, state))
    }

    /// How many drivers there are in each state.
    pub(crate) fn by_state(&self) -> [u32; 6] {
        self.by_state
    }

    fn put(&mut self, tick: Tick, id: u64, tile: Tile, dot: Dot) {
        if self.whereabouts.get(&id).is_some_and(|before| *before != tile) {
            self.remove(tick, id);
        }
        self.whereabouts.insert(id, tile);
        let before = self.tiles.entry(tile).or_default().put(tick, id, dot);
        if let Some(before) = before {
            self.by_state[usize::from(before.state)] -= 1;
        }
        self.by_state[usize::from(dot.state)] += 1;
    }

    fn remove(&mut self, tick: Tick, id: u64) {
        let Some(tile) = self.whereabouts.remove(&id) else { return };
        if let Some(dot) = self.tiles.get_mut(&tile).and_then(|state| state.remove(tick, id)) {
            self.by_state[usize::from(dot.state)] -= 1;
        }
    }

    fn sweep(&mut self, tick: Tick, now_ms: i64) {
        let dots = self.tiles.values().flat_map(|state| &state.dots);
        let silent = dots.filter(|(_, dot)| now_ms - dot.seen_ms > GONE_MS).map(|(id, _)| *id);
        for id in silent.collect::<Vec<u64>>() {
            self.remove(tick, id);
        }
        let is_kept =
            |state: &TileState| !state.dots.is_empty() || state.versions.changed() + KEPT_TICKS >= tick;
        self.tiles.retain(|_, state| is_kept(state));
    }
}

impl TileState {
    /// How many drivers it has.
    pub(crate) fn len(&self) -> usize {
        self.dots.len()
    }

    /// What a viewer of drivers, last told at that tick, is owed of this tile.
    pub(crate) fn drivers(&mut self, stamp: Stamp, told: Option<Tick>) -> &[Message] {
        match self.versions.owed(told) {
            Owed::Nothing => &[],
            Owed::Changes => {
                let (changed, gone, dots) = (&self.changed, &self.gone, &self.dots);
                self.changes.get(stamp.tick, || {
                    let changed = changed.iter().filter_map(|id| Some((*id, *dots.get(id)?)));
                    frames::tile_changes(stamp, &changed.collect::<Vec<_>>(), gone)
                })
            }
            // Who knows nothing of an empty tile need not know that.
            Owed::Whole if told.is_none() && self.dots.is_empty() => &[],
            Owed::Whole => {
                let dots = &self.dots;
                self.whole.get(stamp.tick, || {
                    frames::whole_tile(stamp, &dots.iter().map(|(id, dot)| (*id, *dot)).collect::<Vec<_>>())
                })
            }
        }
    }

    /// What a viewer of counts, last told at that tick, is owed of this tile.
    pub(crate) fn counts(&mut self, stamp: Stamp, told: Option<Tick>) -> &[Message] {
        let is_owed = self.versions.owed(told) != Owed::Nothing;
        if !is_owed || (told.is_none() && self.dots.is_empty()) {
            return &[];
        }
        let dots = &self.dots;
        self.counts.get(stamp.tick, || vec![frames::counts(stamp, &count_cells(dots.values()))])
    }

    fn put(&mut self, tick: Tick, id: u64, dot: Dot) -> Option<Dot> {
        self.touch(tick);
        self.changed.push(id);
        self.dots.insert(id, dot)
    }

    fn remove(&mut self, tick: Tick, id: u64) -> Option<Dot> {
        self.touch(tick);
        self.gone.push(id);
        self.dots.remove(&id)
    }

    fn touch(&mut self, tick: Tick) {
        if self.versions.touch(tick) {
            self.changed.clear();
            self.gone.clear();
            self.changes.forget();
            self.whole.forget();
            self.counts.forget();
        }
    }
}

/// Where and how a driver is shown; off shift, silent, or with too great an id it is not.
fn shown(spot: &DriverSpot, now_ms: i64) -> Option<(Tile, Dot)> {
    let state = match spot.status {
        DriverStatus::Offline => return None,
        DriverStatus::Idle => 1,
        DriverStatus::Reserved => 2,
        DriverStatus::ToPickup => 3,
        DriverStatus::Waiting => 4,
        DriverStatus::OnTrip => 5,
    };
    if spot.id.0 >= FIRST_UNSHOWN_ID || now_ms - spot.seen_ms > GONE_MS {
        return None;
    }
    let place = Place::of(spot.position);
    let (heading, speed) = (heading_byte(spot.heading), speed_byte(spot.speed_mps));
    Some((place.tile, Dot { x: place.x, y: place.y, heading, state, speed, seen_ms: spot.seen_ms }))
}

/// 256ths of a turn.
fn heading_byte(degrees: u16) -> u8 {
    let turn = (u32::from(degrees) * 256 + 180) / 360 % 256;
    u8::try_from(turn).unwrap_or(0)
}

/// Half metres per second.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
fn speed_byte(speed_mps: f32) -> u8 {
    (speed_mps * 2.0).round().clamp(0.0, 255.0) as u8
}

fn count_cells<'a>(dots: impl Iterator<Item = &'a Dot>) -> Vec<(u16, CellCount)> {
    let mut cells: BTreeMap<u16, CellCount> = BTreeMap::new();
    let index = |part: u16| u16::try_from((u32::from(part) * u32::from(GRID)) >> 16).unwrap_or(0);
    for dot in dots {
        let count = cells.entry(index(dot.y) * u16::from(GRID) + index(dot.x)).or_default();
        let field = if dot.state == 1 { &mut count.idle } else { &mut count.busy };
        *field = field.saturating_add(1);
    }
    cells.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use domain::{DriverId, LatLng};

    use super::*;

    const CENTRE: LatLng = LatLng { lat: 37.774_929, lon: -122.419_416 };

    fn spot(id: u64, status: DriverStatus, east_m: f64, seen_ms: i64) -> DriverSpot {
        DriverSpot {
            id: DriverId(id),
            status,
            position: CENTRE.offset_m(0.0, east_m),
            heading: 0,
            speed_mps: 0.0,
            seen_ms,
            reported: true,
        }
    }

    /// Drivers by tile, in the order of tiles.
    fn drivers(board: &mut TileBoard) -> Vec<Vec<u64>> {
        board.tiles().map(|(_, state)| state.dots.keys().copied().collect()).collect()
    }

    #[test]
    fn drivers_come_move_and_go() {
        let mut board = TileBoard::default();
        let idle = |id, east_m| spot(id, DriverStatus::Idle, east_m, 0);
        board.advance(1, 0, &[idle(1, 0.0), idle(2, 0.0), spot(3, DriverStatus::OnTrip, 0.0, 0)]);
        assert_eq!(drivers(&mut board), [[1, 2, 3]]);
        assert_eq!(board.by_state(), [0, 2, 0, 0, 0, 1]);
        board.advance(2, 0, &[idle(2, 4000.0), spot(3, DriverStatus::Offline, 0.0, 0)]);
        assert_eq!(drivers(&mut board), [vec![1], vec![2]]);
        assert_eq!(board.by_state(), [0, 2, 0, 0, 0, 0]);
        board.advance(3, 0, &[idle(FIRST_UNSHOWN_ID, 0.0), spot(4, DriverStatus::Idle, 0.0, -GONE_MS - 1)]);
        assert_eq!(board.by_state(), [0, 2, 0, 0, 0, 0], "too great an id, too long silent");
    }

    #[test]
    fn silent_drivers_go_and_empty_tiles_after_them() {
        let mut board = TileBoard::default();
        board.advance(1, 0, &[spot(1, DriverStatus::Idle, 0.0, 0), spot(2, DriverStatus::Idle, 0.0, 5000)]);
        board.advance(SWEEP_TICKS, GONE_MS, &[]);
        assert_eq!(drivers(&mut board), [[1, 2]]);
        board.advance(2 * SWEEP_TICKS, GONE_MS + 1, &[]);
        assert_eq!(drivers(&mut board), [[2]]);
        board.advance(3 * SWEEP_TICKS, GONE_MS + 5001, &[]);
        assert_eq!(drivers(&mut board), [[0u64; 0]]);
        board.advance(3 * SWEEP_TICKS + KEPT_TICKS, GONE_MS + 5001, &[]);
        assert_eq!(board.tiles().count(), 1);
        board.advance(4 * SWEEP_TICKS + KEPT_TICKS, GONE_MS + 5001, &[]);
        assert_eq!((board.tiles().count(), board.by_state()), (0, [0; 6]));
    }

    #[test]
    fn cells_are_counted_from_the_north_west() {
        let dot = |x, y, state| Dot { x, y, heading: 0, state, speed: 0, seen_ms: 0 };
        let dots = [dot(0, 0, 1), dot(2047, 2047, 5), dot(2048, 0, 1), dot(0, 2048, 3), dot(65535, 65535, 1)];
        let cell = |cell, idle, busy| (cell, CellCount { idle, busy });
        let expected = [cell(0, 1, 1), cell(1, 1, 0), cell(32, 0, 1), cell(1023, 1, 0)];
        assert_eq!(count_cells(dots.iter()), expected);
    }

    #[test]
    fn headings_and_speeds_fit_a_byte() {
        for (degrees, expected) in [(0, 0), (90, 64), (180, 128), (359, 255), (360, 0)] {
            assert_eq!(heading_byte(degrees), expected, "{degrees}");
        }
        for (speed_mps, expected) in [(0.0, 0), (8.3, 17), (200.0, 255), (-1.0, 0)] {
            assert_eq!(speed_byte(speed_mps), expected, "{speed_mps}");
        }
    }
}
