//! What a scenario came to: tables of contenders, each with the figures of every repetition.

use serde::{Deserialize, Serialize};

use crate::figure::{Figure, Figures};
use crate::scenario::Scenario;
use crate::spread::{Spread, rounded};

/// One table: contenders that did the same work in turns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Of which scenario.
    pub scenario: Scenario,
    /// What was done.
    pub title: String,
    /// The contender that the others are compared with, if any.
    pub reference: Option<String>,
    /// How often each contender had a turn; none in files of before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<Rounds>,
    /// The contenders, in the order of their turns.
    pub series: Vec<Series>,
}

/// How often each contender of a part has a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounds {
    /// Before those that count.
    pub warm_up: u32,
    /// Repetitions that count.
    pub counted: u32,
}

impl Rounds {
    /// One turn, and none to warm up.
    pub(crate) const ONE: Self = Self { warm_up: 0, counted: 1 };
}

/// One contender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Who.
    pub name: String,
    /// The figures of each repetition, in order.
    pub repetitions: Vec<Figures>,
}

impl Series {
    /// A contender that has not had a turn.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), repetitions: Vec::new() }
    }

    /// Median and spread of a figure; `None` if it was not measured.
    #[must_use]
    pub fn spread(&self, figure: Figure) -> Option<Spread> {
        Spread::of(self.repetitions.iter().filter_map(|figures| figures.get(&figure).copied()))
    }
}

impl Part {
    /// The same, every figure as it is read back when it was written as JSON: what is shown is what is saved.
    #[must_use]
    pub(crate) fn rounded(mut self) -> Self {
        let figures = self.series.iter_mut().flat_map(|series| &mut series.repetitions);
        figures.flat_map(Figures::values_mut).for_each(|value| *value = rounded(*value));
        self
    }

    /// Repetitions that counted; some rows, as checks, may have fewer.
    #[must_use]
    pub(crate) fn repetitions(&self) -> usize {
        self.series.iter().map(|series| series.repetitions.len()).max().unwrap_or(0)
    }

    /// A contender by name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Series> {
        self.series.iter().find(|series| series.name == name)
    }

    /// Processor time a record of one contender against the reference, repetition by repetition: what disturbs the
    /// machine for a while disturbs both. `None` if there is no reference, or if it is the reference.
    #[must_use]
    pub fn cost_against_reference(&self, series: &Series, costs: &[Figure]) -> Option<Spread> {
        let reference = self.find(self.reference.as_deref()?).filter(|found| found.name != series.name)?;
        let pairs = series.repetitions.iter().zip(&reference.repetitions);
        Spread::of(pairs.filter_map(|(own, other)| Some(cost(own, costs)? / cost(other, costs)?)))
    }
}

/// The sum of those costs that were measured; `None` if none was, or if it is too little to divide by.
fn cost(figures: &Figures, costs: &[Figure]) -> Option<f64> {
    let sum: f64 = costs.iter().filter_map(|cost| figures.get(cost)).sum();
    (sum > 0.0).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, client: [f64; 2]) -> Series {
        let figures = |us| Figures::from([(Figure::ClientUs, us), (Figure::KafkaUs, 1.0)]);
        Series { name: name.to_owned(), repetitions: client.map(figures).into() }
    }

    #[test]
    fn a_rounded_part_is_read_back_as_it_was_written() {
        let series = series("ours", [104.500_000_000_000_01, 0.1 + 0.2]);
        let title = "x".to_owned();
        let part =
            Part { scenario: Scenario::City, title, reference: None, rounds: None, series: vec![series] };
        let part = part.rounded();
        let again: Part = serde_json::from_str(&serde_json::to_string(&part).unwrap()).unwrap();
        assert_eq!(again, part);
        assert_eq!((part.repetitions(), part.series[0].repetitions[0][&Figure::ClientUs]), (2, 104.5));
    }

    #[test]
    fn costs_are_compared_repetition_by_repetition() {
        let part = Part {
            scenario: Scenario::Produce,
            title: "x".to_owned(),
            reference: Some("bare".to_owned()),
            rounds: None,
            series: vec![series("ours", [2.0, 3.0]), series("bare", [1.0, 3.0])],
        };
        let client = part.cost_against_reference(&part.series[0], &[Figure::ClientUs]).unwrap();
        assert_eq!((client.median, client.min, client.max), (1.5, 1.0, 2.0));
        let all = part.cost_against_reference(&part.series[0], &Figure::PROCESSOR).unwrap();
        assert_eq!((all.min, all.max), (1.0, 1.5));
        assert_eq!(part.cost_against_reference(&part.series[1], &[Figure::ClientUs]), None);
        assert_eq!(part.cost_against_reference(&part.series[0], &[Figure::RedisUs]), None);
    }
}
