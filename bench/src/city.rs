//! The whole city under growing load, each turn a `hailstorm load` with all services: what it holds, how fast it
//! answers, and what it costs; and what bare loops in place of the services hold, both with rides and without.

mod bare;
mod search;
mod tables;
mod times;
mod turn;

use domain::CityMs;

use self::bare::Bare;
use self::search::{Closeness, Search, Tried, highest_held};
use self::turn::{Riders, Turn};
use crate::figure::{Figure, Figures};
use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::Plan;
use crate::spread::number;

/// City time at the start of each turn, for `--from` and in ms: the morning, when drivers and riders are all over the
/// city. What a search costs depends on how they stand, and that on the hour.
const MORNING: (&str, CityMs) = ("2026-06-01T08:00:00Z", CityMs(1_780_300_800_000));

/// Reports a second of the goal, a hundred thousand drivers every 5 s: measured whatever is held.
const GOAL: u32 = 20_000;

/// Shares of the highest rate held at which is measured too: with a machine half idle, and with little to spare.
const SHARES: [f64; 2] = [0.5, 0.8];

/// Who follows the city, and what its riders do meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pipeline {
    loops: Loops,
    riders: Riders,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loops {
    Ours,
    Bare,
}

impl Pipeline {
    const OURS: Self = Self { loops: Loops::Ours, riders: Riders::Busy };
    const BARE: Self = Self { loops: Loops::Bare, riders: Riders::Busy };
    const OURS_WITHOUT_RIDES: Self = Self { loops: Loops::Ours, riders: Riders::Away };
    const BARE_WITHOUT_RIDES: Self = Self { loops: Loops::Bare, riders: Riders::Away };

    /// Each of ours is followed by the bare one that has the same to do.
    const ALL: [Self; 4] = [Self::OURS, Self::BARE, Self::OURS_WITHOUT_RIDES, Self::BARE_WITHOUT_RIDES];

    fn name(self) -> &'static str {
        match (self.loops, self.riders) {
            (Loops::Ours, Riders::Busy) => crate::turns::OURS,
            (Loops::Bare, Riders::Busy) => "bare pipeline",
            (Loops::Ours, Riders::Away) => "ours while nobody asks for a ride",
            (Loops::Bare, Riders::Away) => "bare pipeline while nobody asks for a ride",
        }
    }

    /// Location reports a second that are asked for first: about what two cores hold.
    fn first(self) -> u32 {
        match (self.loops, self.riders) {
            (Loops::Ours, Riders::Busy) => 35_000,
            (Loops::Bare, Riders::Busy) => 45_000,
            (Loops::Ours, Riders::Away) => 45_000,
            (Loops::Bare, Riders::Away) => 55_000,
        }
    }

    async fn measure(self, lab: &Lab, rate: u32) -> anyhow::Result<Measured> {
        eprintln!("  city: {}, {} reports a second", self.name(), number(f64::from(rate), true));
        let (held, figures) = match self.loops {
            Loops::Ours => {
                let turn = Turn::run(lab, rate, self.riders).await?;
                (turn.is_held(rate), turn.figures())
            }
            Loops::Bare => {
                let turn = Bare::run(lab, rate, self.riders).await?;
                (turn.is_held(rate), turn.figures())
            }
        };
        let measured = Measured { rate, held, figures };
        eprintln!("    {}", measured.story());
        Ok(measured)
    }
}

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

    /// What came of it, for who watches.
    fn story(&self) -> String {
        let figure = |figure, whole| {
            self.figures.get(&figure).map_or_else(|| "unknown".to_owned(), |value| number(*value, whole))
        };
        let (cores, lag_ms) = (figure(Figure::AllCores, false), figure(Figure::LongestLagMs, true));
        let fate = if self.held { "held" } else { "not held" };
        format!("{fate}: processors in use {cores}, longest lag {lag_ms} ms")
    }

    fn tried(&self) -> Tried {
        Tried { rate: self.rate, held: self.held }
    }
}

pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let mut climbed = climb(lab.plan, async |pipeline, rate| pipeline.measure(lab, rate).await).await?;
    let held = climbed.each_ref().map(|all| highest(all));
    let [ours, ..] = &mut climbed;
    for rate in between(ours, lab.plan) {
        ours.push(Pipeline::OURS.measure(lab, rate).await?);
    }
    climbed.iter_mut().for_each(|measured| measured.sort_by_key(|measured| measured.rate));
    let [ours, others @ ..] = &climbed;
    let mut parts = tables::of_ours(ours);
    let [_, pipelines @ ..] = Pipeline::ALL;
    parts.extend(pipelines.into_iter().zip(others).map(|(pipeline, all)| tables::of_other(pipeline, all)));
    parts.push(tables::compared(held));
    Ok(parts)
}

/// Looks for the highest rate of each pipeline. They take turns: what disturbs the machine for a while disturbs all.
async fn climb(
    plan: Plan,
    mut measure: impl AsyncFnMut(Pipeline, u32) -> anyhow::Result<Measured>,
) -> anyhow::Result<[Vec<Measured>; 4]> {
    let closeness = if plan.quick { Closeness::Coarse } else { Closeness::Fine };
    let mut all = Pipeline::ALL.map(|_| Vec::new());
    let mut goes_on = true;
    while goes_on {
        goes_on = false;
        for (pipeline, measured) in Pipeline::ALL.into_iter().zip(&mut all) {
            let search = Search { from: pipeline.first(), closeness };
            if let Some(rate) = search.next(&tried(measured)) {
                measured.push(measure(pipeline, rate).await?);
                goes_on = true;
            }
        }
    }
    Ok(all)
}

fn tried(all: &[Measured]) -> Vec<Tried> {
    all.iter().map(Measured::tried).collect()
}

fn highest(all: &[Measured]) -> Option<u32> {
    highest_held(&tried(all))
}

/// Rates that were not tried and are to be shown: that of the goal, and shares of the highest; a quick run leaves them
/// out.
fn between(all: &[Measured], plan: Plan) -> Vec<u32> {
    if plan.quick {
        return Vec::new();
    }
    let shares = highest(all).map(|highest| SHARES.map(|share| thousands(f64::from(highest) * share)));
    let mut rates: Vec<u32> = std::iter::once(GOAL).chain(shares.into_iter().flatten()).collect();
    rates.sort_unstable();
    rates.dedup();
    rates.retain(|rate| all.iter().all(|measured| measured.rate != *rate));
    rates
}

/// The nearest whole number of thousands, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are small and positive")]
fn thousands(rate: f64) -> u32 {
    ((rate / 1_000.0).round() as u32).max(1) * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(rate: u32, held: bool) -> Measured {
        Measured { rate, held, figures: Figures::from([(Figure::AllCores, 1.5), (Figure::AllMib, 900.0)]) }
    }

    #[test]
    fn the_goal_and_half_and_most_of_what_is_held_are_measured_too() {
        let full = Plan::new(false, None);
        let high = [measured(30_000, true), measured(40_000, false), measured(35_000, true)];
        assert_eq!(between(&high, full), [18_000, 20_000, 28_000], "30,000 is near 28,000, but not that");
        let low = [measured(30_000, false), measured(20_000, true), measured(25_000, false)];
        assert_eq!(between(&low, full), [10_000, 16_000], "20,000 was measured");
        assert_eq!(between(&[measured(40_000, true), measured(50_000, false)], full), [20_000, 32_000]);
        assert_eq!(between(&[measured(10_000, false)], full), [20_000]);
        assert!(between(&high, Plan::new(true, None)).is_empty());
    }

    #[test]
    fn what_came_of_a_turn_is_told_at_once() {
        assert_eq!(
            measured(30_000, true).story(),
            "held: processors in use 1.50, longest lag unknown ms",
            "a city that closed early has no lag that counts"
        );
    }

    #[tokio::test]
    async fn pipelines_take_turns_until_each_search_is_over() {
        let mut turns = Vec::new();
        let climbed = climb(Plan::new(true, None), async |pipeline, rate| {
            turns.push((pipeline, rate));
            Ok(measured(rate, rate < 80_000))
        });
        let climbed = climbed.await.unwrap();
        let (first, second) = (Pipeline::ALL.map(|one| (one, one.first())), [45_000, 55_000, 55_000, 65_000]);
        assert_eq!(turns[..4], first);
        assert_eq!(turns[4..8].iter().map(|turn| turn.1).collect::<Vec<_>>(), second);
        let held = climbed.each_ref().map(|all| highest(all));
        assert_eq!(held, [Some(75_000), Some(75_000), Some(75_000), Some(75_000)]);
        assert_eq!(climbed.iter().map(Vec::len).sum::<usize>(), turns.len());
    }
}
