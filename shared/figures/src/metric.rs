//! The declaration of a metric: what it is called and what it means.

use std::cmp::Ordering;

/// Upper bounds in seconds, for times from a quick look into Redis to a server that restarts.
pub const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Upper bounds for how many there are of something in a batch.
pub const COUNTS: &[f64] =
    &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0];

/// A declared metric.
///
/// It has a name among the JSON lines, one for Prometheus, or both. With labels it is a family: a number for each of
/// their values. Values of labels are few and known in advance; no id of a trip, a driver or a zone is one.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name among the JSON lines; followed by the values of its labels, each after a dot.
    pub line: Option<&'static str>,
    /// Its name for Prometheus, with its unit, and `_total` if it only grows.
    pub exposed: Option<&'static str>,
    /// What it tells.
    pub help: &'static str,
    /// What kind of number it is.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// How many of what is counted make one of the unit that Prometheus is told: 1000 for ms told as seconds.
    pub parts: u32,
}

/// What kind of number a metric is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It grows.
    Counter,
    /// It changes.
    Gauge,
    /// How many values there were up to each of these bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// Its name, as Prometheus knows it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

impl Metric {
    /// A number that grows.
    #[must_use]
    pub const fn counter(exposed: &'static str, help: &'static str) -> Self {
        Self::new(exposed, help, Kind::Counter)
    }

    /// A number that changes.
    #[must_use]
    pub const fn gauge(exposed: &'static str, help: &'static str) -> Self {
        Self::new(exposed, help, Kind::Gauge)
    }

    /// How many values there were up to each bound.
    #[must_use]
    pub const fn histogram(exposed: &'static str, bounds: &'static [f64], help: &'static str) -> Self {
        Self::new(exposed, help, Kind::Histogram(bounds))
    }

    /// A number for whoever reads the lines, and not for Prometheus.
    #[must_use]
    pub const fn only_in_lines(line: &'static str, help: &'static str) -> Self {
        Self { line: Some(line), exposed: None, help, kind: Kind::Gauge, labels: &[], parts: 1 }
    }

    const fn new(exposed: &'static str, help: &'static str, kind: Kind) -> Self {
        Self { line: None, exposed: Some(exposed), help, kind, labels: &[], parts: 1 }
    }

    /// Also written in the JSON lines, by this name.
    #[must_use]
    pub const fn in_lines(self, line: &'static str) -> Self {
        Self { line: Some(line), ..self }
    }

    /// One number for each value of these labels.
    #[must_use]
    pub const fn by(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }

    /// Counted in milliseconds, told to Prometheus in seconds.
    #[must_use]
    pub const fn in_ms(self) -> Self {
        Self { parts: 1000, ..self }
    }

    /// Counted in percent, told to Prometheus as a ratio.
    #[must_use]
    pub const fn in_percent(self) -> Self {
        Self { parts: 100, ..self }
    }

    /// What tells it from all other metrics of a process.
    fn name(&self) -> &'static str {
        self.exposed.or(self.line).unwrap_or_default()
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Metric {}

impl PartialOrd for Metric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Metric {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}
