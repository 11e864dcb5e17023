//! The table of drivers of one partition, cut down to who is idle.

use domain::DriverId;
use domain::driver::{Driver, DriverStatus};
use foldhash::HashSet;
use pipeline::{Record, Reject};

/// Who is idle, as of the newest offset seen.
#[derive(Debug)]
pub(crate) struct IdleDrivers {
    seen_through: i64,
    idle: HashSet<DriverId>,
}

impl Default for IdleDrivers {
    fn default() -> Self {
        Self { seen_through: -1, idle: HashSet::default() }
    }
}

impl IdleDrivers {
    /// Takes in a record of the table; one that was already restored changes nothing.
    pub(crate) fn take(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        if record.offset <= self.seen_through {
            return Ok(());
        }
        let (driver, is_idle) = if record.payload.is_none() {
            let driver = events::drivers::key(record.key)
                .ok_or_else(|| Reject::new("malformed_key", "the key of a tombstone is no driver id"))?;
            (driver, false)
        } else {
            let driver: Driver = events::decode(record.key, record.payload, None)
                .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
            (driver.id, driver.status == DriverStatus::Idle)
        };
        self.seen_through = record.offset;
        if is_idle {
            self.idle.insert(driver);
        } else {
            self.idle.remove(&driver);
        }
        Ok(())
    }

    pub(crate) fn contains(&self, driver: DriverId) -> bool {
        self.idle.contains(&driver)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_record_that_was_restored_already_changes_nothing() {
        let status = |status: &str| format!(r#"{{"id":7,"status":"{status}","since":0}}"#);
        let mut drivers = IdleDrivers::default();
        let mut take = |offset, payload: Option<&str>| {
            let record = Record {
                topic: "drivers",
                partition: 0,
                offset,
                timestamp_ms: 0,
                key: Some(b"7"),
                payload: payload.map(str::as_bytes),
                traceparent: None,
            };
            drivers.take(&record).unwrap();
            drivers.contains(DriverId(7))
        };
        assert!(take(5, Some(&status("idle"))));
        assert!(take(4, Some(&status("offline"))), "older than what was restored");
        assert!(!take(6, Some(&status("reserved"))));
        assert!(take(7, Some(&status("idle"))));
        assert!(!take(8, None), "a tombstone removes");
    }
}
