//! Clients that hand over one report after the other, each when the one before is answered; so many at a time.

use std::sync::{Arc, Mutex};

use clap::Args;
use events::driver_locations::LocationReport;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::recipient::{Recipient, RecipientOptions, numbered_reports};
use crate::cpu::{Measured, Sample, Servers};
use crate::waits::{WaitTimes, Waits};

/// How many reports, and to whom.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    recipient: RecipientOptions,
    #[arg(long)]
    records: u64,
    /// Reports that are sent before and do not count.
    #[arg(long, default_value_t = 0)]
    warm_up: u64,
    #[arg(long, default_value = "")]
    servers: Servers,
}

/// What it came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) measured: Measured,
    pub(crate) waits: Waits,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<Sent> {
    let clients =
        Clients { recipient: Recipient::open(&options.recipient).await?, count: options.recipient.in_flight };
    let mut reports = numbered_reports();
    let mut next = |count: u64| anyhow::Ok(reports.by_ref().take(usize::try_from(count)?).collect());
    clients.send(next(options.warm_up)?).await?;
    let records = next(options.records)?;
    let before = Sample::of_self(&options.servers)?;
    let waits = clients.send(records).await?;
    let measured = Sample::of_self(&options.servers)?.since(&before, options.records);
    Ok(Sent { measured, waits: waits.sum_up() })
}

struct Clients {
    recipient: Recipient,
    count: u32,
}

impl Clients {
    /// Sends all reports; the first that is refused ends it.
    async fn send(&self, reports: Vec<(i64, LocationReport)>) -> anyhow::Result<WaitTimes> {
        let reports = Arc::new(Mutex::new(reports.into_iter()));
        let mut clients = JoinSet::new();
        for _ in 0..self.count {
            let (recipient, reports) = (self.recipient.clone(), Arc::clone(&reports));
            clients.spawn(async move {
                let mut waits = WaitTimes::default();
                loop {
                    let next = reports.lock().expect("nobody panics while holding it").next();
                    let Some((number, report)) = next else { return anyhow::Ok(waits) };
                    let began = Instant::now();
                    recipient.take(number, &report).await?;
                    waits.add(began.elapsed());
                }
            });
        }
        let mut all = WaitTimes::default();
        while let Some(client) = clients.join_next().await {
            all.add_all(&client??);
        }
        Ok(all)
    }
}
