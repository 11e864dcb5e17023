//! Figures of a process: counters, gauges and histograms, written as one JSON line.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};
use serde::{Deserialize, Serialize};

/// The longest time a histogram holds: an hour, in ms. Longer ones count as that.
const LONGEST_MS: u64 = 3_600_000;

/// All figures of a process; clones share them.
#[derive(Clone, Default)]
pub struct Stats(Arc<Mutex<Registry>>);

type Watch = Box<dyn FnMut() -> Vec<(String, i64)> + Send>;

#[derive(Default)]
struct Registry {
    counters: BTreeMap<String, Counter>,
    gauges: BTreeMap<String, Gauge>,
    histograms: BTreeMap<String, Histogram>,
    watches: Vec<Watch>,
}

/// A number that grows.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<AtomicU64>);

/// A number that changes.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<AtomicI64>);

/// Times in milliseconds, to three significant figures.
#[derive(Clone, Debug)]
pub struct Histogram(Arc<Mutex<hdrhistogram::Histogram<u64>>>);

/// The figures at one moment, as written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StatsLine {
    /// Whose.
    pub member: String,
    /// Counters, gauges and watched numbers by name.
    pub values: BTreeMap<String, i64>,
    /// Histograms in `HdrHistogram` V2 encoding, base64.
    pub histograms: BTreeMap<String, String>,
}

impl Stats {
    /// The counter of that name.
    #[must_use]
    pub fn counter(&self, name: &str) -> Counter {
        self.lock().counters.entry(name.to_owned()).or_default().clone()
    }

    /// The gauge of that name.
    #[must_use]
    pub fn gauge(&self, name: &str) -> Gauge {
        self.lock().gauges.entry(name.to_owned()).or_default().clone()
    }

    /// The histogram of that name.
    #[must_use]
    pub fn histogram(&self, name: &str) -> Histogram {
        self.lock().histograms.entry(name.to_owned()).or_default().clone()
    }

    /// Asks `watch` for named numbers whenever figures are written.
    pub fn watch(&self, watch: impl FnMut() -> Vec<(String, i64)> + Send + 'static) {
        self.lock().watches.push(Box::new(watch));
    }

    /// All figures now.
    #[must_use]
    pub fn line(&self, member: &str) -> StatsLine {
        let mut registry = self.lock();
        let mut values = BTreeMap::new();
        for watch in &mut registry.watches {
            values.extend(watch());
        }
        let counters = registry.counters.iter().map(|(name, counter)| (name.clone(), counter.get()));
        values.extend(counters.map(|(name, value)| (name, i64::try_from(value).unwrap_or(i64::MAX))));
        values.extend(registry.gauges.iter().map(|(name, gauge)| (name.clone(), gauge.get())));
        let histograms =
            registry.histograms.iter().map(|(name, histogram)| (name.clone(), histogram.encode())).collect();
        StatsLine { member: member.to_owned(), values, histograms }
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().expect("nobody panics while holding the figures")
    }
}

impl StatsLine {
    /// Writes the figures to standard output; a reader who went away is no trouble.
    pub fn write(&self) {
        let mut line = serde_json::to_vec(self).expect("figures are plain data");
        line.push(b'\n');
        let mut out = std::io::stdout().lock();
        if out.write_all(&line).and_then(|()| out.flush()).is_err() {
            tracing::debug!("nobody reads the figures");
        }
    }
}

impl fmt::Debug for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stats")
    }
}

impl Counter {
    /// Adds to it.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Its value.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Gauge {
    /// Sets it.
    pub fn set(&self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Its value.
    #[must_use]
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(empty())))
    }
}

impl Histogram {
    /// Adds a time; negative ones (clocks differ) count as 0.
    pub fn record_ms(&self, ms: i64) {
        self.record_many_ms(ms, 1);
    }

    /// Adds the same time several times.
    pub fn record_many_ms(&self, ms: i64, count: u64) {
        let ms = u64::try_from(ms).unwrap_or(0);
        let mut histogram = self.0.lock().expect("nobody panics while recording");
        histogram.saturating_record_n(ms, count);
    }

    fn encode(&self) -> String {
        let histogram = self.0.lock().expect("nobody panics while recording");
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&*histogram, &mut bytes).expect("writing to memory succeeds");
        STANDARD.encode(bytes)
    }
}

/// Adds encoded histograms up; those that can't be read are left out.
#[must_use]
pub fn merge_histograms<'a>(encoded: impl IntoIterator<Item = &'a str>) -> hdrhistogram::Histogram<u64> {
    let mut sum = empty();
    for text in encoded {
        let Ok(bytes) = STANDARD.decode(text) else { continue };
        let Ok(part) = Deserializer::new().deserialize::<u64, _>(&mut bytes.as_slice()) else { continue };
        if sum.add(part).is_err() {
            tracing::warn!("a histogram of another shape was left out");
        }
    }
    sum
}

fn empty() -> hdrhistogram::Histogram<u64> {
    hdrhistogram::Histogram::new_with_bounds(1, LONGEST_MS, 3).expect("the bounds are valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_two_members_add_up() {
        let lines = [10, 1000].map(|ms| {
            let stats = Stats::default();
            stats.histogram("report_to_redis_ms").record_many_ms(ms, 50);
            stats.counter("reports").add(2);
            stats.gauge("drivers").set(-3);
            stats.watch(|| vec![("watched".to_owned(), 7)]);
            serde_json::from_str::<StatsLine>(&serde_json::to_string(&stats.line("m-1")).unwrap()).unwrap()
        });
        assert_eq!(lines[0].values["reports"], 2);
        assert_eq!(lines[0].values["drivers"], -3);
        assert_eq!(lines[0].values["watched"], 7);
        let merged =
            merge_histograms(lines.iter().map(|line| line.histograms["report_to_redis_ms"].as_str()));
        assert_eq!(merged.len(), 100);
        assert_eq!(merged.value_at_quantile(0.25), 10);
        assert!((1000..=1001).contains(&merged.value_at_quantile(0.99)));
    }
}
