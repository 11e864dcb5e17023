//! What a ride costs.

use domain::Currency;
use domain::tariff::Tariff;

/// No rate is higher: a hundred thousand of the main unit, far below what would overflow a fare.
const HIGHEST_RATE_MINOR: i64 = 10_000_000;

const RATES: std::ops::RangeInclusive<i64> = 0..=HIGHEST_RATE_MINOR;

/// Options on the rates; a quote and its fare agree where they are the same.
#[derive(clap::Args, Clone, Debug)]
pub struct Rates {
    /// Charged for every ride, in minor units
    #[arg(long, env = "FARE_BASE_MINOR", default_value_t = Tariff::default().base_minor,
          value_parser = clap::value_parser!(i64).range(RATES))]
    pub base_minor: i64,
    /// For each kilometre, in minor units
    #[arg(long, env = "FARE_PER_KM_MINOR", default_value_t = Tariff::default().per_km_minor,
          value_parser = clap::value_parser!(i64).range(RATES))]
    pub per_km_minor: i64,
    /// For each minute, in minor units
    #[arg(long, env = "FARE_PER_MINUTE_MINOR", default_value_t = Tariff::default().per_minute_minor,
          value_parser = clap::value_parser!(i64).range(RATES))]
    pub per_minute_minor: i64,
    /// No ride costs less (before surge), in minor units
    #[arg(long, env = "FARE_MINIMUM_MINOR", default_value_t = Tariff::default().minimum_minor,
          value_parser = clap::value_parser!(i64).range(RATES))]
    pub minimum_minor: i64,
    /// Currency of all rates, three capital letters (ISO 4217)
    #[arg(long, env = "FARE_CURRENCY", default_value_t = Currency::USD)]
    pub currency: Currency,
}

impl Rates {
    /// The rates as the domain reckons with them.
    #[must_use]
    pub fn tariff(&self) -> Tariff {
        Tariff {
            base_minor: self.base_minor,
            per_km_minor: self.per_km_minor,
            per_minute_minor: self.per_minute_minor,
            minimum_minor: self.minimum_minor,
            currency: self.currency,
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
        rates: Rates,
    }

    fn parse(arguments: &[&str]) -> Result<Tariff, clap::Error> {
        let arguments = std::iter::once(&"fare").chain(arguments);
        Command::try_parse_from(arguments).map(|command| command.rates.tariff())
    }

    #[test]
    fn the_default_rates_are_those_of_the_domain_and_can_be_changed() {
        assert_eq!(parse(&[]).unwrap(), Tariff::default());
        let tariff = parse(&["--base-minor", "300", "--currency", "EUR"]).unwrap();
        assert_eq!((tariff.base_minor, tariff.currency.code()), (300, "EUR"));
    }

    #[test]
    fn rates_that_make_no_sense_are_refused() {
        for arguments in [["--base-minor", "-1"], ["--per-km-minor", "10000001"], ["--currency", "eur"]] {
            assert!(parse(&arguments).is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn the_highest_rates_overflow_no_fare() {
        let highest = Tariff {
            base_minor: HIGHEST_RATE_MINOR,
            per_km_minor: HIGHEST_RATE_MINOR,
            per_minute_minor: HIGHEST_RATE_MINOR,
            minimum_minor: HIGHEST_RATE_MINOR,
            currency: Currency::USD,
        };
        let fare = highest.fare(u32::MAX, u32::MAX, domain::tariff::SurgeMultiplier::MAX);
        assert!(fare.total.minor > fare.time_minor && fare.time_minor > 0);
    }
}
