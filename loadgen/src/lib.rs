//! A simulated city: drivers and riders whose apps produce records and follow the events of their trips.
//!
//! `model` is the city itself: seeded, one thread, no I/O, no clock of its own. `replay` is no city at all: it sends
//! recorded positions of real cars. `ledger` says what became of the reports.

pub mod ledger;
pub mod metrics;
pub mod model;
pub mod replay;

mod apps;
mod config;
mod departures;
mod figures;
mod first_offers;
mod phones;
mod run;
mod schedule;
mod silence;

pub use config::{Config, FaultOptions, parse_rate};
pub use run::{check_files, run};
pub use schedule::{REPORT_LINGER_MS, WARM_UP};
