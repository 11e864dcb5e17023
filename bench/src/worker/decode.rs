//! What a group that only reads reports cannot do without, in one loop: take, decode, commit.

use std::hint::black_box;

use clap::{Args, ValueEnum};
use events::driver_locations::LocationReport;
use rdkafka::Message;

use super::bare_reader::BareReader;
use crate::batches::Batches;
use crate::cpu::Servers;
use crate::ground::TOPIC;

/// In place of which service.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    kafka: kafka::Settings,
    #[arg(value_enum)]
    like: Like,
}

/// The service that a loop stands beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Like {
    Eta,
    Zones,
}

impl Like {
    pub(crate) const ALL: [Self; 2] = [Self::Eta, Self::Zones];

    pub(crate) fn group(self) -> &'static str {
        match self {
            Self::Eta => "bench-eta",
            Self::Zones => "bench-zones",
        }
    }

    /// As the worker is told it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Eta => "eta",
            Self::Zones => "zones",
        }
    }

    fn batches(self) -> Batches {
        match self {
            Self::Eta => Batches::ETA,
            Self::Zones => Batches::ZONES,
        }
    }
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let Options { kafka, like } = options;
    let mut reader = BareReader::join(kafka, like.group(), &[TOPIC], like.batches(), Servers::default())?;
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
