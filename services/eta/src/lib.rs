//! How long until the pickup and the drop-off of every trip, told when it changed enough.
//!
//! `assignments` knows which driver is on which leg; `progress` routes a leg once and follows the driver along it;
//! `traffic` says how slow each zone is now; `handler` joins the three.
//! What is absent on purpose: clocks, clients, anything asynchronous but `run`.

mod assignments;
mod config;
mod handler;
pub mod metrics;
mod progress;
mod run;
mod traffic;

pub use config::Config;
pub use handler::{EtaHandler, Figures};
pub use run::{LINGER, MAX_RECORDS, TOPICS, run};
