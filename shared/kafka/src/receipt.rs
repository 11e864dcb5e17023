//! What a broker says of one record: it is safe, and where.

use std::fmt;

/// A broker's word for one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt<'a> {
    /// The record's key.
    pub key: &'a [u8],
    /// What was handed over with the record, to know it again by.
    pub mark: usize,
    /// The partition it lies in.
    pub partition: i32,
    /// Its offset; `None` if the broker only said that it had the record already.
    pub offset: Option<i64>,
}

/// Is shown every receipt of an outbox, on the client's own thread: it must be quick.
pub struct Witness(Box<Show>);

type Show = dyn Fn(Receipt<'_>) + Send + Sync;

impl Witness {
    /// Somebody who wants to see receipts.
    pub fn new(show: impl Fn(Receipt<'_>) + Send + Sync + 'static) -> Self {
        Self(Box::new(show))
    }

    pub(crate) fn show(&self, receipt: Receipt<'_>) {
        (self.0)(receipt);
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness")
    }
}
