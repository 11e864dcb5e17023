//! What one client was told, and what it is owed now.

use std::collections::BTreeSet;

use axum::extract::ws::Message;

use super::board::Board;
use super::frames::Stamp;
use super::messages;
use super::request::{Layers, Request};
use super::tile::{Block, Tile};
use super::tile_board::KEPT_TICKS;
use super::versions::Tick;

/// A viewer of single drivers gets so many tiles at most; who sees more gets counts.
const MOST_TILES: usize = 1024;

/// Tiles with counts at most: 90 km each way.
const MOST_COUNTED_TILES: usize = 4096;

/// Who was told nothing for so many ticks is told everything anew; empty tiles are remembered for longer.
const STALE_TICKS: Tick = KEPT_TICKS - 40;

/// How drivers are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One by one.
    #[default]
    Points,
    /// As counts by cell.
    Counts,
}

/// One client.
#[derive(Debug)]
pub(crate) struct Viewer {
    most_points: usize,
    request: Option<Request>,
    told: Told,
}

/// What the client has.
#[derive(Debug, Default)]
struct Told {
    tick: Option<Tick>,
    layers: Layers,
    cover: Cover,
    mode: Mode,
}

/// Tiles that are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Cover {
    #[default]
    None,
    /// All tiles of a small enough viewport, with or without drivers.
    Block(Block),
    /// Of a larger one those that held drivers at some time since it is looked at.
    Listed(Block, BTreeSet<Tile>),
}

impl Viewer {
    /// A client who has not asked for anything yet, and gets counts if there are more drivers than this.
    pub(crate) fn new(most_points: usize) -> Self {
        Self { most_points, request: None, told: Told::default() }
    }

    /// From now on the client looks at this.
    pub(crate) fn look_at(&mut self, request: Request) {
        self.request = Some(request);
    }

    /// Adds what the client is owed of the present picture.
    pub(crate) fn owed(&mut self, board: &mut Board, out: &mut Vec<Message>) {
        let Some(request) = self.request else { return };
        if self.told.tick.is_some_and(|told| told + STALE_TICKS < board.tick()) {
            self.told = Told::default();
            out.push(messages::tiles(Mode::Points, std::iter::empty()));
        }
        self.drivers(request, board, out);
        let stamp = board.stamp();
        let (wanted, had, tick) = (request.layers, self.told.layers, self.told.tick);
        // Who had a layer is owed what is new, who had it not all of it.
        let told = |had: bool| tick.filter(|_| had);
        if wanted.trips {
            out.extend_from_slice(board.trips.frames(stamp, told(had.trips)));
        }
        if wanted.zones {
            out.extend_from_slice(board.zones.messages(stamp.tick, told(had.zones)));
        }
        if wanted.figures {
            out.extend(board.figures(told(had.figures)).cloned());
        }
        self.told.tick = Some(stamp.tick);
        self.told.layers = wanted;
    }

    fn drivers(&mut self, request: Request, board: &mut Board, out: &mut Vec<Message>) {
        let cover =
            if request.layers.drivers { self.told.cover.moved_to(request.block, board) } else { Cover::None };
        let mode = self.mode(&cover, board);
        let (same_mode, tick) = (mode == self.told.mode, self.told.tick);
        if !same_mode || cover != self.told.cover {
            out.push(messages::tiles(mode, cover.tiles()));
        }
        let stamp = board.stamp();
        for (tile, state) in board.drivers.tiles().filter(|(tile, _)| cover.contains(*tile)) {
            let told = tick.filter(|_| same_mode && self.told.cover.contains(tile));
            let stamp = Stamp { tile: Some(tile), ..stamp };
            let frames = match mode {
                Mode::Points => state.drivers(stamp, told),
                Mode::Counts => state.counts(stamp, told),
            };
            out.extend_from_slice(frames);
        }
        self.told.cover = cover;
        self.told.mode = mode;
    }

    /// Counts beyond the limits, single drivers again when well below.
    fn mode(&self, cover: &Cover, board: &mut Board) -> Mode {
        let covered = board.drivers.tiles().filter(|(tile, _)| cover.contains(*tile));
        let drivers: usize = covered.map(|(_, state)| state.len()).sum();
        let most = match self.told.mode {
            Mode::Points => self.most_points,
            Mode::Counts => self.most_points / 10 * 9,
        };
        let too_many_tiles = matches!(cover, Cover::Listed(_, tiles) if tiles.len() > MOST_TILES);
        if drivers > most || too_many_tiles { Mode::Counts } else { Mode::Points }
    }
}

impl Cover {
    /// What is told of a viewport; of the same one at least what was told before.
    fn moved_to(&self, block: Block, board: &mut Board) -> Self {
        if block.count() <= MOST_TILES as u64 {
            return Self::Block(block);
        }
        let mut tiles = match self {
            Self::Listed(before, tiles) if *before == block => tiles.clone(),
            Self::None | Self::Block(_) | Self::Listed(..) => BTreeSet::new(),
        };
        for (tile, state) in board.drivers.tiles() {
            if tiles.len() < MOST_COUNTED_TILES && state.len() > 0 && block.contains(tile) {
                tiles.insert(tile);
            }
        }
        Self::Listed(block, tiles)
    }

    fn contains(&self, tile: Tile) -> bool {
        match self {
            Self::None => false,
            Self::Block(block) => block.contains(tile),
            Self::Listed(_, tiles) => tiles.contains(&tile),
        }
    }

    fn tiles(&self) -> Box<dyn Iterator<Item = Tile> + '_> {
        match self {
            Self::None => Box::new(std::iter::empty()),
            Self::Block(block) => Box::new(block.tiles()),
            Self::Listed(_, tiles) => Box::new(tiles.iter().copied()),
        }
    }
}

#[cfg(test)]
mod tests;
