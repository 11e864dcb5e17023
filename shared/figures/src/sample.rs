//! A number of a metric at one moment.

use crate::Metric;

/// One member of a metric's family: the metric and the values of its labels, none if it has no labels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Series {
    pub(crate) metric: &'static Metric,
    pub(crate) labels: Vec<String>,
}

/// A number that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub(crate) series: Series,
    pub(crate) value: i64,
}

impl Series {
    pub(crate) fn new(metric: &'static Metric, labels: &[&str]) -> Self {
        debug_assert_eq!(metric.labels.len(), labels.len(), "{metric:?}");
        Self { metric, labels: labels.iter().map(|label| (*label).to_owned()).collect() }
    }

    /// Its name in the JSON lines, if it is there.
    pub(crate) fn line_name(&self) -> Option<String> {
        let mut name = self.metric.line?.to_owned();
        for label in &self.labels {
            name.push('.');
            name.push_str(label);
        }
        Some(name)
    }
}

impl Metric {
    /// What this metric is now, counted as it was declared (ms, if it is in ms).
    #[must_use]
    pub fn sample(&'static self, value: i64) -> Sample {
        self.sample_of(&[], value)
    }

    /// What this metric is now for these values of its labels.
    #[must_use]
    pub fn sample_of(&'static self, labels: &[&str], value: i64) -> Sample {
        Sample { series: Series::new(self, labels), value }
    }

    /// What this metric of a count is now.
    #[must_use]
    pub fn count(&'static self, value: u64) -> Sample {
        self.sample(i64::try_from(value).unwrap_or(i64::MAX))
    }

    /// What this metric of a count is now for these values of its labels.
    #[must_use]
    pub fn count_of(&'static self, labels: &[&str], value: u64) -> Sample {
        self.sample_of(labels, i64::try_from(value).unwrap_or(i64::MAX))
    }
}
