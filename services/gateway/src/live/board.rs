//! The city as it is shown: one picture a tick, from what changed since the last.

use axum::extract::ws::Message;

use crate::view::Changes;

use super::frames::Stamp;
use super::open_trips::OpenTrips;
use super::tile_board::TileBoard;
use super::versions::Tick;
use super::zone_board::ZoneBoard;

/// All that is shown.
#[derive(Debug, Default)]
pub(crate) struct Board {
    tick: Tick,
    now_ms: i64,
    pub(crate) drivers: TileBoard,
    pub(crate) trips: OpenTrips,
    pub(crate) zones: ZoneBoard,
    figures: Option<(Tick, Message)>,
}

impl Board {
    /// Makes the next picture, at `now_ms` of real time.
    pub(crate) fn advance(&mut self, now_ms: i64, changes: Changes) {
        self.tick += 1;
        self.now_ms = now_ms;
        self.drivers.advance(self.tick, now_ms, &changes.drivers);
        self.trips.advance(self.tick, &changes.trips);
        self.zones.advance(self.tick, changes.zones);
    }

    /// Puts up new figures, as part of the present picture.
    pub(crate) fn put_up_figures(&mut self, message: Message) {
        self.figures = Some((self.tick, message));
    }

    /// The figures, if a viewer who was last told at that tick has not seen them.
    pub(crate) fn figures(&self, told: Option<Tick>) -> Option<&Message> {
        let (tick, message) = self.figures.as_ref()?;
        told.is_none_or(|told| told < *tick).then_some(message)
    }

    /// Which picture it is.
    pub(crate) fn tick(&self) -> Tick {
        self.tick
    }

    /// What frames of the present picture say of themselves; of trips, until a tile is set.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { tile: None, tick: self.tick, now_ms: self.now_ms }
    }
}
