//! One `hailstorm load`, run to its end, and what its report says.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;

use super::MORNING;
use super::tables::PROCESSES;
use super::times::{Times, option};
use crate::figure::{Figure, Figures};
use crate::lab::Lab;

/// A rate is held if nearly all of it came, ...
pub(super) const LEAST_SHARE: f64 = 0.98;

/// ... and no group fell further behind. The archiver collects for a second by itself.
pub(super) const LONGEST_LAG_MS: i64 = 5_000;

/// What riders do meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Riders {
    /// They ask for 60 rides a second.
    Busy,
    /// They stay at home: a load takes a rate of requests, so it gets one that brings none.
    Away,
}

impl Riders {
    pub(super) fn requests_per_minute(self) -> &'static str {
        match self {
            Self::Busy => "3600",
            Self::Away => "0.000001",
        }
    }
}

/// What the report of a run says, as far as it is looked at.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Turn {
    request_to_offer_ms: Quantiles,
    report_to_redis_ms: Quantiles,
    /// None if the city closed before all drivers were on shift.
    rate: Option<Rate>,
    /// By process.
    rss_mib: BTreeMap<String, f64>,
    cpu: Cpu,
    schedule: Schedule,
    audit: Audit,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Quantiles {
    p50: Option<u64>,
    p99: Option<u64>,
    p999: Option<u64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Rate {
    lag: Lag,
}

/// Of the group furthest behind, until the city closed.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Lag {
    longest_ms: i64,
}

#[derive(Clone, Debug, Deserialize)]
struct Cpu {
    reports_per_s: f64,
    /// By process.
    cores: BTreeMap<String, f64>,
    all_cores: f64,
    us_per_report: f64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Schedule {
    lateness_ms: Quantiles,
    late: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Audit {
    clean: bool,
}

impl Turn {
    /// Lets a city report so often a second, with servers like the lab's, for itself alone if they can be had.
    pub(super) async fn run(lab: &Lab, rate: u32, riders: Riders) -> anyhow::Result<Self> {
        let settings = lab.new_space();
        let report = lab.folder().join(format!("city-{rate}.json"));
        let times = Times::of(lab.plan);
        let (rate, backends) = (rate.to_string(), lab.backends.mode.to_string());
        let partitions = events::topic::partitions_for_this_machine().to_string();
        let command = lab
            .ourselves(&settings, &["load", "--rate", &rate, "--every", "5s"])?
            .args(["--ramp", &option(times.ramp), "--for", &option(times.whole())])
            .args(["--backends", &backends, "--partitions", &partitions])
            .args(["--requests-per-minute", riders.requests_per_minute(), "--from", MORNING.0])
            .args(["--report".as_ref(), report.as_os_str()]);
        // It ends with an error when rides stay open, which is what a rate that is not held comes to.
        let said = lab.run_to_its_end(&command).await?.last_lines(10);
        let text = std::fs::read_to_string(&report)
            .with_context(|| format!("a load of {rate} reports a second left no report:\n  {said}"))?;
        serde_json::from_str(&text).context("failed to read the report of a load")
    }

    pub(super) fn is_held(&self, rate: u32) -> bool {
        self.cpu.reports_per_s >= LEAST_SHARE * f64::from(rate)
            && self.schedule.late == 0
            && self.rate.is_some_and(|rate| rate.lag.longest_ms <= LONGEST_LAG_MS)
            && self.audit.clean
    }

    pub(super) fn figures(&self) -> Figures {
        let Quantiles { p50: redis_p50, p99: redis_p99, p999: redis_p999 } = self.report_to_redis_ms;
        let Quantiles { p50: offer_p50, p99: offer_p99, p999: offer_p999 } = self.request_to_offer_ms;
        let lag_ms = self.rate.and_then(|rate| u64::try_from(rate.lag.longest_ms).ok());
        let waits = [
            (Figure::LateP99Ms, self.schedule.lateness_ms.p99),
            (Figure::RedisP50Ms, redis_p50),
            (Figure::RedisP99Ms, redis_p99),
            (Figure::RedisP999Ms, redis_p999),
            (Figure::OfferP50Ms, offer_p50),
            (Figure::OfferP99Ms, offer_p99),
            (Figure::OfferP999Ms, offer_p999),
            (Figure::LongestLagMs, lag_ms),
        ];
        let mut figures: Figures =
            waits.into_iter().filter_map(|(figure, ms)| Some((figure, ms? as f64))).collect();
        figures.insert(Figure::RecordsPerS, self.cpu.reports_per_s);
        figures.insert(Figure::AllCores, self.cpu.all_cores);
        figures.insert(Figure::AllUs, self.cpu.us_per_report);
        figures.insert(Figure::AllMib, self.rss_mib.values().sum());
        for (process, cores) in &self.cpu.cores {
            *figures.entry(of_process(process).0).or_default() += cores;
            if let Some((percent, _)) = of_ours(process) {
                *figures.entry(percent).or_default() += cores * 100.0;
            }
        }
        for (process, mib) in &self.rss_mib {
            let own = of_ours(process).map(|(_, own)| own);
            for figure in own.into_iter().chain([of_process(process).1]) {
                *figures.entry(figure).or_default() += mib;
            }
        }
        figures
    }
}

/// Where the cores and the memory of a process are counted.
fn of_process(name: &str) -> (Figure, Figure) {
    match name {
        "kafka" => (Figure::KafkaCores, Figure::KafkaMib),
        "redis" => (Figure::RedisCores, Figure::RedisMib),
        "mongodb" => (Figure::MongodbCores, Figure::MongodbMib),
        name if name.starts_with("loadgen") => (Figure::LoadgenCores, Figure::LoadgenMib),
        // Services, and the command that watches over them.
        _ => (Figure::ServiceCores, Figure::ServiceMib),
    }
}

/// Where a process of ours is counted by itself, processor and memory; the members of a service are counted together.
fn of_ours(name: &str) -> Option<(Figure, Figure)> {
    let digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
    let service =
        name.rsplit_once('-').filter(|(_, number)| digits(number)).map_or(name, |(service, _)| service);
    PROCESSES.iter().find(|(process, ..)| *process == service).map(|(_, percent, mib)| (*percent, *mib))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn() -> Turn {
        serde_json::from_value(serde_json::json!({
            "request_to_offer_ms": {"p50": 300, "p99": 900, "p999": 2_000},
            "report_to_redis_ms": {"p50": 150, "p99": 300, "p999": null},
            "rate": {"lag": {"group": "archiver", "longest_ms": 1_200}},
            "rss_mib": {"kafka": 300.0, "trips-1": 20.0, "hailstorm": 10.0, "loadgen-1": 40.0},
            "cpu": {
                "reports_per_s": 19_990.0, "all_cores": 1.5, "us_per_report": 75.0,
                "cores": {"kafka": 0.7, "trips-1": 0.1, "eta-1": 0.2, "loadgen-1": 0.5}
            },
            "schedule": {"lateness_ms": {"p50": 12, "p99": 30, "p999": 31}, "late": 0},
            "audit": {"clean": true}
        }))
        .unwrap()
    }

    #[test]
    fn processes_are_counted_by_what_they_are() {
        let figures = turn().figures();
        assert_eq!(figures[&Figure::ServiceMib], 30.0);
        assert!((figures[&Figure::ServiceCores] - 0.3).abs() < 1e-9, "{figures:?}");
        assert_eq!((figures[&Figure::LoadgenCores], figures[&Figure::KafkaMib]), (0.5, 300.0));
        assert_eq!((figures[&Figure::AllMib], figures[&Figure::LongestLagMs]), (370.0, 1_200.0));
        assert_eq!(figures.get(&Figure::RedisP999Ms), None);
        assert_eq!((figures[&Figure::TripsPercent], figures[&Figure::EtaPercent]), (10.0, 20.0));
        assert_eq!((figures[&Figure::TripsMib], figures[&Figure::CommandMib]), (20.0, 10.0));
    }

    #[test]
    fn members_of_a_service_are_counted_together() {
        assert_eq!(of_ours("live-location-1"), of_ours("live-location-12"));
        assert_eq!(of_ours("live-location-1"), Some((Figure::LiveLocationPercent, Figure::LiveLocationMib)));
        assert_eq!(of_ours("loadgen-1").or(of_ours("kafka")), None);
    }

    #[test]
    fn a_rate_is_held_if_all_of_it_came_in_time_and_adds_up() {
        assert!(turn().is_held(20_000));
        let not_held: [fn(&mut Turn); 5] = [
            |turn| turn.cpu.reports_per_s = 19_000.0,
            |turn| turn.schedule.late = 1,
            |turn| turn.rate = Some(Rate { lag: Lag { longest_ms: 6_000 } }),
            |turn| turn.rate = None,
            |turn| turn.audit.clean = false,
        ];
        for (number, spoil) in not_held.iter().enumerate() {
            let mut turn = turn();
            spoil(&mut turn);
            assert!(!turn.is_held(20_000), "case {number}");
        }
    }
}
