//! Completed trips in, final fares out; reports with an odometer in, readings of the meter out.

use std::collections::BTreeMap;

use domain::tariff::Tariff;
use domain::trip::TripFact;
use domain::{CityClock, CityMs, RealMs};
use events::driver_locations::LocationReport;
use events::fares::{FareEvent, FareKind};
use events::trip_events::TripEvent;
use events::{Contract, OutRecord};
use pipeline::{Handler, Outcome, Record, Reject};
use traces::TraceParent;

use crate::meters::Meters;

/// The handler of the `fare` service.
#[derive(Debug)]
pub struct FareHandler {
    clock: CityClock,
    tariff: Tariff,
    partitions: BTreeMap<i32, Meters>,
}

impl FareHandler {
    /// A handler without partitions that charges by these rates.
    #[must_use]
    pub fn new(clock: CityClock, tariff: Tariff) -> Self {
        Self { clock, tariff, partitions: BTreeMap::new() }
    }

    fn decode<T: Contract>(&self, record: &Record<'_>) -> Result<T, Reject> {
        let moment = self.clock.city_at(RealMs(record.timestamp_ms));
        events::decode(record.key, record.payload, Some(moment))
            .map_err(|invalid| Reject::new(invalid.code, invalid.detail))
    }

    fn trip_event(&self, record: &Record<'_>, effects: &mut Vec<OutRecord>) -> Result<Outcome, Reject> {
        let event: TripEvent = self.decode(record)?;
        let Some(fare) = final_fare(&event, self.tariff) else { return Ok(Outcome::Skipped("not_final")) };
        tracing::debug!(trip = %fare.trip, total_minor = fare.breakdown.total.minor, "fare calculated");
        effects.push(fare.to_record());
        Ok(Outcome::Done)
    }

    fn report(&mut self, record: &Record<'_>, effects: &mut Vec<OutRecord>) -> Result<Outcome, Reject> {
        let report: LocationReport = self.decode(record)?;
        let (Some(trip), Some(distance_m)) = (report.trip, report.odometer_m) else {
            return Ok(Outcome::Done);
        };
        let meters = self.partitions.entry(record.partition).or_default();
        let running = meters.running(report.driver).filter(|meter| meter.assignment.trip == trip);
        let Some(meter) = running else { return Ok(Outcome::Skipped("meter_not_running")) };
        if meter.read(report.at, RealMs(record.timestamp_ms)) {
            let (duration_s, surge) = (seconds(meter.started_at, report.at), meter.assignment.surge);
            let reading = FareEvent {
                trip,
                at: report.at,
                driver: report.driver,
                distance_m,
                duration_s,
                surge,
                breakdown: self.tariff.fare(distance_m, duration_s, surge),
                kind: FareKind::MeterRead,
            };
            effects.push(reading.to_record());
        }
        Ok(Outcome::Done)
    }
}

impl Handler for FareHandler {
    type Effect = OutRecord;

    fn assigned(&mut self, partition: i32) {
        self.partitions.insert(partition, Meters::default());
    }

    fn trace(effect: &mut OutRecord, span: TraceParent) {
        effect.traceparent = Some(span);
    }

    fn tables(&self) -> Vec<(&'static str, usize)> {
        vec![("meters", self.partitions.values().map(Meters::len).sum())]
    }

    fn revoked(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }

    fn observe(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        if record.topic == events::drivers::TOPIC.name {
            self.partitions.entry(record.partition).or_default().take(record)
        } else {
            Err(unknown_topic(record))
        }
    }

    fn handle(&mut self, record: &Record<'_>, effects: &mut Vec<OutRecord>) -> Result<Outcome, Reject> {
        if record.topic == events::driver_locations::TOPIC.name {
            self.report(record, effects)
        } else if record.topic == events::drivers::TOPIC.name {
            self.observe(record).map(|()| Outcome::Done)
        } else if record.topic == events::trip_events::TOPIC.name {
            self.trip_event(record, effects)
        } else {
            Err(unknown_topic(record))
        }
    }
}

/// The fare of a completed trip, from its event alone: whoever computes it again gets the same.
fn final_fare(event: &TripEvent, tariff: Tariff) -> Option<FareEvent> {
    let TripFact::TripCompleted { driver, distance_m, duration_s, surge } = event.fact else { return None };
    Some(FareEvent {
        trip: event.trip,
        at: event.at,
        driver,
        distance_m,
        duration_s,
        surge,
        breakdown: tariff.fare(distance_m, duration_s, surge),
        kind: FareKind::FareCalculated { rider: event.rider, tariff },
    })
}

fn seconds(from: CityMs, to: CityMs) -> u32 {
    u32::try_from(to.since(from).max(0) / 1000).unwrap_or(u32::MAX)
}

fn unknown_topic(record: &Record<'_>) -> Reject {
    Reject::new("unknown_topic", format!("topic {} is not read by fare", record.topic))
}

#[cfg(test)]
mod tests;
