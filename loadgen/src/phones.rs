//! The ways out of the apps: every output leaves when it is due, to Kafka itself or through the public API, and is
//! acknowledged before the end.

mod api;
mod call;
mod direct;
mod gateway;
mod owner;
mod queue;

use pipeline::{Retry, Sink};
use runtime::{Counter, Stats};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::departures::Departures;
use crate::ledger::LedgerFile;
use crate::metrics;
use crate::model::Output;

use owner::Owner;

pub(crate) use api::Api;
pub(crate) use call::RefusedRide;
pub(crate) use direct::Direct;

/// A sink that sends what the apps put out: all of one owner by the same way, so that it stays in order.
pub(crate) struct Phones {
    direct: Direct,
    api: Option<Api>,
    share: f64,
}

/// Counts what was acknowledged, by whichever way it went.
#[derive(Clone, Debug)]
pub(crate) struct Acknowledged {
    reports: Counter,
    records: Counter,
}

impl Phones {
    /// Phones as the options want them, and where they tell of rides that the API refused. After `stop` nothing waits
    /// for room in a client's queue; `end` is cancelled if the API does not answer any more.
    ///
    /// # Errors
    /// If a client can't be made, or the ledger not begun.
    pub(crate) fn new(
        config: &Config,
        member: &str,
        stats: &Stats,
        stop: &CancellationToken,
        end: &CancellationToken,
    ) -> anyhow::Result<(Self, mpsc::UnboundedReceiver<RefusedRide>)> {
        let acknowledged = Acknowledged::new(stats);
        let (refused, refusals) = mpsc::unbounded_channel();
        let gateway = &config.gateway;
        let api = if gateway.urls.is_empty() {
            None
        } else {
            let patience = Retry::default();
            let api = Api::new(&gateway.urls, acknowledged.clone(), stats, refused, patience, end.clone())?;
            Some(api)
        };
        let ledger = config.ledger.as_deref().map(|dir| LedgerFile::create(dir, member)).transpose()?;
        let departures = Departures::new(stats, stop.clone());
        let direct = Direct::new(&config.kafka, config.city_clock, acknowledged, stats, departures, ledger)?;
        Ok((Self { direct, api, share: gateway.via_gateway }, refusals))
    }

    /// Both ways: what they have taken is still under way when the sink is gone.
    pub(crate) fn ways(&self) -> (Direct, Option<Api>) {
        (self.direct.clone(), self.api.clone())
    }
}

impl Sink for Phones {
    type Item = Output;

    async fn apply(&mut self, outputs: &[Output]) -> anyhow::Result<()> {
        let Some(api) = &self.api else { return self.direct.send(outputs.iter()).await };
        let by_api = |output: &Output| Owner::of(output).filter(|owner| owner.is_among(self.share));
        // First what may fail as a whole: if it is tried again, nothing has been handed to the API yet.
        self.direct.send(outputs.iter().filter(|output| by_api(output).is_none())).await?;
        let owned = outputs.iter().filter_map(|output| Some((by_api(output)?, output.clone())));
        api.send(owned.collect()).await;
        Ok(())
    }
}

impl Acknowledged {
    pub(crate) fn new(stats: &Stats) -> Self {
        Self {
            reports: stats.counter(&metrics::REPORTS_ACKNOWLEDGED),
            records: stats.counter(&metrics::RECORDS_ACKNOWLEDGED),
        }
    }

    fn add(&self, reports: u64, records: u64) {
        self.reports.add(reports);
        self.records.add(records);
    }
}
