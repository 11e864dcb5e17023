//! What a group that only reads reports cannot do without, in one loop: take, decode, commit.

use std::hint::black_box;

use clap::{Args, ValueEnum};
use events::driver_locations::LocationReport;
use rdkafka::Message;

use super::bare_reader::BareReader;
use crate::batches::Batches;
use crate::cpu::Servers;
use crate::ground::TOPIC;

/// As which group.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    kafka: kafka::Settings,
    #[arg(long)]
    group: String,
    /// The service that has batches of this size.
    #[arg(long, value_enum, default_value_t = Like::Zones)]
    like: Like,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Like {
    Eta,
    Fare,
    Zones,
}

impl Like {
    fn batches(self) -> Batches {
        match self {
            Self::Eta => Batches::ETA,
            Self::Fare => Batches::FARE,
            Self::Zones => Batches::ZONES,
        }
    }
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let mut reader =
        BareReader::join(&options.kafka, &options.group, TOPIC, options.like.batches(), Servers::default())?;
    loop {
        reader
            .read(|message| {
                let report: LocationReport = serde_json::from_slice(message.payload().unwrap_or_default())?;
                black_box(report);
                Ok(())
            })
            .await?;
        reader.commit()?;
    }
}
