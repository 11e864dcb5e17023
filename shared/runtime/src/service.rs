//! One running service: who it is, how it is told to stop, where its figures go.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use traces::Tracer;

use crate::endpoint::{Endpoint, OTLP_ENDPOINT};
use crate::observer::{self, Observed};
use crate::span_queue::{Fates, SpanQueue};
use crate::{Logs, Readiness, Stats, StatsLine, clock, member, metrics, signals};

/// How often figures are taken.
const STATS_INTERVAL: Duration = Duration::from_millis(500);

/// What every service can be told.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Name of this member of its group, stable over restarts [default: NAME-HOST-PROCESS]
    #[arg(long, env = "HAILSTORM_MEMBER")]
    pub member: Option<String>,
    /// Write figures to standard output, a JSON line twice a second
    #[arg(long, env = "HAILSTORM_STATS")]
    pub stats: bool,
    /// Tell metrics and health at this address: /metrics, /livez, /readyz; port 0 takes a free one
    #[arg(long, env = observer::METRICS_ADDRESS, value_name = "ADDRESS")]
    pub metrics_address: Option<SocketAddr>,
    /// Send spans to a collector there, by OTLP over HTTP, such as http://127.0.0.1:4318 [default: no traces]
    #[arg(long, env = OTLP_ENDPOINT, value_name = "URL", default_value = "", hide_default_value = true)]
    pub otlp_endpoint: Endpoint,
}

/// A service at work, until it is told to stop. In a box, so that its code is made with its own crate: a command that
/// has all services in it would make all of it again whenever one of them changes.
pub type Running = Pin<Box<dyn Future<Output = anyhow::Result<()>>>>;

/// One running service.
#[derive(Clone, Debug)]
pub struct Service {
    /// The service, and so its consumer group.
    pub name: &'static str,
    /// This member of the group.
    pub member: String,
    /// Cancelled when the service shall finish its batch and leave.
    pub stop: CancellationToken,
    /// Figures.
    pub stats: Stats,
    /// Whether it does its work yet.
    pub readiness: Readiness,
    /// Its log.
    pub logs: Logs,
    /// Who takes spans, if anybody does.
    pub tracer: Tracer,
    spans: Option<SpanQueue>,
    lines: watch::Sender<Arc<StatsLine>>,
}

impl Service {
    /// Starts logs, signals and, if asked for, the figures on standard output, the answers about metrics and health, and
    /// the export of spans.
    ///
    /// # Errors
    /// If signals can't be listened to, an address is taken, or no client can be made for the collector.
    pub fn start(name: &'static str, options: &Options) -> anyhow::Result<Self> {
        let member = options.member.clone().unwrap_or_else(|| member::name(name));
        let logs = Logs::of_service(name, &member);
        let (stop, lines) = (signals::stop_on_signals()?, watch::Sender::default());
        let (stats, readiness) = (Stats::default(), Readiness::default());
        let fates = Fates::of(&stats);
        let spans = collector(options).map(|url| SpanQueue::start(url, name, &member, fates)).transpose()?;
        let tracer = spans.as_ref().map(SpanQueue::tracer).unwrap_or_default();
        let service = Self { name, member, stop, stats, readiness, logs, tracer, spans, lines };
        if let Some(address) = options.metrics_address {
            service.be_observed(address)?;
        }
        tokio::spawn(service.clone().take_figures(options.stats));
        Ok(service)
    }

    fn be_observed(&self, address: SocketAddr) -> anyhow::Result<()> {
        let (started_ms, readiness, logs) = (clock::now_ms(), self.readiness.clone(), self.logs.clone());
        self.stats.watch_for_scrapes(move || {
            let mut samples = metrics::of_process(started_ms);
            samples.push(metrics::READY.sample(readiness.waiting_for().is_none().into()));
            samples.extend(logs.samples());
            samples
        });
        let observed = Observed {
            service: self.name,
            member: self.member.clone(),
            stats: self.stats.clone(),
            readiness: self.readiness.clone(),
        };
        let address = observer::listen(address, observed)?;
        tracing::info!(url = format!("http://{address}/metrics"), "tells metrics and health");
        Ok(())
    }

    /// The newest figures, twice a second. Who wants some takes them from here: `Stats::line` is for one reader alone,
    /// since some figures are of the time since they were taken last.
    #[must_use]
    pub fn lines(&self) -> watch::Receiver<Arc<StatsLine>> {
        self.lines.subscribe()
    }

    /// Lets the last spans go, for two seconds at most, and writes the last figures; call when the service has ended.
    pub async fn finish(&self, options: &Options) {
        if let Some(spans) = &self.spans {
            spans.finish().await;
        }
        if options.stats {
            self.stats.line(&self.member).write();
        }
    }

    /// Takes the figures twice a second and passes them on to all who want them.
    async fn take_figures(self, write: bool) {
        let mut interval = tokio::time::interval(STATS_INTERVAL);
        loop {
            interval.tick().await;
            if write || self.lines.receiver_count() > 0 {
                let line = self.stats.line(&self.member);
                if write {
                    line.write();
                }
                self.lines.send_replace(Arc::new(line));
            }
        }
    }
}

/// Where spans are posted. An address that can't be used may be meant for other programs: it costs the traces alone.
fn collector(options: &Options) -> Option<String> {
    let url = options.otlp_endpoint.url();
    url.inspect_err(|error| tracing::warn!(%error, "no traces")).ok().flatten()
}
