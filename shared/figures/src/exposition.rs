//! The figures as OpenMetrics text, encoded when they are asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use crate::Metric;
use crate::metric::Kind;
use crate::sample::Series;
use crate::spread::Buckets;

/// A counter's suffix, which the encoder adds.
const TOTAL: &str = "_total";

/// All that is told, by metric.
#[derive(Debug, Default)]
pub(crate) struct Families(BTreeMap<&'static Metric, BTreeMap<Vec<String>, Value>>);

/// What a series is now.
#[derive(Debug)]
pub(crate) enum Value {
    Number(i64),
    Buckets(Buckets),
}

type Labels<'a> = Vec<(&'a str, &'a str)>;

impl Families {
    /// Adds a series, if it is for Prometheus at all.
    pub(crate) fn add(&mut self, series: &Series, value: Value) {
        if series.metric.exposed.is_some() {
            self.0.entry(series.metric).or_default().insert(series.labels.clone(), value);
        }
    }

    /// The text, with labels that all series get.
    pub(crate) fn encode(self, labels: &[(&'static str, &str)]) -> String {
        let labels =
            labels.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Owned((*value).to_owned())));
        let mut registry = Registry::with_labels(labels);
        registry.register_collector(Box::new(self));
        let mut told = String::new();
        text::encode(&mut told, &registry).expect("writing to memory succeeds");
        told
    }
}

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for (metric, series) in &self.0 {
            let Some(exposed) = metric.exposed else { continue };
            let name = exposed.strip_suffix(TOTAL).unwrap_or(exposed);
            let mut family = encoder.encode_descriptor(name, metric.help, None, kind(metric))?;
            for (labels, value) in series {
                let names = metric.labels.iter().copied();
                let labels: Labels<'_> = names.zip(labels.iter().map(String::as_str)).collect();
                // A family without labels is told as `name{} 1`: read alike, but not what people search for.
                if labels.is_empty() {
                    encode(metric, value, &mut family)?;
                } else {
                    encode(metric, value, &mut family.encode_family(&labels)?)?;
                }
            }
        }
        Ok(())
    }
}

fn kind(metric: &Metric) -> MetricType {
    match metric.kind {
        Kind::Counter => MetricType::Counter,
        Kind::Gauge => MetricType::Gauge,
        Kind::Histogram(_) => MetricType::Histogram,
    }
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus knows nothing but f64")]
fn encode(metric: &Metric, value: &Value, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
    match (value, metric.kind) {
        (Value::Buckets(buckets), _) => {
            encoder.encode_histogram::<Labels<'_>>(buckets.sum, buckets.count(), &buckets.parts(), None)
        }
        (Value::Number(count), Kind::Counter) if metric.parts == 1 => {
            encoder.encode_counter::<Labels<'_>, _, f64>(&u64::try_from(*count).unwrap_or(0), None)
        }
        (Value::Number(number), Kind::Counter) => {
            encoder.encode_counter::<Labels<'_>, _, f64>(&(*number as f64 / f64::from(metric.parts)), None)
        }
        (Value::Number(number), _) if metric.parts == 1 => encoder.encode_gauge(number),
        (Value::Number(number), _) => encoder.encode_gauge(&(*number as f64 / f64::from(metric.parts))),
    }
}
