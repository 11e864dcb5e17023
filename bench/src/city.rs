//! The whole city under growing load, each turn a `hailstorm load` with all services: what it holds, how fast it
//! answers, and what it costs; and what bare loops in place of the services hold.

mod bare;
mod search;
mod turn;

use domain::CityMs;

use self::bare::Bare;
use self::search::{Closeness, STEP, Search, Tried, highest_held};
use self::turn::{Riders, Turn};
use crate::figure::{Figure, Figures};
use crate::lab::Lab;
use crate::outcome::{Part, Series};
use crate::scenario::{Plan, Scenario};
use crate::spread::number;
use crate::turns::OURS;

/// Location reports a second that are asked for first: about what two cores hold.
const FIRST: u32 = 40_000;

/// The bare pipeline is asked for so many times what ours holds first.
const BARE_FIRST: f64 = 1.5;

/// City time at the start of each turn, for `--from` and in ms: the morning, when drivers and riders are all over the
/// city. What a search costs depends on how they stand, and that on the hour.
const MORNING: (&str, CityMs) = ("2026-06-01T08:00:00Z", CityMs(1_780_300_800_000));

/// Shares of the highest rate held at which is measured too: with a machine half idle, and with little to spare.
const SHARES: [f64; 2] = [0.5, 0.8];

/// A share is as good as measured if a rate was tried that is no further away than this share of it.
const NEAR: f64 = 0.12;

/// Ours with nothing to do but what the bare pipeline does.
const OURS_WITHOUT_RIDES: &str = "ours while nobody asks for a ride";

/// What ours is compared with.
const BARE_PIPELINE: &str = "bare pipeline";

/// Processors in use, and a report's share of them.
const CORES: [Figure; 7] = [
    Figure::AllCores,
    Figure::KafkaCores,
    Figure::RedisCores,
    Figure::MongodbCores,
    Figure::ServiceCores,
    Figure::LoadgenCores,
    Figure::AllUs,
];

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
    ("processors in use, 1 is one core", &CORES),
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

/// What is told of a turn without rides, beside its processors.
const WITHOUT_RIDES: [Figure; 2] = [Figure::RecordsPerS, Figure::LongestLagMs];

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

    fn tried(&self) -> Tried {
        Tried { rate: self.rate, held: self.held }
    }
}

pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let mut ours = climb(search(lab.plan), async |rate| measure(lab, rate, Riders::Busy).await).await?;
    let held = highest(&ours);
    for rate in between(&ours, lab.plan) {
        ours.push(measure(lab, rate, Riders::Busy).await?);
    }
    ours.sort_by_key(|measured| measured.rate);
    let mut parts: Vec<Part> = TABLES.iter().map(|(title, figures)| part(title, figures, &ours)).collect();
    let more = Search { from: held.map_or(FIRST, |held| held + STEP), ..search(lab.plan) };
    let mut quiet = climb(more, async |rate| measure(lab, rate, Riders::Away).await).await?;
    let beside = Search { from: held.map_or(FIRST, bare_first), ..search(lab.plan) };
    let mut bare = climb(beside, async |rate| measure_bare(lab, rate).await).await?;
    let told = [&WITHOUT_RIDES[..], &CORES].concat();
    for (name, measured) in [(OURS_WITHOUT_RIDES, &mut quiet), (BARE_PIPELINE, &mut bare)] {
        measured.sort_by_key(|measured| measured.rate);
        parts.push(part(&format!("{name}: rates, and processors in use"), &told, measured));
    }
    parts.push(compared(held, highest(&quiet), highest(&bare)));
    Ok(parts)
}

/// How closely is looked for the highest rate.
fn search(plan: Plan) -> Search {
    Search { from: FIRST, closeness: if plan.quick { Closeness::Coarse } else { Closeness::Fine } }
}

/// Where the search for the bare pipeline begins, if ours holds this: at a whole number of ten thousands.
fn bare_first(held: u32) -> u32 {
    thousands(f64::from(held) * BARE_FIRST / 10.0) * 10
}

/// Tries one rate after the other.
async fn climb(
    search: Search,
    mut measure: impl AsyncFnMut(u32) -> anyhow::Result<Measured>,
) -> anyhow::Result<Vec<Measured>> {
    let mut all: Vec<Measured> = Vec::new();
    while let Some(rate) = search.next(&tried(&all)) {
        all.push(measure(rate).await?);
    }
    Ok(all)
}

fn tried(all: &[Measured]) -> Vec<Tried> {
    all.iter().map(Measured::tried).collect()
}

fn highest(all: &[Measured]) -> Option<u32> {
    highest_held(&tried(all))
}

async fn measure(lab: &Lab, rate: u32, riders: Riders) -> anyhow::Result<Measured> {
    let rides = if riders == Riders::Busy { "" } else { ", no rides" };
    eprintln!("  city: {} reports a second{rides}", number(f64::from(rate), true));
    let turn = Turn::run(lab, rate, riders).await?;
    Ok(Measured { rate, held: turn.is_held(rate), figures: turn.figures() })
}

async fn measure_bare(lab: &Lab, rate: u32) -> anyhow::Result<Measured> {
    eprintln!("  city: bare pipeline, {} reports a second", number(f64::from(rate), true));
    let turn = Bare::run(lab, rate).await?;
    Ok(Measured { rate, held: turn.is_held(rate), figures: turn.figures() })
}

/// The highest rates held, side by side.
fn compared(ours: Option<u32>, quiet: Option<u32>, bare: Option<u32>) -> Part {
    let row = |name: &str, rate: Option<u32>| {
        let mut figures = Figures::from([(Figure::HeldPerS, f64::from(rate.unwrap_or(0)))]);
        if let (Some(rate), Some(bare)) = (rate.filter(|_| name != BARE_PIPELINE), bare) {
            figures.insert(Figure::HeldAgainstBare, f64::from(rate) / f64::from(bare));
        }
        Series { name: name.to_owned(), repetitions: vec![figures] }
    };
    let series = vec![row(OURS, ours), row(OURS_WITHOUT_RIDES, quiet), row(BARE_PIPELINE, bare)];
    let title = "highest rate held, ours and the bare pipeline; the goal is at least 0.75".to_owned();
    Part { scenario: Scenario::City, title, reference: None, rounds: None, series }
}

/// Rates below the highest that were not tried; a quick run leaves them out.
fn between(all: &[Measured], plan: Plan) -> Vec<u32> {
    let Some(highest) = highest(all).filter(|_| !plan.quick) else { return Vec::new() };
    let is_near = |rate: u32| {
        all.iter().any(|measured| {
            measured.rate != highest && f64::from(measured.rate.abs_diff(rate)) <= NEAR * f64::from(rate)
        })
    };
    let shares = SHARES.map(|share| thousands(f64::from(highest) * share));
    shares.into_iter().filter(|rate| !is_near(*rate)).collect()
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
    Part { scenario: Scenario::City, title: title.to_owned(), reference: None, rounds: None, series }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(rate: u32, held: bool) -> Measured {
        Measured { rate, held, figures: Figures::from([(Figure::AllCores, 1.5), (Figure::AllMib, 900.0)]) }
    }

    #[test]
    fn half_and_most_of_what_is_held_are_measured_too_unless_something_near_was() {
        let full = Plan::new(false, None);
        let low = [measured(30_000, false), measured(20_000, true), measured(25_000, false)];
        assert_eq!(between(&low, full), [10_000, 16_000]);
        let high = [measured(30_000, true), measured(40_000, false), measured(35_000, true)];
        assert_eq!(between(&high, full), [18_000], "28,000 is near 30,000");
        assert!(between(&high, Plan::new(true, None)).is_empty());
        assert!(between(&[measured(10_000, false)], full).is_empty());
    }

    #[test]
    fn ours_is_compared_with_the_bare_pipeline_by_what_each_holds() {
        let part = super::compared(Some(30_000), Some(35_000), Some(40_000));
        let against = |row: usize| part.series[row].repetitions[0][&Figure::HeldAgainstBare];
        assert_eq!((against(0), against(1)), (0.75, 0.875));
        assert_eq!(part.series[2].repetitions[0], Figures::from([(Figure::HeldPerS, 40_000.0)]));
        let part = super::compared(None, Some(30_000), Some(40_000));
        assert_eq!(part.series[0].repetitions[0], Figures::from([(Figure::HeldPerS, 0.0)]));
    }

    #[tokio::test]
    async fn rates_are_tried_until_the_search_is_over() {
        let climbed = climb(search(Plan::new(true, None)), async |rate| Ok(measured(rate, rate < 40_000)));
        let climbed = climbed.await.unwrap();
        assert_eq!(climbed.iter().map(|measured| measured.rate).collect::<Vec<_>>(), [40_000, 30_000]);
        assert_eq!(highest(&climbed), Some(30_000));
        assert_eq!((bare_first(30_000), bare_first(45_000), bare_first(5_000)), (50_000, 70_000, 10_000));
    }

    #[test]
    fn each_table_shows_its_own_figures() {
        let part = part("processors", &[Figure::AllCores], &[measured(30_000, false)]);
        assert_eq!(part.series[0].name, "30,000 reports/s, not held");
        assert_eq!(part.series[0].repetitions, [Figures::from([(Figure::AllCores, 1.5)])]);
    }
}
