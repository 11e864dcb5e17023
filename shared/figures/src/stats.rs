//! All figures of a process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::exposition::{Families, Value};
use crate::metric::Kind;
use crate::sample::Series;
use crate::{Counter, Gauge, Histogram, Metric, Sample, Spread, StatsLine};

/// All figures of a process; clones share them.
#[derive(Clone, Default)]
pub struct Stats(Arc<Mutex<Registry>>);

type Watch = Arc<dyn Fn() -> Vec<Sample> + Send + Sync>;

/// Who is told what a watch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    All,
    Lines,
    Scrapes,
}

#[derive(Default)]
struct Registry {
    counters: BTreeMap<Series, Counter>,
    gauges: BTreeMap<Series, Gauge>,
    histograms: BTreeMap<Series, Histogram>,
    spreads: BTreeMap<Series, Spread>,
    watches: Vec<(Audience, Watch)>,
}

impl Stats {
    /// The counter of a metric.
    #[must_use]
    pub fn counter(&self, metric: &'static Metric) -> Counter {
        self.counter_of(metric, &[])
    }

    /// The counter of a metric for these values of its labels.
    #[must_use]
    pub fn counter_of(&self, metric: &'static Metric, labels: &[&str]) -> Counter {
        debug_assert_eq!(metric.kind, Kind::Counter);
        self.lock().counters.entry(Series::new(metric, labels)).or_default().clone()
    }

    /// The number of a metric, to be set.
    #[must_use]
    pub fn gauge(&self, metric: &'static Metric) -> Gauge {
        self.gauge_of(metric, &[])
    }

    /// The number of a metric for these values of its labels, to be set.
    #[must_use]
    pub fn gauge_of(&self, metric: &'static Metric, labels: &[&str]) -> Gauge {
        self.lock().gauges.entry(Series::new(metric, labels)).or_default().clone()
    }

    /// The times of a metric, exact enough for the quantiles of the JSON lines.
    #[must_use]
    pub fn histogram(&self, metric: &'static Metric) -> Histogram {
        self.lock().histograms.entry(Series::new(metric, &[])).or_default().clone()
    }

    /// The histogram of a metric for Prometheus alone.
    #[must_use]
    pub fn spread(&self, metric: &'static Metric) -> Spread {
        self.spread_of(metric, &[])
    }

    /// The histogram of a metric for Prometheus alone, for these values of its labels.
    #[must_use]
    pub fn spread_of(&self, metric: &'static Metric, labels: &[&str]) -> Spread {
        let new = || Spread::new(bounds(metric));
        self.lock().spreads.entry(Series::new(metric, labels)).or_insert_with(new).clone()
    }

    /// Asks `watch` for numbers whenever figures are told. It must not change what it tells of.
    pub fn watch(&self, watch: impl Fn() -> Vec<Sample> + Send + Sync + 'static) {
        self.lock().watches.push((Audience::All, Arc::new(watch)));
    }

    /// Asks `watch` for numbers whenever a line is made, and only then: what is told of the time since the line before.
    pub fn watch_for_lines(&self, watch: impl Fn() -> Vec<Sample> + Send + Sync + 'static) {
        self.lock().watches.push((Audience::Lines, Arc::new(watch)));
    }

    /// Asks `watch` for numbers whenever Prometheus asks, and only then: too many for lines, or not cheap. It may wait
    /// for a server for a second.
    pub fn watch_for_scrapes(&self, watch: impl Fn() -> Vec<Sample> + Send + Sync + 'static) {
        self.lock().watches.push((Audience::Scrapes, Arc::new(watch)));
    }

    /// The figures now as a line. For one reader alone: some of them are of the time since the line before.
    #[must_use]
    pub fn line(&self, member: &str) -> StatsLine {
        let watched = self.ask(Audience::Lines);
        let registry = self.lock();
        let mut values = BTreeMap::new();
        let mut tell =
            |series: &Series, value: i64| series.line_name().map(|name| values.insert(name, value));
        for Sample { series, value } in &watched {
            tell(series, *value);
        }
        for (series, counter) in &registry.counters {
            tell(series, i64::try_from(counter.get()).unwrap_or(i64::MAX));
        }
        for (series, gauge) in &registry.gauges {
            tell(series, gauge.get());
        }
        let histograms = registry.histograms.iter();
        let histograms =
            histograms.filter_map(|(series, histogram)| Some((series.line_name()?, histogram.encode())));
        StatsLine { member: member.to_owned(), values, histograms: histograms.collect() }
    }

    /// The figures now as OpenMetrics text, with labels that all of them get. May wait for a server for a second.
    #[must_use]
    pub fn exposition(&self, labels: &[(&'static str, &str)]) -> String {
        let watched = self.ask(Audience::Scrapes);
        let mut families = Families::default();
        for Sample { series, value } in watched {
            families.add(&series, Value::Number(value));
        }
        let registry = self.lock();
        for (series, counter) in &registry.counters {
            families.add(series, Value::Number(i64::try_from(counter.get()).unwrap_or(i64::MAX)));
        }
        for (series, gauge) in &registry.gauges {
            families.add(series, Value::Number(gauge.get()));
        }
        for (series, histogram) in &registry.histograms {
            let metric = series.metric;
            families.add(series, Value::Buckets(histogram.buckets(bounds(metric), metric.parts)));
        }
        for (series, spread) in &registry.spreads {
            families.add(series, Value::Buckets(spread.buckets()));
        }
        drop(registry);
        families.encode(labels)
    }

    /// What the watches for an audience say. They are asked without the lock: one may wait for a server.
    fn ask(&self, audience: Audience) -> Vec<Sample> {
        let watches: Vec<Watch> = {
            let registry = self.lock();
            let asked = |asked: &Audience| *asked == Audience::All || *asked == audience;
            registry
                .watches
                .iter()
                .filter(|(who, _)| asked(who))
                .map(|(_, watch)| Arc::clone(watch))
                .collect()
        };
        watches.iter().flat_map(|watch| watch()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().expect("nobody panics while holding the figures")
    }
}

impl fmt::Debug for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stats")
    }
}

fn bounds(metric: &Metric) -> &'static [f64] {
    match metric.kind {
        Kind::Histogram(bounds) => bounds,
        Kind::Counter | Kind::Gauge => &[],
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::{SECONDS, merge_histograms};

    static ARRIVALS: Metric =
        Metric::histogram("arrival_seconds", SECONDS, "Time to Redis").in_ms().in_lines("report_to_redis_ms");
    static SINKS: Metric = Metric::histogram("sink_seconds", &[0.5, 2.0], "Time in the sink");
    static REPORTS: Metric = Metric::counter("reports_total", "Reports").in_lines("reports");
    static DRIVERS: Metric = Metric::gauge("drivers", "Drivers by state").by(&["state"]).in_lines("drivers");
    static AGE: Metric = Metric::gauge("age_seconds", "Age").in_ms().in_lines("age_ms");
    static GREATEST: Metric = Metric::only_in_lines("max_ms", "Greatest since the line before");
    static LAG: Metric = Metric::gauge("lag", "Lag").by(&["topic", "partition"]);

    fn figures(ms: i64) -> Stats {
        let stats = Stats::default();
        stats.histogram(&ARRIVALS).record_many_ms(ms, 50);
        stats.spread(&SINKS).record(1.0);
        stats.counter(&REPORTS).add(2);
        stats.gauge_of(&DRIVERS, &["idle"]).set(3);
        stats.gauge_of(&DRIVERS, &["on_trip"]).set(4);
        stats.watch(|| vec![AGE.sample(1500)]);
        stats
    }

    #[test]
    fn figures_of_two_members_add_up() {
        let lines = [10, 1000].map(|ms| {
            let line = serde_json::to_string(&figures(ms).line("m-1")).unwrap();
            serde_json::from_str::<StatsLine>(&line).unwrap()
        });
        assert_eq!(lines[0].values["reports"], 2);
        assert_eq!((lines[0].values["drivers.idle"], lines[0].values["drivers.on_trip"]), (3, 4));
        assert_eq!(lines[0].values["age_ms"], 1500);
        let merged =
            merge_histograms(lines.iter().map(|line| line.histograms["report_to_redis_ms"].as_str()));
        assert_eq!(merged.len(), 100);
        assert_eq!(merged.value_at_quantile(0.25), 10);
        assert!((1000..=1001).contains(&merged.value_at_quantile(0.99)));
    }

    #[test]
    fn prometheus_is_told_the_same_in_its_units() {
        let text = figures(25).exposition(&[("service", "eta"), ("member", "eta-1")]);
        for line in [
            "# HELP reports Reports",
            "# TYPE reports counter",
            r#"reports_total{service="eta",member="eta-1"} 2"#,
            "# TYPE drivers gauge",
            r#"drivers{service="eta",member="eta-1",state="idle"} 3"#,
            r#"drivers{service="eta",member="eta-1",state="on_trip"} 4"#,
            r#"age_seconds{service="eta",member="eta-1"} 1.5"#,
            "# TYPE arrival_seconds histogram",
            r#"arrival_seconds_sum{service="eta",member="eta-1"} 1.25"#,
            r#"arrival_seconds_count{service="eta",member="eta-1"} 50"#,
            r#"arrival_seconds_bucket{service="eta",member="eta-1",le="0.01"} 0"#,
            r#"arrival_seconds_bucket{service="eta",member="eta-1",le="0.025"} 50"#,
            r#"arrival_seconds_bucket{service="eta",member="eta-1",le="+Inf"} 50"#,
            r#"sink_seconds_bucket{service="eta",member="eta-1",le="0.5"} 0"#,
            r#"sink_seconds_bucket{service="eta",member="eta-1",le="2.0"} 1"#,
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is missing in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
        assert_eq!(text.matches("# TYPE drivers ").count(), 1, "a family is told in one piece");
    }

    #[test]
    fn each_audience_is_told_what_is_for_it_and_a_scrape_takes_nothing_from_the_lines() {
        let (stats, greatest) = (Stats::default(), Arc::new(AtomicI64::new(7)));
        stats.watch_for_lines(move || vec![GREATEST.sample(greatest.swap(0, Ordering::Relaxed))]);
        stats.watch_for_scrapes(|| vec![LAG.sample_of(&["trips", "3"], 12)]);
        let text = stats.exposition(&[]);
        assert!(
            text.contains("lag{topic=\"trips\",partition=\"3\"} 12\n") && !text.contains("max_ms"),
            "{text}"
        );
        assert_eq!(stats.line("m").values, [("max_ms".to_owned(), 7)].into());
        assert_eq!(stats.line("m").values, [("max_ms".to_owned(), 0)].into());
    }
}
