//! One line of a ledger file.

use std::io::Write as _;

use domain::{CityMs, DriverId};
use kafka::Receipt;

/// The first line of a ledger file.
pub const HEADER: &str = "driver,at_ms,partition,offset";

/// The first field of the line that closes a ledger file.
pub(super) const END: &str = "end";

/// A report that a broker has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose report.
    pub driver: DriverId,
    /// When it was measured, city time: with the driver, what makes it this report and no other.
    pub at: CityMs,
    /// The partition it lies in.
    pub partition: i32,
    /// Its offset, unless the broker did not tell.
    pub offset: Option<i64>,
}

impl Entry {
    /// The entry for a report that was handed over with its key, and its time as mark; `None` if it was no report.
    pub(super) fn of(receipt: Receipt<'_>) -> Option<Self> {
        let driver = std::str::from_utf8(receipt.key).ok()?.parse().ok()?;
        let at = i64::try_from(receipt.mark).ok()?;
        let Receipt { partition, offset, .. } = receipt;
        Some(Self { driver: DriverId(driver), at: CityMs(at), partition, offset })
    }

    /// The mark under which a report is handed over.
    pub(crate) fn mark(at: CityMs) -> usize {
        usize::try_from(at.0).unwrap_or(0)
    }

    /// Appends the entry's line.
    pub(super) fn write_to(&self, buffer: &mut Vec<u8>) {
        let Self { driver, at, partition, offset } = self;
        let written = match offset {
            Some(offset) => writeln!(buffer, "{},{},{partition},{offset}", driver.0, at.0),
            None => writeln!(buffer, "{},{},{partition},", driver.0, at.0),
        };
        written.expect("writing to memory succeeds");
    }

    /// Reads a line without its end.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(',');
        let (driver, at) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let partition = fields.next()?.parse().ok().filter(|partition| *partition >= 0)?;
        let offset = match fields.next()? {
            "" => None,
            offset => Some(offset.parse().ok().filter(|offset| *offset >= 0)?),
        };
        let entry = Self { driver: DriverId(driver), at: CityMs(at), partition, offset };
        fields.next().is_none().then_some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        for offset in [Some(0), Some(i64::MAX), None] {
            let receipt = Receipt { key: b"4711", mark: Entry::mark(CityMs(7)), partition: 3, offset };
            let entry = Entry::of(receipt).unwrap();
            assert_eq!((entry.driver, entry.at, entry.offset), (DriverId(4711), CityMs(7), offset));
            let mut line = Vec::new();
            entry.write_to(&mut line);
            let line = String::from_utf8(line).unwrap();
            assert_eq!(Entry::parse(line.trim_end()), Some(entry), "{line}");
        }
    }

    #[test]
    fn what_is_no_entry_is_not_read() {
        for line in ["", "1,2,3", "1,2,3,4,5", "1,2,-3,4", "1,2,3,-4", "x,2,3,4", "1,2,3,4 ", "1;2;3;4"] {
            assert_eq!(Entry::parse(line), None, "{line}");
        }
    }
}
