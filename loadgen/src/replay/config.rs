//! What the replay can be told.

use std::path::PathBuf;
use std::time::Duration;

use domain::{CityClock, CityMs};

use super::columns::Mapping;

/// Options of the replay.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// Where Kafka is
    #[command(flatten)]
    pub kafka: kafka::Settings,
    /// The clock of the city: `<real ms>,<city ms>,<speed>`
    #[arg(long, env = "HAILSTORM_CITY_CLOCK", default_value_t = CityClock::REAL)]
    pub city_clock: CityClock,
    /// What is replayed.
    #[command(flatten)]
    pub recording: RecordingOptions,
    /// How many times as fast as recorded, from 1 to 1000 [default: the speed of the city clock]
    #[arg(long, value_parser = parse_speed)]
    pub speed: Option<f64>,
    /// Recorded time (ms since 1970) that is replayed first [default: the first position]
    #[arg(long, value_name = "MS")]
    pub from_ms: Option<i64>,
    /// Leave the recorded times as they are: the city clock shows them, and the replay begins where it stands
    /// [default: the replay begins now, whatever the city clock shows]
    #[arg(long, conflicts_with_all = ["speed", "from_ms"])]
    pub keep_times: bool,
    /// How the recording is multiplied.
    #[command(flatten)]
    pub copies: CopyOptions,
    /// Folder with nodes.csv[.gz] and edges.csv[.gz]: copies are moved along these roads [default: as the crow flies]
    #[arg(long, env = "HAILSTORM_CITY", value_name = "DIR")]
    pub city: Option<PathBuf>,
    /// Real time after which no more reports are sent [default: to the end of the recording]
    #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub run_for: Option<Duration>,
}

/// What is replayed.
#[derive(clap::Args, Clone, Debug)]
pub struct RecordingOptions {
    /// Recorded positions, sorted by time (CSV, may be gzipped)
    #[arg(value_name = "FILE")]
    pub pings: PathBuf,
    /// Columns of a file with other names, such as time=ts,driver=vehicle,lat=y,lon=x,occupied=hired
    #[arg(long, default_value = "", value_name = "LIST")]
    pub columns: Mapping,
    /// Hours from UTC to the local times of the recording
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true, value_parser = parse_offset)]
    pub utc_offset_h: f64,
}

/// How a recording is multiplied.
#[derive(clap::Args, Clone, Debug)]
pub struct CopyOptions {
    /// How many times the recording is sent; beyond the first, each driver is moved in time, and by 20 to 300 m along
    /// the road or, where no roads are known, by up to 500 m
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub copies: u32,
    /// Recorded time by which copies may be earlier or later than the first
    #[arg(long, default_value = "10m", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub spread: Duration,
    /// Seed of the copies: equal seeds move them equally
    #[arg(long, env = "HAILSTORM_SEED", default_value_t = 1)]
    pub seed: u64,
    /// Driver id of car 0 of the first copy; beyond all ids of simulated drivers, so that both can be in one city
    #[arg(long, default_value_t = 10_000_000, value_name = "ID")]
    pub first_driver: u64,
}

/// How a file of recorded trips is understood.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct TripsOptions {
    /// Columns of recorded positions with other names, from whose occupied flag trips are taken: as --columns of a
    /// replay
    #[arg(long, default_value = "", value_name = "LIST")]
    pub trips_columns: Mapping,
    /// Hours from UTC to the local times of recorded positions
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true, value_parser = parse_offset)]
    pub trips_utc_offset_h: f64,
    /// Recorded trips begin now with --trips-from-ms, whatever the city clock shows [default: each when the city clock
    /// shows its time]
    #[arg(long, requires = "trips_from_ms")]
    pub trips_begin_now: bool,
}

impl Config {
    /// The recorded time that is replayed first, if it was said.
    pub(super) fn from(&self) -> Option<CityMs> {
        self.from_ms.map(CityMs)
    }

    /// Recorded milliseconds per real millisecond.
    pub(super) fn speed(&self) -> f64 {
        self.speed.unwrap_or(self.city_clock.speed())
    }
}

fn parse_speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| (1.0..=1000.0).contains(speed));
    speed.ok_or_else(|| "expected a factor from 1 to 1000".to_owned())
}

/// No place on Earth is further from UTC.
fn parse_offset(text: &str) -> Result<f64, String> {
    let hours = text.parse().ok().filter(|hours| (-12.0..=14.0).contains(hours));
    hours.ok_or_else(|| "expected hours from -12 to 14".to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        config: Config,
    }

    /// Options as written on a command line.
    pub(crate) fn parse(arguments: &str) -> Result<Config, String> {
        let arguments = arguments.split_whitespace();
        let command = Command::try_parse_from(std::iter::once("replay").chain(arguments));
        command.map(|command| command.config).map_err(|error| error.to_string())
    }

    #[test]
    fn the_speed_is_that_of_the_city_clock_unless_said() {
        assert_eq!(parse("p.csv").unwrap().speed(), 1.0);
        assert_eq!(parse("p.csv --city-clock 1,2,20").unwrap().speed(), 20.0);
        assert_eq!(parse("p.csv --city-clock 1,2,20 --speed 5").unwrap().speed(), 5.0);
    }

    #[test]
    fn options_that_make_no_sense_are_refused_with_a_reason() {
        for (arguments, reason) in [
            ("", "<FILE>"),
            ("p.csv --speed 0.5", "from 1 to 1000"),
            ("p.csv --speed 5 --keep-times", "--keep-times"),
            ("p.csv --copies 0", "--copies"),
            ("p.csv --utc-offset-h 15", "from -12 to 14"),
            ("p.csv --columns speed=v", "there is no \"speed\""),
        ] {
            let error = parse(arguments).unwrap_err();
            assert!(error.contains(reason), "{arguments}: {error}");
        }
        assert_eq!(parse("p.csv --utc-offset-h -7").unwrap().recording.utc_offset_h, -7.0);
    }
}
