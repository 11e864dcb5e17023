//! The figures of a process at one moment, as a line of JSON.

use std::collections::BTreeMap;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::Deserializer;
use serde::{Deserialize, Serialize};

use crate::times::empty;

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
