//! Given the records so far, when one more comes or time passes, then these are written: tests of handlers, in words.
//!
//! [`town`] has the people and places that tests speak of, [`Bench`] holds a handler and its time, [`told()`] puts into
//! words what came of a record; beside them what documents that the code makes, and
//! dashboards, are held against. A dev-dependency only; absent on purpose: servers, sleeps, chance.

mod bench;
mod contract_file;
mod queries;
mod told;
pub mod town;

pub use bench::Bench;
pub use contract_file::{assert_checked_in, assert_references_lead_somewhere};
pub use queries::{Query, dashboards, queries};
pub use told::{told, written};
