//! Positions and availability of drivers in Redis: fast to search, rebuilt from reports within seconds, never an
//! authority. The only crate that sees Redis.
//!
//! Three sets hold all of it: `idle` (where idle drivers are; matching searches it), `busy` (where all others are) and
//! `seen` (when each was heard of). [`Writer`] fills them, fenced against members that wake up late; [`Reader`]
//! searches; [`Sweeper`] takes silent drivers out; [`Census`] reads all for the audit.
//! What is absent on purpose: a clock. Whoever calls passes the time.

mod census;
mod connection;
mod fence;
mod keys;
mod reader;
mod search;
mod sweeper;
mod update;
mod writer;

pub use census::{Census, LiveDriver};
pub use connection::Settings;
pub use reader::Reader;
pub use search::{Candidate, Search};
pub use sweeper::Sweeper;
pub use update::{DriverUpdate, Report, can_hold};
pub use writer::{Applied, SLICE, Writer};

/// A driver silent for longer than this is not offered to anybody and is swept away: six reports at the usual
/// interval of five seconds.
pub const SILENCE_MS: i64 = 30_000;
