//! Reports in, estimates out, for drivers on a leg.

use std::collections::BTreeMap;

use domain::eta::{Prediction, Remaining};
use domain::{CityClock, DriverId, RealMs};
use events::driver_locations::LocationReport;
use events::eta_updates::EtaUpdate;
use events::{Contract, OutRecord};
use foldhash::HashMap;
use pipeline::{Handler, Outcome, Record, Reject};
use roads::RoadNetwork;
use runtime::Counter;
use traces::TraceParent;

use crate::assignments::{Assignments, Goal};
use crate::progress::{Followed, Progress};
use crate::traffic::Traffic;

/// The handler of the `eta` service.
#[derive(Debug)]
pub struct EtaHandler {
    clock: CityClock,
    network: RoadNetwork,
    traffic: Traffic,
    partitions: BTreeMap<i32, Partition>,
    figures: Figures,
}

/// What the service counts beyond records.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Legs for which a route was looked for.
    pub legs: Counter,
    /// Routes computed anew since the driver had left them.
    pub rerouted: Counter,
    /// Legs without a road to their destination: a straight line is used.
    pub unroutable: Counter,
}

#[derive(Debug, Default)]
struct Partition {
    assignments: Assignments,
    legs: HashMap<DriverId, Progress>,
}

impl EtaHandler {
    /// A handler without partitions on this road network.
    #[must_use]
    pub fn new(clock: CityClock, network: RoadNetwork, figures: Figures) -> Self {
        let traffic = Traffic::on(&network);
        Self { clock, network, traffic, partitions: BTreeMap::new(), figures }
    }

    fn driver(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        let partition = self.partitions.entry(record.partition).or_default();
        if let Some(driver) = partition.assignments.take(record)? {
            partition.legs.remove(&driver);
        }
        Ok(())
    }

    fn report(&mut self, record: &Record<'_>, effects: &mut Vec<OutRecord>) -> Result<Outcome, Reject> {
        let moment = self.clock.city_at(RealMs(record.timestamp_ms));
        let report: LocationReport = events::decode(record.key, record.payload, Some(moment))
            .map_err(|invalid| Reject::new(invalid.code, invalid.detail))?;
        let partition = self.partitions.entry(record.partition).or_default();
        let Some(goal) = partition.assignments.goal(report.driver) else { return Ok(Outcome::Done) };
        if report.trip.is_some_and(|trip| trip != goal.trip) {
            return Ok(Outcome::Skipped("other_trip"));
        }
        if let Some(leg) = partition.legs.get_mut(&report.driver) {
            match leg.follow(&self.network, report.position(), report.at) {
                Followed::Stale => return Ok(Outcome::Skipped("stale")),
                Followed::OnTheWay => (),
                Followed::Rerouted => self.figures.rerouted.add(1),
            }
        } else {
            let leg = self.figures.begin(goal, &self.network, &report);
            partition.legs.insert(report.driver, leg);
        }
        let leg = partition.legs.get_mut(&report.driver).expect("it was found or inserted above");
        let remaining = leg.remaining(report.position(), &self.traffic);
        if leg.publish(Prediction { at: report.at, time_s: remaining.time_s }) {
            effects.push(update(goal, &report, remaining).to_record());
        }
        Ok(Outcome::Done)
    }
}

impl Figures {
    fn begin(&self, goal: Goal, network: &RoadNetwork, report: &LocationReport) -> Progress {
        let leg = Progress::begin(goal, network, report.position(), report.at);
        self.legs.add(1);
        if !leg.is_routed() {
            self.unroutable.add(1);
            tracing::debug!(trip = %goal.trip, driver = %report.driver, "no road leads there, a straight line is used");
        }
        leg
    }
}

impl Handler for EtaHandler {
    type Effect = OutRecord;

    fn assigned(&mut self, partition: i32) {
        self.partitions.insert(partition, Partition::default());
    }

    fn trace(effect: &mut OutRecord, span: TraceParent) {
        effect.traceparent = Some(span);
    }

    fn tables(&self) -> Vec<(&'static str, usize)> {
        vec![("legs", self.partitions.values().map(|partition| partition.legs.len()).sum())]
    }

    fn revoked(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }

    fn observe(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        if record.topic == events::zones::TOPIC.name {
            self.traffic.take(record)
        } else if record.topic == events::drivers::TOPIC.name {
            self.driver(record)
        } else {
            Err(unknown_topic(record))
        }
    }

    fn handle(&mut self, record: &Record<'_>, effects: &mut Vec<OutRecord>) -> Result<Outcome, Reject> {
        if record.topic == events::driver_locations::TOPIC.name {
            self.report(record, effects)
        } else if record.topic == events::drivers::TOPIC.name {
            self.driver(record).map(|()| Outcome::Done)
        } else {
            Err(unknown_topic(record))
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and is never negative"
)]
fn update(goal: Goal, report: &LocationReport, remaining: Remaining) -> EtaUpdate {
    EtaUpdate {
        trip: goal.trip,
        driver: report.driver,
        at: report.at,
        leg: goal.leg,
        eta_s: remaining.time_s.round() as u32,
        remaining_m: remaining.distance_m.round() as u32,
    }
}

fn unknown_topic(record: &Record<'_>) -> Reject {
    Reject::new("unknown_topic", format!("topic {} is not read by eta", record.topic))
}

#[cfg(test)]
mod tests;
