//! What the `archiver` service can be told.

use std::time::Duration;

use domain::CityClock;

/// Most records of one batch unless an option says otherwise: two operations, which two threads of MongoDB work on.
pub const BATCH: u32 = 10_000;

/// How long a batch is collected unless an option says otherwise: documents are for reading later.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// Options of the `archiver` service.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// How Kafka is reached.
    #[command(flatten)]
    pub kafka: kafka::Settings,
    /// How MongoDB is reached.
    #[command(flatten)]
    pub archive: archive::Settings,
    /// The city's clock: `<real ms>,<city ms>,<speed>`
    #[arg(long, env = "HAILSTORM_CITY_CLOCK", default_value_t = CityClock::REAL)]
    pub city_clock: CityClock,
    /// Most records of one batch
    #[arg(long, env = "ARCHIVER_BATCH", default_value_t = BATCH,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub batch: u32,
    /// Longest wait for a full batch, up to 30s
    #[arg(long, env = "ARCHIVER_INTERVAL", default_value = "1s", value_parser = parse_interval)]
    pub interval: Duration,
}

/// Whoever waits longer sees documents too late to be of use, and repeats too many after a crash.
const LONGEST_INTERVAL: Duration = Duration::from_secs(30);

fn parse_interval(text: &str) -> Result<Duration, String> {
    let interval = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if (Duration::from_millis(10)..=LONGEST_INTERVAL).contains(&interval) {
        Ok(interval)
    } else {
        Err("an interval is 10ms to 30s".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        config: Config,
    }

    #[test]
    fn the_defaults_are_those_that_others_see() {
        let command = <Command as clap::Parser>::try_parse_from(["archiver"]).unwrap();
        assert_eq!((command.config.batch, command.config.interval), (BATCH, INTERVAL));
    }

    #[test]
    fn intervals_have_bounds() {
        for (text, interval) in
            [("1s", Some(1000)), ("30s", Some(30_000)), ("31s", None), ("0s", None), ("5", None)]
        {
            assert_eq!(parse_interval(text).ok(), interval.map(Duration::from_millis), "{text}");
        }
    }
}
