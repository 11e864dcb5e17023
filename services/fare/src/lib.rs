//! The running meter of every trip and its one final fare.
//!
//! `handler` decides, `meters` knows who drives whom since when and what the meter showed last. What is absent on
//! purpose: clocks, clients, anything asynchronous but `run`; the arithmetic of a fare is `domain::tariff`.

mod config;
mod handler;
mod meters;
mod run;

pub use config::Config;
pub use handler::FareHandler;
pub use run::{LINGER, MAX_RECORDS, TOPICS, run};
