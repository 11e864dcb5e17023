//! The trips' authority: the only writer of `trip-events` and `trips`. It keeps every open trip of its partitions in
//! memory, asks `domain::trip` what each request, reply, action and passing of time means, and writes facts,
//! commands to drivers and snapshots in one transaction with the offsets they came from.
//!
//! What is absent on purpose: the rules (they are in `domain`), the choice of drivers (`matching`) and any database.

mod carry_out;
mod catch_up;
mod config;
mod handler;
mod partition;
mod run;
mod surge_board;
mod trip_table;

pub use config::Config;
pub use handler::TripsHandler;
pub use run::{LINGER, MAX_RECORDS, PACE, TOPICS, run};
