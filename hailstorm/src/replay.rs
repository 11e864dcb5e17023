//! `hailstorm replay`: recorded positions of real cars instead of a simulated city, with servers and services around.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use loadgen::replay::{CopyOptions, RecordingOptions, contents};

use crate::demo::{self, StartTime};

/// What a replay can be told.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    /// What is replayed.
    #[command(flatten)]
    recording: RecordingOptions,
    /// How the recording is multiplied.
    #[command(flatten)]
    copies: CopyOptions,
    /// How many times as fast as recorded
    #[arg(long, default_value_t = 1.0, value_parser = demo::parse_speed)]
    speed: f64,
    /// Recorded time that is replayed first, such as 2008-05-23T17:00:00-07:00 [default: the first position]
    #[arg(long, value_name = "TIME")]
    from: Option<StartTime>,
    /// How long, real time [default: to the end of the recording]
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    run_for: Option<Duration>,
    /// Folder with nodes.csv[.gz] and edges.csv[.gz], for the map [default: a generated city]
    #[arg(long, value_name = "DIR")]
    city: Option<PathBuf>,
    /// Port of the city's pages on 127.0.0.1; the next free one if it is taken
    #[arg(long, default_value_t = demo::DEFAULT_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Members of each group, such as archiver=2,live-location=2 [default: one each]
    #[arg(long, default_value = "", value_name = "LIST")]
    members: demo::Members,
    /// Partitions of each topic
    #[arg(long, default_value_t = events::topic::DEFAULT_PARTITIONS, value_parser = clap::value_parser!(i32).range(1..=1000))]
    partitions: i32,
    /// Writes the summary as JSON, with the ledger of acknowledged reports
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Prefix of topics, groups, keys and the database [default: demo-TIME on external servers]
    #[arg(long, env = "HAILSTORM_NAMESPACE")]
    namespace: Option<String>,
    /// Where the servers come from
    #[command(flatten)]
    backends: backends::Options,
}

/// Replays to the end, or until told to stop.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let found = match contents(&options.recording) {
        Ok(found) => found,
        Err(error) => {
            eprintln!("hailstorm: {error:#}");
            return Ok(ExitCode::from(2));
        }
    };
    found.remarks.iter().for_each(|remark| println!("  {remark}"));
    let CopyOptions { copies, spread, .. } = options.copies;
    println!(
        "replay: {} positions of {} cars, {copies} times: up to {} drivers, who are seen and not matched",
        found.pings,
        found.cabs,
        found.cabs.saturating_mul(copies as usize)
    );
    if copies > 1 {
        println!(
            "  copies are moved in time by up to {}, and each of their drivers by up to 500 m",
            humantime::format_duration(spread)
        );
    }
    let start = StartTime { at: found.first_at, utc_offset_h: options.recording.utc_offset_h };
    demo::run(city(options, start)).await
}

/// The city around the replay: its clock shows recorded time.
fn city(options: Options, start: StartTime) -> demo::Options {
    let RecordingOptions { pings, columns, utc_offset_h } = &options.recording;
    let CopyOptions { copies, spread, seed, first_driver } = options.copies;
    let from = options.from.unwrap_or(start);
    let replay = vec![
        pings.display().to_string(),
        format!("--columns={columns}"),
        format!("--utc-offset-h={utc_offset_h}"),
        format!("--from-ms={}", from.at.0),
        format!("--copies={copies}"),
        format!("--spread={}", humantime::format_duration(spread)),
        format!("--seed={seed}"),
        format!("--first-driver={first_driver}"),
    ];
    demo::Options {
        replay: Some(replay),
        run_for: options.run_for,
        requests_per_minute: 0.0,
        speed: options.speed,
        from: Some(from),
        city: options.city,
        seed,
        members: options.members,
        partitions: options.partitions,
        report: options.report,
        namespace: options.namespace,
        gateways: demo::Gateways::at(options.port),
        backends: options.backends,
        ..demo::Options::default()
    }
}
