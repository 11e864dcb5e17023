//! The drivers' authority: the only writer of `drivers` and `reservation-replies`. It keeps every driver of its
//! partitions in memory, asks `domain::driver` what each shift change and command means, and writes replies and
//! snapshots in one transaction with the offsets they came from.
//!
//! What is absent on purpose: positions (`live-location`), time-outs (the trip that holds a driver has them), and
//! the rules (they are in `domain`).

mod config;
mod handler;
mod run;

pub use config::Config;
pub use handler::DriversHandler;
pub use run::{LINGER, MAX_RECORDS, PACE, TOPICS, run};
