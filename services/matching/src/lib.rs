//! Finds a driver for each waiting trip: asks the drivers' authority for the pairs of least total pickup time.
//!
//! The handler holds the trips that wait (`handler`, `window`); the sink searches Redis for idle drivers near all of
//! them, pairs them (`pairing`) and writes `reserve` commands, minding whom it asked for just now (`asked`) and
//! how much searching Redis has time for (`budget`).
//! What is absent on purpose: state that has to last. A pair is a wish; the two authorities decide.

mod asked;
mod budget;
mod config;
mod handler;
pub mod metrics;
mod pairing;
mod run;
mod sink;
mod window;

pub use config::{Assignment, Config, WINDOW_MS};
pub use handler::MatchingHandler;
pub use pairing::pickup_ds;
pub use run::{MAX_RECORDS, PACE, TOPICS, linger, run};
pub use sink::{MatchingSink, NearbyDrivers};
pub use window::{Waiting, Window};
