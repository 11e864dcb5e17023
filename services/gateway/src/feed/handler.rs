//! Decodes records and checks what their contracts promise; decides nothing.

use domain::CityClock;
use events::service_figures::ServiceFigures;
use events::{Contract, Moment};
use pipeline::{Handler, Outcome, Record, Reject};

use crate::view::{MemberFigures, News};

use super::tables::Tables;

/// The handler of the gateway.
#[derive(Debug)]
pub struct FeedHandler<F> {
    clock: CityClock,
    tables: Tables,
    tables_are_read: F,
    said_so: bool,
}

impl<F: FnMut() -> bool + Send> FeedHandler<F> {
    /// A handler that has read nothing; `tables_are_read` tells whether all of the tables was handed to it.
    #[must_use]
    pub fn new(clock: CityClock, tables_are_read: F) -> Self {
        Self { clock, tables: Tables::default(), tables_are_read, said_so: false }
    }

    fn news(&self, record: &Record<'_>) -> Result<News, Reject> {
        let moment = events::moment(&self.clock, record.timestamp_ms);
        let (partition, offset, timestamp_ms) = (record.partition, record.offset, record.timestamp_ms);
        let topic = record.topic;
        if topic == events::driver_locations::TOPIC.name {
            Ok(News::Report { report: decode(record, moment)?, timestamp_ms })
        } else if topic == events::trip_events::TOPIC.name {
            let event = Box::new(decode(record, moment)?);
            Ok(News::Fact { event, partition, offset, timestamp_ms })
        } else if topic == events::eta_updates::TOPIC.name {
            Ok(News::Eta(Box::new(decode(record, moment)?)))
        } else if topic == events::fares::TOPIC.name {
            Ok(News::Fare(Box::new(decode(record, moment)?)))
        } else if topic == events::service_figures::TOPIC.name {
            let figures: ServiceFigures = decode(record, None)?;
            Ok(News::Figures(Box::new(MemberFigures::of(&figures, timestamp_ms))))
        } else {
            Err(Reject::new("unknown_topic", format!("{topic} is not read by the gateway")))
        }
    }
}

impl<F: FnMut() -> bool + Send> Handler for FeedHandler<F> {
    type Effect = News;

    fn observe(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        self.tables.take(record)
    }

    fn handle(&mut self, record: &Record<'_>, effects: &mut Vec<News>) -> Result<Outcome, Reject> {
        match self.news(record) {
            Ok(news) => {
                effects.push(news);
                Ok(Outcome::Done)
            }
            // Skipped, not rejected: bad records are told and kept by the services that decide. A view that stopped
            // because there are many of them would only add to the trouble.
            Err(reject) => {
                let Record { topic, partition, offset, .. } = *record;
                let (reason, detail) = (reject.code, reject.detail);
                tracing::debug!(topic, partition, offset, reason, detail, "record passed over");
                Ok(Outcome::Skipped(reason))
            }
        }
    }

    fn tick(&mut self, _now_ms: i64, effects: &mut Vec<News>) {
        self.tables.drain(effects);
        if !self.said_so && (self.tables_are_read)() {
            self.said_so = true;
            effects.push(News::TablesAreRead);
        }
    }
}

pub(super) fn decode<T: Contract>(record: &Record<'_>, moment: Moment) -> Result<T, Reject> {
    events::decode(record.key, record.payload, moment)
        .map_err(|invalid| Reject::new(invalid.code, invalid.detail))
}

#[cfg(test)]
mod tests;
