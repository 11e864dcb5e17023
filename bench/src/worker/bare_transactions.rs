//! What the exactly-once services make the broker do, in one loop: a batch of records, what is written for them, and
//! their offsets, in a transaction each.

use clap::Args;
use kafka::Settings;
use rdkafka::Message;

use super::bare_reader::BareReader;
use super::bare_writer::BareWriter;
use super::written::Like;
use crate::cpu::Servers;

/// In place of which service.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    kafka: Settings,
    #[arg(value_enum)]
    like: Like,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let (settings, like) = (&options.kafka, options.like);
    let mut reader =
        BareReader::join(settings, like.group(), &[like.topic()], like.batches(), Servers::default())?;
    let mut writer = BareWriter::start(settings, like.group())?;
    let mut written = Vec::new();
    loop {
        written.clear();
        let taken = reader.read(|message| {
            let (payload, sent_ms) = (message.payload().unwrap_or_default(), message.timestamp().to_millis());
            like.follow(payload, sent_ms.unwrap_or_default(), &mut written)
        });
        if taken.await? > 0 {
            writer.transact(&written, &mut reader).await?;
        }
    }
}
