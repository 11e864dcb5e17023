//! How long after: from a report or a request until something came of it.

use serde::Serialize;

use super::figures::Figures;

/// Quantiles of a latency, ms.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) p50: Option<u64>,
    pub(crate) p99: Option<u64>,
    pub(crate) p999: Option<u64>,
}

impl Quantiles {
    /// Those of what a service measures; none if it has measured nothing.
    pub(super) fn of(figures: &Figures, service: &str, name: &str) -> Self {
        let histogram = figures.histogram(service, name);
        let at = |quantile| (!histogram.is_empty()).then(|| histogram.value_at_quantile(quantile));
        Self { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
    }

    /// From when a ride was asked for.
    pub(super) fn request_to_offer(figures: &Figures) -> Self {
        Self::of(figures, "loadgen", "request_to_offer_ms")
    }

    /// From when a report was due.
    pub(super) fn report_to_redis(figures: &Figures) -> Self {
        Self::of(figures, "live-location", "report_to_redis_ms")
    }

    /// From when a report was due until viewers were sent it.
    pub(super) fn report_to_map(figures: &Figures) -> Self {
        Self::of(figures, "gateway", "report_to_map_ms")
    }
}

/// What a city is waited for, from its opening until it closed: how long everybody's ways home take says nothing of it.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Waits {
    pub(crate) request_to_offer_ms: Quantiles,
    pub(crate) report_to_redis_ms: Quantiles,
    pub(crate) report_to_map_ms: Quantiles,
}

impl Waits {
    pub(super) fn of(figures: &Figures) -> Self {
        Self {
            request_to_offer_ms: Quantiles::request_to_offer(figures),
            report_to_redis_ms: Quantiles::report_to_redis(figures),
            report_to_map_ms: Quantiles::report_to_map(figures),
        }
    }
}
