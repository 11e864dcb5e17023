//! Both stages as one handler: reports in, observations out; observations and requests in, zones out.

use std::collections::BTreeMap;

use domain::{CityClock, CityMs, RealMs};
use events::driver_locations::LocationReport;
use events::ride_requests::{RideRequest, Wish};
use events::zone_observations::ZoneObservation;
use events::{Contract, OutRecord};
use pipeline::{Handler, Outcome, Record, Reject};

use crate::Pace;
use crate::driver_table::DriverTable;
use crate::neighbourhood::Neighbourhood;
use crate::observer::Observer;
use crate::zone_book::ZoneBook;

/// The handler of the `zones` service.
#[derive(Debug)]
pub struct ZonesHandler {
    clock: CityClock,
    pace: Pace,
    partitions: BTreeMap<i32, Partition>,
    neighbourhood: Neighbourhood,
    emitted_ms: i64,
    evaluated_ms: Option<i64>,
}

/// What one partition number stands for: a partition of drivers (stage one) and one of zones (stage two).
#[derive(Debug)]
struct Partition {
    table: DriverTable,
    observer: Observer,
    book: ZoneBook,
}

impl Partition {
    fn new(pace: &Pace) -> Self {
        Self { table: DriverTable::default(), observer: Observer::new(pace), book: ZoneBook::default() }
    }

    fn report(&mut self, record: &Record<'_>, moment: CityMs) -> Result<Outcome, Reject> {
        let report: LocationReport = decode(record, moment)?;
        Ok(self.observer.see(&report, moment))
    }

    fn driver(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        if let Some((driver, is_idle)) = self.table.read(record)? {
            self.observer.set_idle(driver, is_idle);
        }
        Ok(())
    }

    fn request(&mut self, record: &Record<'_>, moment: CityMs, pace: &Pace) -> Result<Outcome, Reject> {
        let request: RideRequest = decode(record, moment)?;
        match request.wish {
            Wish::Ride { .. } => Ok(self.book.request(request.trip, request.at, moment, pace)),
            Wish::Cancel { .. } => Ok(Outcome::Done),
        }
    }

    fn observation(&mut self, record: &Record<'_>, moment: CityMs, pace: &Pace) -> Result<Outcome, Reject> {
        let observation: ZoneObservation = decode(record, moment)?;
        Ok(self.book.observe(&observation, moment, pace))
    }
}

impl ZonesHandler {
    /// A handler without partitions, evaluating every so many milliseconds of real time.
    #[must_use]
    pub fn new(clock: CityClock, evaluate_every_ms: i64) -> Self {
        Self {
            clock,
            pace: Pace::new(&clock, evaluate_every_ms),
            partitions: BTreeMap::new(),
            neighbourhood: Neighbourhood::default(),
            emitted_ms: 0,
            evaluated_ms: None,
        }
    }

    fn partition(&mut self, number: i32) -> &mut Partition {
        let pace = &self.pace;
        self.partitions.entry(number).or_insert_with(|| Partition::new(pace))
    }

    fn emit(&mut self, now: CityMs, out: &mut Vec<OutRecord>) {
        for (number, partition) in &mut self.partitions {
            partition.observer.emit(*number, now, out);
        }
    }

    fn evaluate(&mut self, now: CityMs, out: &mut Vec<OutRecord>) {
        for (number, partition) in &mut self.partitions {
            partition.book.adopt(self.neighbourhood.of_partition(*number), now);
            partition.book.evaluate(now, &self.pace, &self.neighbourhood, out);
        }
    }
}

impl Handler for ZonesHandler {
    type Effect = OutRecord;

    fn assigned(&mut self, partition: i32) {
        self.partitions.insert(partition, Partition::new(&self.pace));
    }

    fn tables(&self) -> Vec<(&'static str, usize)> {
        vec![("zones", self.neighbourhood.len())]
    }

    fn revoked(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }

    fn observe(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        if record.topic == events::zones::TOPIC.name {
            self.neighbourhood.take(record)
        } else if record.topic == events::drivers::TOPIC.name {
            self.partition(record.partition).driver(record)
        } else {
            Err(unknown_topic(record))
        }
    }

    fn handle(&mut self, record: &Record<'_>, _effects: &mut Vec<OutRecord>) -> Result<Outcome, Reject> {
        let moment = self.clock.city_at(RealMs(record.timestamp_ms));
        let pace = self.pace;
        let partition = self.partition(record.partition);
        if record.topic == events::driver_locations::TOPIC.name {
            partition.report(record, moment)
        } else if record.topic == events::ride_requests::TOPIC.name {
            partition.request(record, moment, &pace)
        } else if record.topic == events::zone_observations::TOPIC.name {
            partition.observation(record, moment, &pace)
        } else if record.topic == events::drivers::TOPIC.name {
            partition.driver(record).map(|()| Outcome::Done)
        } else {
            Err(unknown_topic(record))
        }
    }

    fn tick(&mut self, now_ms: i64, effects: &mut Vec<OutRecord>) {
        let now = self.clock.city_at(RealMs(now_ms));
        for partition in self.partitions.values_mut() {
            partition.book.warm_up(now, &self.pace);
        }
        if now_ms - self.emitted_ms >= self.pace.emit_every_real_ms {
            self.emitted_ms = now_ms;
            self.emit(now, effects);
        }
        let evaluated_ms = *self.evaluated_ms.get_or_insert(now_ms);
        if now_ms - evaluated_ms >= self.pace.evaluate_every_real_ms {
            self.evaluated_ms = Some(now_ms);
            self.evaluate(now, effects);
        }
    }
}

fn decode<T: Contract>(record: &Record<'_>, moment: CityMs) -> Result<T, Reject> {
    events::decode(record.key, record.payload, Some(moment))
        .map_err(|invalid| Reject::new(invalid.code, invalid.detail))
}

fn unknown_topic(record: &Record<'_>) -> Reject {
    Reject::new("unknown_topic", format!("topic {} is not read by zones", record.topic))
}

#[cfg(test)]
mod tests;
