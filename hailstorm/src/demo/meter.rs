//! Processor time of all processes of a run, over a part of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

/// A reading of all processes at one moment.
#[derive(Debug)]
pub(super) struct Meter {
    at: Instant,
    reports: i64,
    /// Processor time so far, by process id.
    spent: BTreeMap<u32, Duration>,
}

/// What the processes took from one reading to another.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Spent {
    /// Seconds between the readings.
    pub(crate) seconds: f64,
    /// Reports acknowledged a second.
    pub(crate) reports_per_s: f64,
    /// Processors in use, by process.
    pub(crate) cores: BTreeMap<String, f64>,
    /// Processors in use by all processes together.
    pub(crate) all_cores: f64,
    /// Microseconds of processor time a report, all processes together.
    pub(crate) us_per_report: f64,
}

impl Meter {
    /// Reads these processes, when so many reports had been acknowledged.
    pub(super) fn read(processes: &[(String, u32)], reports: i64) -> Self {
        let spent = |(_, pid): &(String, u32)| Some((*pid, backends::process::cpu_time(*pid)?));
        Self { at: Instant::now(), reports, spent: processes.iter().filter_map(spent).collect() }
    }

    /// What was spent since this reading; all of it by a process that did not live then.
    #[expect(clippy::cast_precision_loss, reason = "for display")]
    pub(super) fn spent_until(&self, processes: &[(String, u32)], reports: i64) -> Spent {
        let now = Self::read(processes, reports);
        let seconds = now.at.duration_since(self.at).as_secs_f64().max(0.001);
        let mut cores = BTreeMap::new();
        for (name, pid) in processes {
            let Some(spent) = now.spent.get(pid) else { continue };
            let before = self.spent.get(pid).copied().unwrap_or_default();
            *cores.entry(name.clone()).or_default() += spent.saturating_sub(before).as_secs_f64() / seconds;
        }
        let all_cores: f64 = cores.values().sum();
        let reports_per_s = (reports - self.reports).max(0) as f64 / seconds;
        let us_per_report = if reports_per_s > 0.0 { all_cores * 1e6 / reports_per_s } else { 0.0 };
        Spent { seconds, reports_per_s, cores, all_cores, us_per_report }
    }
}

impl Spent {
    /// As people read it: the most expensive first.
    pub(super) fn text(&self) -> String {
        let mut parts: Vec<(&String, &f64)> = self.cores.iter().collect();
        parts.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let parts: Vec<String> = parts.iter().map(|(name, cores)| format!("{name} {cores:.2}")).collect();
        format!(
            "{:.2} cores at {:.0} reports/s, {:.1} µs a report, over {:.0} s: {}",
            self.all_cores,
            self.reports_per_s,
            self.us_per_report,
            self.seconds,
            parts.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_between_two_readings_is_told_a_report() {
        let us = [("us".to_owned(), std::process::id())];
        let meter = Meter::read(&us, 100);
        let until = Instant::now() + Duration::from_millis(120);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        let spent = meter.spent_until(&us, 1_100);
        assert!(spent.cores["us"] > 0.0 && spent.all_cores > 0.0, "{spent:?}");
        let us_per_report = spent.all_cores * spent.seconds * 1e6 / 1_000.0;
        assert!((spent.us_per_report - us_per_report).abs() < 1e-6, "{spent:?}");
        let gone = meter.spent_until(&[("gone".to_owned(), u32::MAX)], 100);
        assert!(gone.cores.is_empty() && gone.us_per_report == 0.0, "{gone:?}");
    }
}
