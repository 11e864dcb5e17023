//! `hailstorm audit`: an independent recount of topics, Redis and MongoDB, and what in it does not agree.
//!
//! It imports contracts, clients and the reader of the load's ledger only. What a trip may do and what a ride costs is written here anew, from the
//! words of the contracts, so that a mistake in the services' rules can't hide itself.
//!
//! Read in this order: [`Recount`] (pure: records and documents in, findings out), then one file per concern
//! (`stored`, `content`, `undecodable`, `trip_fact`, `trip_history`, `trip_book`, `driver_holds`, `fare_book`, `positions`,
//! `tables`, `acknowledged`, `acknowledged_ids`, `summary`), then `servers`, which feeds it. What is absent on purpose: anything that changes
//! a topic or a store, and every rule of a service.

mod acknowledged;
mod acknowledged_ids;
mod command;
mod content;
mod cut;
mod driver_holds;
mod fare_book;
mod finding;
mod offsets;
mod payload;
mod place;
mod positions;
mod recount;
mod report;
mod servers;
mod stored;
mod summary;
mod tables;
mod trip_book;
mod trip_fact;
mod trip_history;
mod undecodable;

#[cfg(test)]
mod tests;

pub use acknowledged::{ALL_PARTITIONS, Acknowledged, Ledger};
pub use acknowledged_ids::AcknowledgedIds;
pub use command::{Options, command};
pub use cut::Cut;
pub use finding::{Finding, FindingKind, Findings};
pub use place::Place;
pub(crate) use recount::LEDGER_COUNT;
pub use recount::Recount;
pub use report::{AuditReport, Held};
pub use servers::{run, run_with_ledger};
