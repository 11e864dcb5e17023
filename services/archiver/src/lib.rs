//! `archiver`: every record of the archived topics becomes one document in MongoDB, thousands per operation.
//!
//! The handler decodes and makes documents; the sink groups them by collection and inserts each group at once. A
//! document's `_id` is the record's place, so a batch that comes again after a crash changes nothing.

mod config;
mod figures;
mod handler;
pub mod metrics;
mod run;
mod sink;

pub use config::{BATCH, Config, INTERVAL};
pub use figures::Figures;
pub use handler::{ArchiverHandler, TOPICS};
pub use run::run;
pub use sink::{ArchiveSink, OPERATION};
