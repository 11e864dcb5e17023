//! The map's socket: drivers by tile, open trips, zones and figures, twice a second, the same bytes for all viewers.
//!
//! Read in this order: `tile` (squares of the map), `frames` (what is sent), `versions` (who is owed what), `board` (the
//! city as it is shown), `viewer` (what one client was told), `session` (a socket), `hub` (the ticks).

mod board;
mod city_figures;
mod closing;
mod figures;
mod frames;
mod heart;
mod hub;
mod messages;
mod open_trips;
mod request;
mod session;
mod tile;
mod tile_board;
mod upgrade;
mod versions;
mod viewer;
mod zone_board;

pub use hub::{LiveHub, LiveOptions, paint};
pub use session::session;
pub use upgrade::upgrade;
