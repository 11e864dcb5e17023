//! What of a slice of updates is written, as commands of Redis.

use std::collections::BTreeMap;

use domain::DriverId;
use redis::Pipeline;

use crate::Report;
use crate::fence::Watermark;
use crate::keys::Keys;

/// Puts drivers from the set of the idle to that of the others, where they stand.
const LEAVE_IDLE: &str = "
for i = 1, #ARGV do
  local place = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if place then
    redis.call('ZADD', KEYS[2], place, ARGV[i])
    redis.call('ZREM', KEYS[1], ARGV[i])
  end
end";

/// What of a slice is written.
#[derive(Default)]
pub(super) struct Plan {
    /// New positions of the idle.
    pub(super) idle: Vec<(DriverId, Report)>,
    /// New positions of all others.
    pub(super) busy: Vec<(DriverId, Report)>,
    /// Idle no more, and nothing new is known of where they are.
    pub(super) leave_idle: Vec<DriverId>,
    pub(super) next: BTreeMap<i32, i64>,
    pub(super) written: usize,
    pub(super) fenced: usize,
    pub(super) below_watermark: usize,
}

impl Plan {
    pub(super) fn is_empty(&self) -> bool {
        self.idle.is_empty() && self.busy.is_empty() && self.leave_idle.is_empty()
    }

    /// A transaction that answers with what its `EXEC` does. One variadic command for each set: a third cheaper than a
    /// command for each driver.
    pub(super) fn transaction(&self, keys: &Keys, now_ms: i64) -> Pipeline {
        let mut pipe = redis::pipe();
        pipe.cmd("MULTI").ignore();
        move_to(&mut pipe, &self.idle, &keys.idle, &keys.busy);
        move_to(&mut pipe, &self.busy, &keys.busy, &keys.idle);
        if !(self.idle.is_empty() && self.busy.is_empty()) {
            pipe.cmd("ZADD").arg(&keys.seen);
            for (driver, report) in self.idle.iter().chain(&self.busy) {
                // Nobody is seen in the future: such a driver would outlive their silence.
                pipe.arg(report.seen_ms.min(now_ms)).arg(driver.0);
            }
            pipe.ignore();
        }
        if !self.leave_idle.is_empty() {
            pipe.cmd("EVAL").arg(LEAVE_IDLE).arg(2).arg(&keys.idle).arg(&keys.busy);
            pipe.arg(self.leave_idle.iter().map(|driver| driver.0).collect::<Vec<_>>()).ignore();
        }
        if !self.next.is_empty() {
            pipe.cmd("HSET").arg(&keys.watermarks);
            for (partition, next) in &self.next {
                pipe.arg(partition).arg(Watermark { next: *next, written_ms: now_ms }.to_text());
            }
            pipe.ignore();
        }
        pipe.cmd("EXEC");
        pipe
    }
}

/// Puts drivers with new positions into one set, and takes them out of the other.
fn move_to(pipe: &mut Pipeline, moved: &[(DriverId, Report)], set: &str, other: &str) {
    if moved.is_empty() {
        return;
    }
    pipe.cmd("GEOADD").arg(set);
    for (driver, report) in moved {
        pipe.arg(report.position.lon).arg(report.position.lat).arg(driver.0);
    }
    pipe.ignore();
    pipe.cmd("ZREM").arg(other).arg(moved.iter().map(|(driver, _)| driver.0).collect::<Vec<_>>()).ignore();
}
