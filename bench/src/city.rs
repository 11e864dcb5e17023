//! The whole city under growing load, each turn a `hailstorm load` with all services: what it holds, how fast it
//! answers, and what it costs.

mod turn;

use self::turn::Turn;
use crate::figure::{Figure, Figures};
use crate::lab::Lab;
use crate::outcome::{Part, Series};
use crate::scenario::{Plan, Scenario};
use crate::spread::number;

/// Location reports a second that are asked for, one rate after the other until one is not held.
const RATES: [u32; 8] = [10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 80_000, 100_000];

/// Shares of the highest rate held at which is measured too: with a machine half idle, and with little to spare.
const SHARES: [f64; 2] = [0.5, 0.8];

/// Its tables: each shows some of what a turn tells.
const TABLES: [(&str, &[Figure]); 3] = [
    (
        "rates, and how long after",
        &[
            Figure::RecordsPerS,
            Figure::LateP99Ms,
            Figure::RedisP50Ms,
            Figure::RedisP99Ms,
            Figure::RedisP999Ms,
            Figure::OfferP50Ms,
            Figure::OfferP99Ms,
            Figure::OfferP999Ms,
            Figure::LongestLagMs,
        ],
    ),
    (
        "processors in use, 1 is one core",
        &[
            Figure::AllCores,
            Figure::KafkaCores,
            Figure::RedisCores,
            Figure::MongodbCores,
            Figure::ServiceCores,
            Figure::LoadgenCores,
            Figure::AllUs,
        ],
    ),
    (
        "memory at the end, MiB",
        &[
            Figure::AllMib,
            Figure::KafkaMib,
            Figure::RedisMib,
            Figure::MongodbMib,
            Figure::ServiceMib,
            Figure::LoadgenMib,
        ],
    ),
];

/// A rate, and what came of it.
struct Measured {
    rate: u32,
    held: bool,
    figures: Figures,
}

impl Measured {
    fn name(&self) -> String {
        let fate = if self.held { "" } else { ", not held" };
        format!("{} reports/s{fate}", number(f64::from(self.rate), true))
    }
}

pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let mut all: Vec<Measured> = Vec::new();
    for rate in RATES {
        all.push(measure(lab, rate).await?);
        if all.last().is_some_and(|last| !last.held) {
            break;
        }
    }
    for rate in between(&all, lab.plan) {
        all.push(measure(lab, rate).await?);
    }
    all.sort_by_key(|measured| measured.rate);
    Ok(TABLES.iter().map(|(title, figures)| part(title, figures, &all)).collect())
}

async fn measure(lab: &Lab, rate: u32) -> anyhow::Result<Measured> {
    eprintln!("  city: {} reports a second", number(f64::from(rate), true));
    let turn = Turn::run(lab, rate).await?;
    Ok(Measured { rate, held: turn.is_held(rate), figures: turn.figures() })
}

/// Rates between those that were tried; a quick run leaves them out.
fn between(all: &[Measured], plan: Plan) -> Vec<u32> {
    let highest = all.iter().filter(|measured| measured.held).map(|measured| measured.rate).max();
    let Some(highest) = highest.filter(|_| !plan.quick) else { return Vec::new() };
    let shares = SHARES.map(|share| thousands(f64::from(highest) * share));
    shares.into_iter().filter(|rate| all.iter().all(|measured| measured.rate != *rate)).collect()
}

/// The nearest whole number of thousands, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are small and positive")]
fn thousands(rate: f64) -> u32 {
    ((rate / 1_000.0).round() as u32).max(1) * 1_000
}

fn part(title: &str, figures: &[Figure], all: &[Measured]) -> Part {
    let series = |measured: &Measured| {
        let shown = figures.iter().filter_map(|figure| Some((*figure, *measured.figures.get(figure)?)));
        Series { name: measured.name(), repetitions: vec![shown.collect()] }
    };
    let series = all.iter().map(series).collect();
    Part { scenario: Scenario::City, title: title.to_owned(), reference: None, series }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(rate: u32, held: bool) -> Measured {
        Measured { rate, held, figures: Figures::from([(Figure::AllCores, 1.5), (Figure::AllMib, 900.0)]) }
    }

    #[test]
    fn half_and_most_of_what_is_held_are_measured_too() {
        let all = [measured(10_000, true), measured(20_000, true), measured(30_000, false)];
        assert_eq!(between(&all, Plan::new(false, None)), [16_000]);
        assert!(between(&all, Plan::new(true, None)).is_empty());
        assert!(between(&[measured(10_000, false)], Plan::new(false, None)).is_empty());
    }

    #[test]
    fn each_table_shows_its_own_figures() {
        let part = part("processors", &[Figure::AllCores], &[measured(30_000, false)]);
        assert_eq!(part.series[0].name, "30,000 reports/s, not held");
        assert_eq!(part.series[0].repetitions, [Figures::from([(Figure::AllCores, 1.5)])]);
    }
}
