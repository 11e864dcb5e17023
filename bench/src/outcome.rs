//! What a scenario came to: tables of contenders, each with the figures of every repetition.

use serde::{Deserialize, Serialize};

use crate::figure::{Figure, Figures};
use crate::scenario::Scenario;
use crate::spread::Spread;

/// One table: contenders that did the same work in turns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Of which scenario.
    pub scenario: Scenario,
    /// What was done.
    pub title: String,
    /// The contender that the others are compared with, if any.
    pub reference: Option<String>,
    /// The contenders, in the order of their turns.
    pub series: Vec<Series>,
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
    fn costs_are_compared_repetition_by_repetition() {
        let part = Part {
            scenario: Scenario::Produce,
            title: "x".to_owned(),
            reference: Some("bare".to_owned()),
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
