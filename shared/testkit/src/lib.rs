//! Given the records so far, when one more comes or time passes, then these are written: tests of handlers, in words.
//!
//! [`town`] has the people and places that tests speak of, [`Bench`] holds a handler and its time, [`told()`] puts into
//! words what came of a record. A dev-dependency only; absent on purpose: servers, sleeps, chance.

mod bench;
mod told;
pub mod town;

pub use bench::Bench;
pub use told::{told, written};
