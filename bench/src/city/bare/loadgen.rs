//! The load generator of bare loops, with what it says of itself.

use anyhow::ensure;
use domain::{CityClock, RealMs};
use runtime::{StatsLine, merge_histograms};

use crate::city::MORNING;
use crate::city::times::{Times, option};
use crate::city::turn::Riders;
use crate::crew::Member;
use crate::figure::{Figure, Figures};
use crate::ground::Ground;
use crate::lab::Lab;

/// As with ours: drivers report every 5 s.
const REPORT_EVERY_S: u32 = 5;

/// City time as the load generator and those who serve its riders count it.
pub(super) fn clock() -> CityClock {
    CityClock::new(RealMs(runtime::clock::now_ms()), MORNING.1, 1.0)
}

pub(super) struct Loadgen(Member);

impl Loadgen {
    pub(super) fn start(
        lab: &Lab,
        ground: &Ground,
        rate: u32,
        riders: Riders,
        clock: CityClock,
    ) -> anyhow::Result<Self> {
        let drivers = (rate * REPORT_EVERY_S).to_string();
        let command = lab
            .ourselves(&ground.settings, &["service", "loadgen", "--stats", "--drivers", &drivers])?
            .args(["--report-every", &format!("{REPORT_EVERY_S}s")])
            .args(["--requests-per-minute", riders.requests_per_minute()])
            .args(["--ramp", &option(Times::of(lab.plan).ramp)])
            .args(["--city-clock", &clock.to_string()]);
        Ok(Self(Member::start(lab, "loadgen", 0, command)?))
    }

    pub(super) fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// That it has not ended by itself.
    pub(super) fn goes_on(&self) -> anyhow::Result<()> {
        ensure!(!self.0.has_ended(), self.0.story("it has ended by itself"));
        Ok(())
    }

    /// What it tells of itself; nothing if it has told nothing yet.
    pub(super) fn told(&self) -> Told {
        Told(self.0.figures().unwrap_or_default())
    }

    pub(super) async fn end(self) {
        self.0.kill().await;
    }
}

/// Its figures at one moment, from the first report on.
pub(super) struct Told(StatsLine);

impl Told {
    /// Reports that left late.
    pub(super) fn late(&self) -> i64 {
        self.0.values.get("reports_late").copied().unwrap_or(0)
    }

    /// How long riders waited for their first offer; nothing if none had one.
    pub(super) fn offers(&self) -> Figures {
        let waits = merge_histograms(self.0.histograms.get("request_to_offer_ms").map(String::as_str));
        if waits.is_empty() {
            return Figures::new();
        }
        let quantiles = [(Figure::OfferP50Ms, 0.5), (Figure::OfferP99Ms, 0.99)];
        quantiles.map(|(figure, quantile)| (figure, waits.value_at_quantile(quantile) as f64)).into()
    }
}

#[cfg(test)]
mod tests {
    use loadgen::metrics;
    use runtime::Stats;

    use super::*;

    #[test]
    fn what_the_load_generator_counts_is_found_in_what_it_tells() {
        let stats = Stats::default();
        let (late, waits) = (stats.counter(&metrics::LATE), stats.histogram(&metrics::REQUEST_TO_OFFER));
        let told = || Told(stats.line("loadgen-1"));
        assert_eq!((told().late(), told().offers()), (0, Figures::new()));
        late.add(3);
        waits.record_ms(250);
        assert_eq!(told().late(), 3);
        assert_eq!(
            told().offers(),
            Figures::from([(Figure::OfferP50Ms, 250.0), (Figure::OfferP99Ms, 250.0)])
        );
    }
}
