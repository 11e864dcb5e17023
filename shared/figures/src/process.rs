//! What the kernel knows of a process.

use std::fs;
use std::time::Duration;

/// The resident memory of a process in KiB, or none if it is gone.
#[must_use]
pub fn rss_kib(pid: u32) -> Option<u64> {
    resident_kib(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

/// The processor time a process has taken so far, in the kernel and outside, or none if it is gone.
#[must_use]
pub fn cpu_time(pid: u32) -> Option<Duration> {
    let ticks = cpu_ticks(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?;
    Some(Duration::from_millis(ticks * 1_000 / rustix::param::clock_ticks_per_second()))
}

/// `utime` and `stime`, the 14th and 15th field; the second one is a name that may hold spaces and parentheses.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

fn resident_kib(status: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    value.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_a_status_file() {
        assert_eq!(resident_kib("Name:\tx\nVmRSS:\t   12345 kB\nThreads:\t3\n"), Some(12345));
        assert_eq!(resident_kib("Name:\tkernel thread\n"), None);
    }

    #[test]
    fn our_own_memory_is_known_and_a_missing_process_has_none() {
        assert!(rss_kib(std::process::id()).is_some_and(|kib| kib > 100));
        assert_eq!(rss_kib(u32::MAX), None);
    }

    #[test]
    fn processor_time_is_read_whatever_a_process_is_called() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 1 0 5 6 7";
        assert_eq!(cpu_ticks(stat), Some(300));
        assert_eq!(cpu_ticks("7 (a) S 1 7"), None);
        assert!(cpu_time(std::process::id()).is_some());
        assert_eq!(cpu_time(u32::MAX), None);
    }
}
