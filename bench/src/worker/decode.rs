//! What a group that only reads reports cannot do without, in one loop: take, decode, commit.

use std::hint::black_box;
use std::time::Duration;

use clap::Args;
use events::driver_locations::LocationReport;
use rdkafka::Message;

use super::bare_reader::BareReader;
use crate::clients::BATCH;
use crate::cpu::Servers;

/// How long the services eta and zones collect a batch.
const LINGER: Duration = Duration::from_millis(100);

/// As which group.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    kafka: kafka::Settings,
    #[arg(long)]
    group: String,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let mut reader = BareReader::join(&options.kafka, &options.group, Servers::default())?;
    loop {
        reader
            .read(BATCH, LINGER, |message| {
                let report: LocationReport = serde_json::from_slice(message.payload().unwrap_or_default())?;
                black_box(report);
                Ok(())
            })
            .await?;
        reader.commit()?;
    }
}
