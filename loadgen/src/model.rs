//! The simulated city, pure: time and trip events come in, what the apps send comes out.
//!
//! Read in this order: `settings`, `output`, `city` (the whole), `demand` (who asks when), `riders` (what becomes
//! of a request), `fleet`, `offers` and `steps` (what drivers do about it), `driver`, `job` and `leg` (one driver,
//! one trip, one drive), `census` (drivers by state), `guests` (who is not ours), `share` and `siblings` (a city of
//! several processes), `agenda` (what is due when). Equal seeds, settings and inputs give equal outputs; those of all
//! shares together are those of one process.
//! What is absent on purpose: threads, tasks, Kafka, a wall clock.

pub mod census;
pub mod city;
pub mod counters;
pub mod output;
pub mod settings;
pub mod share;

mod agenda;
mod demand;
pub(crate) mod dice;
mod driver;
mod fleet;
mod guests;
mod job;
mod leg;
mod offers;
mod riders;
mod siblings;
mod steps;
mod traffic;
mod world;

pub(crate) use demand::junctions_of;

pub use census::Census;
pub use city::City;
pub use counters::Counters;
pub use output::Output;
pub use settings::{CancelShares, Demand, Faults, Settings};
pub use share::Share;
