//! The command line of `hailstorm audit`.

use std::path::PathBuf;
use std::process::ExitCode;

use domain::CityClock;

use super::servers;

/// Options of the audit.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// How Kafka is reached.
    #[command(flatten)]
    pub kafka: kafka::Settings,
    /// How Redis is reached.
    #[command(flatten)]
    pub live: live::Settings,
    /// How MongoDB is reached.
    #[command(flatten)]
    pub archive: archive::Settings,
    /// The city's clock: `<real ms>,<city ms>,<speed>`
    #[arg(long, env = "HAILSTORM_CITY_CLOCK", default_value_t = CityClock::REAL)]
    pub city_clock: CityClock,
    /// The city is closed: every trip has ended, every service has caught up; judge everything
    #[arg(long)]
    pub closed: bool,
    /// What producers were told is safe: the folder of `load --ledger`, with every report, or a JSON file of sums:
    /// `{"<topic>": {"<partition>": {"records": 5, "checksum": 9}}}`
    #[arg(long, value_name = "PATH")]
    pub ledger: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// Runs the audit and prints its report; exit code 1 if anything was found.
///
/// # Errors
/// If a server is away, a topic is missing, or the ledger can't be read.
pub async fn command(options: Options) -> anyhow::Result<ExitCode> {
    let report = servers::run(&options).await?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{report}");
    }
    Ok(if report.clean { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
