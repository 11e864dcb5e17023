//! What the groups that serve rides do, each in one loop. What a record means is decided by the service's own handler,
//! else nobody would get a driver; what is bare is everything around it: one member that holds all partitions of topics
//! that were just made, so nothing is restored, refused, tried again or counted.

use std::collections::BTreeSet;

use anyhow::bail;
use clap::{Args, Subcommand};
use domain::RealMs;
use events::{OutRecord, Topic};
use kafka::{RecordSink, Settings, record_of};
use matching::{MatchingHandler, MatchingSink};
use pipeline::{Handler, Record, Sink};
use rdkafka::Message;
use rdkafka::message::BorrowedMessage;
use runtime::{Stats, clock};

use super::bare_reader::BareReader;
use super::bare_writer::BareWriter;
use super::written::Like as Transacting;
use crate::batches::Batches;
use crate::cpu::Servers;

/// In place of which service.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(subcommand)]
    service: Service,
}

/// With the options that it has.
#[derive(Clone, Debug, Subcommand)]
enum Service {
    Trips(trips::Config),
    Drivers(drivers::Config),
    Matching(matching::Config),
}

/// The service that a loop stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Like {
    Trips,
    Drivers,
    Matching,
}

impl Like {
    pub(crate) const ALL: [Self; 3] = [Self::Trips, Self::Drivers, Self::Matching];

    pub(crate) fn group(self) -> &'static str {
        match self {
            Self::Trips => Transacting::Trips.group(),
            Self::Drivers => Transacting::Drivers.group(),
            Self::Matching => "bench-matching",
        }
    }

    /// As the worker is told it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trips => Transacting::Trips.name(),
            Self::Drivers => Transacting::Drivers.name(),
            Self::Matching => "matching",
        }
    }

    /// Where it reads, as the service does.
    pub(crate) fn topics(self) -> Vec<&'static str> {
        let topics: &[&Topic] = match self {
            Self::Trips => &trips::TOPICS,
            Self::Drivers => &drivers::TOPICS,
            Self::Matching => &matching::TOPICS,
        };
        topics.iter().map(|topic| topic.name).collect()
    }

    fn batches(self) -> Batches {
        match self {
            Self::Trips => Transacting::Trips.batches(),
            Self::Drivers => Transacting::Drivers.batches(),
            Self::Matching => Batches::MATCHING,
        }
    }

    fn join(self, settings: &Settings) -> anyhow::Result<BareReader> {
        BareReader::join(settings, self.group(), &self.topics(), self.batches(), Servers::default())
    }
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let now = RealMs(clock::now_ms());
    match options.service {
        Service::Trips(config) => {
            let handler = trips::TripsHandler::new(config.city_clock, config.patience(), now);
            transact(Like::Trips, &config.kafka, handler).await
        }
        Service::Drivers(config) => {
            transact(Like::Drivers, &config.kafka, drivers::DriversHandler::new(config.city_clock, now)).await
        }
        Service::Matching(config) => find_drivers(&config).await,
    }
}

/// Batch by batch: what follows from it and its offsets, in a transaction.
async fn transact(
    like: Like,
    settings: &Settings,
    handler: impl Handler<Effect = OutRecord>,
) -> anyhow::Result<()> {
    let (mut reader, mut writer) = (like.join(settings)?, BareWriter::start(settings, like.group())?);
    let mut decisions = Decisions::of(handler);
    loop {
        let taken = reader.read(|message| decisions.take(settings, message)).await?;
        let records = decisions.draw();
        if taken > 0 || !records.is_empty() {
            writer.transact(&records, &mut reader).await?;
        }
    }
}

/// Batch by batch: what is asked of drivers, then the offsets.
async fn find_drivers(config: &matching::Config) -> anyhow::Result<()> {
    let (settings, like) = (&config.kafka, Like::Matching);
    let mut reader = like.join(settings)?;
    let mut sink = MatchingSink::new(
        live::Reader::new(&config.live, &settings.namespace)?,
        RecordSink::new(settings, like.group())?,
        config.city_clock,
        config.assignment.into(),
        config.candidates,
        &Stats::default(),
    );
    let mut decisions = Decisions::of(MatchingHandler::new(config.window_ms));
    loop {
        reader.read(|message| decisions.take(settings, message)).await?;
        sink.apply(&decisions.draw()).await?;
        reader.commit()?;
    }
}

/// What a handler makes of the records that it is shown.
struct Decisions<H: Handler> {
    handler: H,
    partitions: BTreeSet<i32>,
    effects: Vec<H::Effect>,
}

impl<H: Handler> Decisions<H> {
    fn of(handler: H) -> Self {
        Self { handler, partitions: BTreeSet::new(), effects: Vec::new() }
    }

    fn take(&mut self, settings: &Settings, message: &BorrowedMessage<'_>) -> anyhow::Result<()> {
        self.decide(&record_of(message, settings.base_name(message.topic())))
    }

    fn decide(&mut self, record: &Record<'_>) -> anyhow::Result<()> {
        if self.partitions.insert(record.partition) {
            self.handler.assigned(record.partition);
        }
        if let Err(reject) = self.handler.handle(record, &mut self.effects) {
            bail!("{} {}@{} can't be read: {}", record.topic, record.partition, record.offset, reject.detail);
        }
        Ok(())
    }

    /// Lets time pass, and gives away what has come together.
    fn draw(&mut self) -> Vec<H::Effect> {
        self.handler.tick(clock::now_ms(), &mut self.effects);
        std::mem::take(&mut self.effects)
    }
}

#[cfg(test)]
mod tests {
    use domain::trip::Patience;
    use domain::{CityClock, CityMs};
    use events::{Contract, trip_events, trips as trips_table};
    use pipeline::fakes::OwnedRecord;

    use super::*;
    use crate::inputs;

    #[test]
    fn a_loop_decides_as_the_service_does_and_stops_at_what_it_cannot_read() {
        let now_ms = clock::now_ms();
        let handler = trips::TripsHandler::new(CityClock::REAL, Patience::default(), RealMs(now_ms));
        let mut decisions = Decisions::of(handler);
        let request = inputs::request(7, CityMs(now_ms)).to_record();
        let record = OwnedRecord {
            topic: request.topic.name.to_owned(),
            partition: 3,
            offset: 5,
            timestamp_ms: now_ms,
            key: Some(request.key),
            payload: request.payload,
            traceparent: None,
        };
        decisions.decide(&record.borrow()).unwrap();
        let topics: Vec<_> = decisions.draw().iter().map(|record| record.topic.name).collect();
        assert_eq!(topics, [trip_events::TOPIC.name, trips_table::TOPIC.name]);
        assert!(decisions.draw().is_empty());
        let spoiled = OwnedRecord { payload: Some(b"{".to_vec()), ..record };
        let error = decisions.decide(&spoiled.borrow()).unwrap_err().to_string();
        assert!(error.starts_with("ride-requests 3@5 can't be read"), "{error}");
    }
}
