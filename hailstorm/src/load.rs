//! `hailstorm load`: the demo's city as a load, with many drivers who report on schedule whatever the system does.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use events::topic::partitions_for_this_machine;

use crate::demo::{self, StartTime};
use crate::log_sender::LOG_TO_KAFKA;

/// More processes than this are no way to get more out of one machine.
const MOST_PROCESSES: i64 = 64;

/// What a load can be told.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    /// How many drivers there are [default: 100000, or what --rate and --every need]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    drivers: Option<u32>,
    /// Time between two location reports of a driver [default: 5s, or what --drivers and --rate leave]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    every: Option<Duration>,
    /// Location reports a second, instead of --drivers or --every
    #[arg(long, value_name = "REPORTS")]
    rate: Option<NonZeroU32>,
    /// Processes that play the drivers and riders, each its share of them
    #[arg(long, default_value_t = 1, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=MOST_PROCESSES))]
    processes: u32,
    /// Time over which drivers come on shift
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = humantime::parse_duration)]
    ramp: Duration,
    /// How long; then trips under way are brought to an end
    #[arg(long = "for", default_value = "2m", value_name = "TIME", value_parser = humantime::parse_duration)]
    run_for: Duration,
    /// Ride requests in a minute
    #[arg(long, default_value_t = 3600.0, value_parser = loadgen::parse_rate)]
    requests_per_minute: f64,
    /// Seed of the city and of everything in it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// City time at which the city opens, to the millisecond, such as 2008-05-23T17:00:00-07:00; without rides, equal
    /// seeds and times give equal reports [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<StartTime>,
    /// Members of each group, such as archiver=2,live-location=2 [default: one each]
    #[arg(long, default_value = "", value_name = "LIST")]
    members: demo::Members,
    /// Partitions of each topic; the more, the smaller the batches, and those are what costs [default: one for each
    /// processor, 12 at most, or as many as the largest group has members]
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..=1000))]
    partitions: Option<i32>,
    /// Opens the city's pages on this port [default: no gateway]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Writes the summary as JSON, with the ledger of acknowledged reports
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Names every acknowledged report in a file of this folder: driver, time, partition, offset; the audit looks for each
    #[arg(long, value_name = "DIR")]
    ledger: Option<PathBuf>,
    /// Every process tells metrics and health on a port of its own on 127.0.0.1, from this one on
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    metrics_port: Option<u16>,
    /// Every process sends spans to a collector there, by OTLP over HTTP, such as http://127.0.0.1:4318 [default: no traces]
    #[arg(long, env = runtime::OTLP_ENDPOINT, value_name = "URL", default_value = "", hide_default_value = true)]
    otlp_endpoint: runtime::Endpoint,
    /// Every process sends its log to the topic service-logs, too: see `hailstorm logs`
    #[arg(long, env = LOG_TO_KAFKA)]
    log_to_kafka: bool,
    /// Prefix of topics, groups, keys and the database [default: demo-TIME on external servers]
    #[arg(long, env = "HAILSTORM_NAMESPACE")]
    namespace: Option<String>,
    /// Where the servers come from
    #[command(flatten)]
    backends: backends::Options,
}

/// Who reports how often.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Plan {
    drivers: u32,
    every: Duration,
}

/// Runs the load to its end.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let plan = plan(options.drivers, options.every, options.rate).map_err(str::to_owned);
    let plan = match plan.and_then(|plan| shared(plan, options.processes)) {
        Ok(plan) => plan,
        Err(what) => {
            eprintln!("hailstorm: {what}");
            return Ok(ExitCode::from(2));
        }
    };
    if let Some(dir) = &options.ledger
        && let Err(error) = loadgen::ledger::prepare(dir)
    {
        eprintln!("hailstorm: {error:#}");
        return Ok(ExitCode::from(2));
    }
    let Plan { drivers, every } = plan;
    let players = match options.processes {
        1 => String::new(),
        processes => format!(" in {processes} processes"),
    };
    println!(
        "load: {drivers} drivers{players}, a report each {}: {:.0} reports a second; {:.0} ride requests a minute; for {}",
        humantime::format_duration(every),
        f64::from(drivers) / every.as_secs_f64(),
        options.requests_per_minute,
        humantime::format_duration(options.run_for)
    );
    demo::run(city(options, plan)).await
}

fn plan(
    drivers: Option<u32>,
    every: Option<Duration>,
    rate: Option<NonZeroU32>,
) -> Result<Plan, &'static str> {
    let usual = Plan { drivers: 100_000, every: Duration::from_secs(5) };
    let rate = rate.map(|rate| f64::from(rate.get()));
    let plan = match (drivers, every, rate) {
        (Some(_), Some(_), Some(_)) => {
            return Err("--drivers, --every and --rate: two of them say the third");
        }
        (drivers, every, None) => {
            Plan { drivers: drivers.unwrap_or(usual.drivers), every: every.unwrap_or(usual.every) }
        }
        (Some(drivers), None, Some(rate)) => {
            Plan { drivers, every: Duration::from_secs_f64(f64::from(drivers) / rate) }
        }
        (None, every, Some(rate)) => {
            let every = every.unwrap_or(usual.every);
            Plan { drivers: whole(rate * every.as_secs_f64()), every }
        }
    };
    // The clock of the city counts in milliseconds.
    let every = Duration::from_millis(u64::try_from(plan.every.as_millis()).unwrap_or(u64::MAX));
    if every.is_zero() {
        return Err(
            "a driver can't report more than a thousand times a second: more drivers, or a lower rate",
        );
    }
    if !(1..=2_000_000).contains(&plan.drivers) {
        return Err("that takes more than 2000000 drivers: a shorter time between reports, or a lower rate");
    }
    Ok(Plan { every, ..plan })
}

/// A plan in which every process has a driver.
fn shared(plan: Plan, processes: u32) -> Result<Plan, String> {
    let drivers = plan.drivers;
    if processes > drivers {
        return Err(format!("--processes {processes} for {drivers} drivers: some would have none"));
    }
    Ok(plan)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is checked")]
fn whole(count: f64) -> u32 {
    count.round() as u32
}

/// The city that makes this load.
fn city(options: Options, Plan { drivers, every }: Plan) -> demo::Options {
    demo::Options {
        run_for: Some(options.run_for),
        drivers,
        requests_per_minute: options.requests_per_minute,
        report_every: every,
        processes: options.processes,
        holds_rate: true,
        punctual: true,
        ramp: options.ramp,
        from: options.from,
        seed: options.seed,
        partitions: options
            .partitions
            .unwrap_or_else(|| partitions_for_this_machine().max(options.members.most())),
        members: options.members,
        report: options.report,
        ledger: options.ledger,
        metrics_port: options.metrics_port,
        otlp_endpoint: options.otlp_endpoint,
        log_to_kafka: options.log_to_kafka,
        namespace: options.namespace,
        gateways: options.port.map_or_else(demo::Gateways::none, demo::Gateways::at),
        backends: options.backends,
        ..demo::Options::default()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn each_member_has_a_partition_unless_one_says_how_many_there_are() {
        let partitions = |arguments: &[&str]| {
            let line = ["load", "--members"].into_iter().chain(arguments.iter().copied());
            let options = Line::try_parse_from(line).unwrap().options;
            city(options, Plan { drivers: 100, every: Duration::from_secs(5) }).partitions
        };
        assert_eq!(partitions(&["matching=13,fare=2"]), 13);
        assert_eq!(partitions(&["matching=1"]), partitions_for_this_machine());
        assert_eq!(partitions(&["matching=13", "--partitions", "5"]), 5);
    }

    #[test]
    fn every_process_has_a_driver() {
        let plan = Plan { drivers: 3, every: Duration::from_secs(5) };
        assert_eq!(shared(plan, 3), Ok(plan));
        assert!(shared(plan, 4).unwrap_err().contains("for 3 drivers: some would have none"));
    }

    #[test]
    fn two_of_drivers_interval_and_rate_say_the_third() {
        let s = Duration::from_secs;
        let rate = NonZeroU32::new;
        for (drivers, every, wanted, planned) in [
            (None, None, None, (100_000, s(5))),
            (Some(7), None, None, (7, s(5))),
            (None, Some(s(2)), None, (100_000, s(2))),
            (Some(1_000), Some(s(1)), None, (1_000, s(1))),
            (None, None, rate(20_000), (100_000, s(5))),
            (None, Some(s(1)), rate(500), (500, s(1))),
            (Some(40_000), None, rate(20_000), (40_000, s(2))),
        ] {
            let planned = Plan { drivers: planned.0, every: planned.1 };
            assert_eq!(plan(drivers, every, wanted), Ok(planned), "{drivers:?} {every:?} {wanted:?}");
        }
        for (drivers, every, wanted, told) in [
            (Some(1), Some(s(1)), rate(1), "two of them"),
            (Some(1), None, rate(20_000), "thousand times"),
            (None, Some(s(60)), rate(1_000_000), "2000000"),
        ] {
            assert!(plan(drivers, every, wanted).unwrap_err().contains(told), "{told}");
        }
    }
}
