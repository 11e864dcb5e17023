//! What the `trips` service can be told.

use domain::CityClock;
use domain::trip::Patience;

/// A time-out shorter than this fires before a record can be there and back; one longer than a day is a typing error.
const PLAUSIBLE_MS: std::ops::RangeInclusive<i64> = 100..=24 * 3600 * 1000;

/// Options of the `trips` service.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// How Kafka is reached.
    #[command(flatten)]
    pub kafka: kafka::Settings,
    /// The city's clock: `<real ms>,<city ms>,<speed>`
    #[arg(long, env = "HAILSTORM_CITY_CLOCK", default_value_t = CityClock::REAL)]
    pub city_clock: CityClock,
    /// Milliseconds of real time to find a driver, from the request on
    #[arg(long, env = "TRIPS_SEARCH_PATIENCE_MS", default_value_t = Patience::default().search_ms, value_parser = clap::value_parser!(i64).range(PLAUSIBLE_MS))]
    pub search_patience_ms: i64,
    /// Milliseconds of real time that an offer is good for
    #[arg(long, env = "TRIPS_OFFER_PATIENCE_MS", default_value_t = Patience::default().offer_ms, value_parser = clap::value_parser!(i64).range(PLAUSIBLE_MS))]
    pub offer_patience_ms: i64,
    /// Milliseconds of city time for the way to the pickup
    #[arg(long, env = "TRIPS_PICKUP_PATIENCE_MS", default_value_t = Patience::default().pickup_city_ms, value_parser = clap::value_parser!(i64).range(PLAUSIBLE_MS))]
    pub pickup_patience_ms: i64,
    /// Milliseconds of city time for the rider to get in
    #[arg(long, env = "TRIPS_BOARDING_PATIENCE_MS", default_value_t = Patience::default().boarding_city_ms, value_parser = clap::value_parser!(i64).range(PLAUSIBLE_MS))]
    pub boarding_patience_ms: i64,
    /// Least milliseconds of city time for the way to the drop-off; far ones get more
    #[arg(long, env = "TRIPS_RIDE_PATIENCE_MS", default_value_t = Patience::default().ride_city_ms, value_parser = clap::value_parser!(i64).range(PLAUSIBLE_MS))]
    pub ride_patience_ms: i64,
    /// Milliseconds of real time that an ended trip stays in the table
    #[arg(long, env = "TRIPS_LINGER_MS", default_value_t = Patience::default().linger_ms, value_parser = clap::value_parser!(i64).range(PLAUSIBLE_MS))]
    pub linger_ms: i64,
}

impl Config {
    /// How long each state of a trip may last.
    #[must_use]
    pub fn patience(&self) -> Patience {
        Patience {
            search_ms: self.search_patience_ms,
            offer_ms: self.offer_patience_ms,
            pickup_city_ms: self.pickup_patience_ms,
            boarding_city_ms: self.boarding_patience_ms,
            ride_city_ms: self.ride_patience_ms,
            linger_ms: self.linger_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        config: Config,
    }

    #[test]
    fn the_defaults_are_those_of_the_domain() {
        let command = Command::try_parse_from(["trips"]).unwrap();
        assert_eq!(command.config.patience(), Patience::default());
    }

    #[test]
    fn implausible_patience_is_refused() {
        for value in ["0", "-5", "99999999999", "soon"] {
            assert!(Command::try_parse_from(["trips", "--offer-patience-ms", value]).is_err(), "{value}");
        }
        let command = Command::try_parse_from(["trips", "--offer-patience-ms", "1500"]).unwrap();
        assert_eq!(command.config.patience().offer_ms, 1_500);
    }
}
