//! The load generator of bare loops, with what it says of itself.

use std::path::PathBuf;

use anyhow::ensure;
use backends::process::{Child, Output, last_lines};
use domain::{CityClock, RealMs};
use runtime::{StatsLine, merge_histograms};

use crate::city::MORNING;
use crate::city::times::{Times, option};
use crate::city::turn::Riders;
use crate::figure::{Figure, Figures};
use crate::ground::Ground;
use crate::lab::Lab;

/// As with ours: drivers report every 5 s.
const REPORT_EVERY_S: u32 = 5;

/// City time as the load generator and those who serve its riders count it.
pub(super) fn clock() -> CityClock {
    CityClock::new(RealMs(runtime::clock::now_ms()), MORNING.1, 1.0)
}

pub(super) struct Loadgen {
    child: Child,
    log: PathBuf,
    figures: PathBuf,
}

impl Loadgen {
    pub(super) fn start(
        lab: &Lab,
        ground: &Ground,
        rate: u32,
        riders: Riders,
        clock: CityClock,
    ) -> anyhow::Result<Self> {
        let file = |ending| lab.folder().join(format!("loadgen.{ending}"));
        let (log, figures) = (file("log"), file("figures"));
        let drivers = (rate * REPORT_EVERY_S).to_string();
        let command = lab
            .ourselves(&ground.settings, &["service", "loadgen", "--stats", "--drivers", &drivers])?
            .args(["--report-every", &format!("{REPORT_EVERY_S}s")])
            .args(["--requests-per-minute", riders.requests_per_minute()])
            .args(["--ramp", &option(Times::of(lab.plan).ramp)])
            .args(["--city-clock", &clock.to_string()])
            .stdout(Output::Log(figures.clone()))
            .stderr(Output::Log(log.clone()));
        Ok(Self { child: command.spawn()?, log, figures })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// That it has not ended by itself.
    pub(super) fn goes_on(&self) -> anyhow::Result<()> {
        let story = || last_lines(&self.log, 10).join("\n  ");
        ensure!(self.child.exit().is_none(), "the load generator has ended by itself:\n  {}", story());
        Ok(())
    }

    /// What it tells of itself; nothing if it has told nothing yet.
    pub(super) fn told(&self) -> Told {
        let line = last_lines(&self.figures, 1).pop();
        Told(line.and_then(|line| serde_json::from_str(&line).ok()).unwrap_or_default())
    }

    pub(super) async fn end(self) {
        self.child.kill();
        self.child.wait().await;
    }
}

/// Its figures at one moment, from the first report on.
pub(super) struct Told(pub(super) StatsLine);

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
