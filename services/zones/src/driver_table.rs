//! The table of drivers of one partition, as far as it tells who is idle.

use domain::DriverId;
use domain::driver::{Driver, DriverStatus};
use pipeline::{Record, Reject};

/// How far the table was read.
#[derive(Debug)]
pub(crate) struct DriverTable {
    seen_through: i64,
}

impl Default for DriverTable {
    fn default() -> Self {
        Self { seen_through: -1 }
    }
}

impl DriverTable {
    /// Who a record of the table is about, and whether they are idle; nothing of one that was already restored.
    pub(crate) fn read(&mut self, record: &Record<'_>) -> Result<Option<(DriverId, bool)>, Reject> {
        if record.offset <= self.seen_through {
            return Ok(None);
        }
        let change = if record.payload.is_none() {
            let driver = events::drivers::key(record.key)
                .ok_or_else(|| Reject::new("malformed_key", "the key of a tombstone is no driver id"))?;
            (driver, false)
        } else {
            let driver: Driver = events::decode(record.key, record.payload, None)
                .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
            (driver.id, driver.status == DriverStatus::Idle)
        };
        self.seen_through = record.offset;
        Ok(Some(change))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_record_that_was_restored_already_changes_nothing() {
        let status = |status: &str| format!(r#"{{"id":7,"status":"{status}","since":0}}"#);
        let mut table = DriverTable::default();
        let mut read = |offset, payload: Option<&str>| {
            let record = Record {
                topic: "drivers",
                partition: 0,
                offset,
                timestamp_ms: 0,
                key: Some(b"7"),
                payload: payload.map(str::as_bytes),
                traceparent: None,
            };
            table.read(&record).unwrap()
        };
        let now = |is_idle| Some((DriverId(7), is_idle));
        assert_eq!(read(5, Some(&status("idle"))), now(true));
        assert_eq!(read(4, Some(&status("offline"))), None, "older than what was restored");
        assert_eq!(read(6, Some(&status("reserved"))), now(false));
        assert_eq!(read(7, Some(&status("idle"))), now(true));
        assert_eq!(read(8, None), now(false), "a tombstone removes");
    }
}
