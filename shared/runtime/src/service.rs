//! One running service: who it is, how it is told to stop, where its figures go.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{Stats, logs, signals};

/// How often figures are written.
const STATS_INTERVAL: Duration = Duration::from_millis(500);

/// What every service can be told.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Name of this member of its group, stable over restarts [default: NAME-PID]
    #[arg(long, env = "HAILSTORM_MEMBER")]
    pub member: Option<String>,
    /// Write figures to standard output, a JSON line twice a second
    #[arg(long, env = "HAILSTORM_STATS")]
    pub stats: bool,
}

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
}

impl Service {
    /// Starts logs, signals and, if asked for, the figures on standard output.
    ///
    /// # Errors
    /// If signals can't be listened to.
    pub fn start(name: &'static str, options: &Options) -> anyhow::Result<Self> {
        logs::init();
        let member = options.member.clone().unwrap_or_else(|| format!("{name}-{}", std::process::id()));
        let service = Self { name, member, stop: signals::stop_on_signals()?, stats: Stats::default() };
        if options.stats {
            let (stats, member) = (service.stats.clone(), service.member.clone());
            tokio::spawn(async move {
                let mut interval = tokio::time::interval(STATS_INTERVAL);
                loop {
                    interval.tick().await;
                    stats.write_line(&member);
                }
            });
        }
        Ok(service)
    }

    /// Writes the last figures; call when the service has ended.
    pub fn finish(&self, options: &Options) {
        if options.stats {
            self.stats.write_line(&self.member);
        }
    }
}
