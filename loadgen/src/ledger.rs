//! What brokers have taken of the reports: their sums, as figures of the process, and each of them, in a file.
//!
//! The file is CSV: the line [`HEADER`], a line for each acknowledged report in the order in which the process heard of it
//! (`4711,1211587200000,3,56789`; without the last number if the broker did not say where it lies), and at the end, once
//! the books are closed, `end,<lines>,,`. What is absent on purpose: what a report says, which the topic holds.

mod entry;
mod file;
mod reader;
mod sums;

pub use entry::{Entry, HEADER};
pub use file::prepare;
pub use reader::{LedgerRead, read};

pub(crate) use file::LedgerFile;
pub(crate) use sums::sums;
