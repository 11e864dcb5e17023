//! `hailstorm replay`: recorded positions of real cars instead of a simulated city, with servers and services around.
//! Recorded drivers go where they went; rides that were recorded are asked for and driven by simulated ones beside them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::ensure;
use loadgen::replay::{Contents, CopyOptions, RecordingOptions, Rides, TripsOptions, contents, rides};

use crate::demo::{self, StartTime};
use crate::log_sender::LOG_TO_KAFKA;

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
    /// Folder with nodes.csv[.gz] and edges.csv[.gz], for the map, for rides, and to move copies along
    /// [default: a generated city, and copies are moved as the crow flies]
    #[arg(long, value_name = "DIR")]
    city: Option<PathBuf>,
    /// Asks for the rides that the recording's occupied flag tells, for simulated drivers to drive
    #[arg(long)]
    rides: bool,
    /// Recorded trips (CSV, may be gzipped) to ask for instead, from the same time on
    #[arg(long, value_name = "FILE", conflicts_with = "rides")]
    trips: Option<PathBuf>,
    /// Simulated drivers who drive the rides [default: as many as the recording has cars]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    ride_drivers: Option<u32>,
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

/// What was found out before anything is started.
struct Plan {
    found: Contents,
    from: StartTime,
    /// The rides to ask for, and how many drive them.
    rides: Option<(Rides, u32)>,
}

/// Replays to the end, or until told to stop.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let plan = match plan(&options) {
        Ok(plan) => plan,
        Err(error) => {
            eprintln!("hailstorm: {error:#}");
            return Ok(ExitCode::from(2));
        }
    };
    announcement(&plan, &options.copies).iter().for_each(|line| println!("{line}"));
    demo::run(city(options, &plan)).await
}

/// Reads all files, so that what is wrong with them is said at once.
fn plan(options: &Options) -> anyhow::Result<Plan> {
    ensure!(
        options.ride_drivers.is_none() || options.rides_file().is_some(),
        "--ride-drivers drive what --rides or --trips FILE ask for: one of them is missing"
    );
    let found = contents(&options.recording, options.city.as_deref())?;
    let start = StartTime { at: found.first_at, utc_offset_h: options.recording.utc_offset_h };
    let from = options.from.unwrap_or(start);
    let rides = match options.rides_file() {
        Some(file) => {
            let (span, seed) = (from.at..=found.last_at, options.copies.seed);
            let rides = rides(file, &options.trips_are(), &span, options.city.as_deref(), seed)?;
            let cars = u32::try_from(found.cabs).unwrap_or(u32::MAX);
            Some((rides, options.ride_drivers.unwrap_or(cars)))
        }
        None => None,
    };
    Ok(Plan { found, from, rides })
}

/// What people are told first: what is recorded, and what is made of it.
fn announcement(plan: &Plan, options: &CopyOptions) -> Vec<String> {
    let Plan { found, rides, .. } = plan;
    let mut lines: Vec<String> = found.remarks.iter().map(|remark| format!("  {remark}")).collect();
    let copies = options.copies;
    lines.push(format!(
        "replay: {} positions of {} cars, {copies} times: up to {} drivers, who are seen and not matched",
        found.pings,
        found.cabs,
        found.cabs.saturating_mul(copies as usize)
    ));
    if copies > 1 {
        let spread = humantime::format_duration(options.spread);
        let moved = match found.beside_road {
            Some(beside) => format!(
                "20 to 300 m ahead on the road; {beside} positions lie over 50 m from every road, there by up to \
                 500 m as the crow flies"
            ),
            None => "up to 500 m as the crow flies, since no roads are given (--city DIR)".to_owned(),
        };
        lines.push(format!(
            "  copies are moved in time by up to {spread}, and each of their drivers by {moved}"
        ));
    }
    if let Some((rides, drivers)) = rides {
        lines.extend(rides.remarks.iter().map(|remark| format!("  {remark}")));
        lines.push(format!(
            "  rides: {} as recorded (not of the copies), and {} off the roads that are not asked for; simulated \
             riders ask at the recorded pickup times, and {drivers} simulated drivers drive them on their own ways",
            rides.drivable, rides.off_road
        ));
    }
    lines
}

impl Options {
    /// The file whose rides are asked for, if any are.
    fn rides_file(&self) -> Option<&Path> {
        let recording = self.rides.then_some(&self.recording.pings);
        self.trips.as_ref().or(recording).map(PathBuf::as_path)
    }

    /// How that file is understood: a file of trips has columns of its own.
    fn trips_are(&self) -> TripsOptions {
        let RecordingOptions { columns, utc_offset_h, .. } = &self.recording;
        let as_recorded = TripsOptions {
            trips_columns: columns.clone(),
            trips_utc_offset_h: *utc_offset_h,
            trips_begin_now: true,
        };
        let as_trips = TripsOptions { trips_begin_now: true, ..TripsOptions::default() };
        if self.rides { as_recorded } else { as_trips }
    }

    /// What the replay itself is told.
    fn replay_arguments(&self, from: StartTime) -> Vec<String> {
        let RecordingOptions { pings, columns, utc_offset_h } = &self.recording;
        let CopyOptions { copies, spread, seed, first_driver } = self.copies;
        vec![
            pings.display().to_string(),
            format!("--columns={columns}"),
            format!("--utc-offset-h={utc_offset_h}"),
            format!("--from-ms={}", from.at.0),
            format!("--copies={copies}"),
            format!("--spread={}", humantime::format_duration(spread)),
            format!("--seed={seed}"),
            format!("--first-driver={first_driver}"),
        ]
    }

    /// What the simulated city beside it is told, if rides are asked for.
    fn ride_arguments(&self) -> Option<Vec<String>> {
        let file = self.rides_file()?;
        let TripsOptions { trips_columns, trips_utc_offset_h, .. } = self.trips_are();
        Some(vec![
            format!("--trips={}", file.display()),
            format!("--trips-columns={trips_columns}"),
            format!("--trips-utc-offset-h={trips_utc_offset_h}"),
            "--trips-begin-now".to_owned(),
        ])
    }
}

/// The city around the replay: its clock shows recorded time.
fn city(options: Options, plan: &Plan) -> demo::Options {
    let replay = demo::Replay {
        arguments: options.replay_arguments(plan.from),
        ride_arguments: options.ride_arguments(),
    };
    let usual = demo::Options::default();
    demo::Options {
        replay: Some(replay),
        drivers: plan.rides.as_ref().map_or(usual.drivers, |(_, drivers)| *drivers),
        run_for: options.run_for,
        requests_per_minute: 0.0,
        speed: options.speed,
        from: Some(plan.from),
        city: options.city,
        seed: options.copies.seed,
        members: options.members,
        partitions: options.partitions,
        report: options.report,
        otlp_endpoint: options.otlp_endpoint,
        log_to_kafka: options.log_to_kafka,
        namespace: options.namespace,
        gateways: demo::Gateways::at(options.port),
        backends: options.backends,
        ..usual
    }
}
