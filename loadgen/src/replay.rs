//! Recorded positions of real cars, sent as if their drivers' apps were running now.
//!
//! Read in this order: `columns` and `recorded_time` (what a row says), `pings_file` and `in_order` (rows in order of
//! time), `recording` (all of them, small), `copies`, `merge` and `timeline` (who is due when), `on_roads` (where copies are
//! moved to), `player` (the next report), `sender` and `run` (out to Kafka); `occupied` makes recorded trips of a file of
//! pings, and `rides` tells which of them can be asked for beside a replay.
//! What is absent on purpose: shifts, offers and trips of these drivers. They are seen on the map, and since they never
//! go on shift nobody offers them a ride. Their jumps are kept as they were recorded.

mod cabs;
mod columns;
mod config;
mod copies;
mod figures;
mod in_order;
mod merge;
mod occupied;
mod on_roads;
mod pings_file;
mod player;
mod recorded_time;
mod recording;
mod rides;
mod run;
mod sender;
mod timeline;

pub use config::{Config, CopyOptions, RecordingOptions, TripsOptions};
pub use recording::{Contents, contents};
pub use rides::{Rides, rides};
pub use run::run;

pub(crate) use occupied::recorded_trips;
