//! From requests, replies, actions and time to facts, commands and snapshots.

use std::collections::BTreeMap;

use domain::trip::{self, Input, Now, Patience, Request, Trip};
use domain::{CityClock, CityMs, Ignored, RealMs, TripId};
use events::contract::{MAX_AGE_MS, MAX_AHEAD_MS};
use events::driver_actions::DriverAction;
use events::driver_commands::DriverCommandRecord;
use events::reservation_replies::ReservationReplyRecord;
use events::ride_requests::{CancelReason, RideRequest, Wish};
use events::{Contract, Moment, OutRecord, origin};
use pipeline::{Handler, Outcome, Record, Reject};
use traces::TraceParent;

use crate::carry_out::carry_out;
use crate::partition::Partition;
use crate::surge_board::SurgeBoard;

const REQUESTS: &str = events::ride_requests::TOPIC.name;
const ACTIONS: &str = events::driver_actions::TOPIC.name;
const REPLIES: &str = events::reservation_replies::TOPIC.name;
const TRIPS: &str = events::trips::TOPIC.name;
const ZONES: &str = events::zones::TOPIC.name;

/// Most time-outs in one transaction, so that a long absence can't make one that never ends.
const MAX_TIME_OUTS: usize = 2_000;

/// A record written by a clock that is ahead moves a deadline by this much at most.
const MAX_CLOCK_SKEW_MS: i64 = 60_000;

/// Decides for all trips of the assigned partitions.
#[derive(Debug)]
pub struct TripsHandler {
    clock: CityClock,
    patience: Patience,
    now: RealMs,
    surges: SurgeBoard,
    partitions: BTreeMap<i32, Partition>,
}

impl TripsHandler {
    /// A handler without partitions, at a moment of real time.
    #[must_use]
    pub fn new(clock: CityClock, patience: Patience, now: RealMs) -> Self {
        Self { clock, patience, now, surges: SurgeBoard::default(), partitions: BTreeMap::new() }
    }

    /// The present as far as it is known: the last tick, or the record if that is later.
    fn now_at(&self, record: &Record<'_>) -> Now {
        let written = RealMs(record.timestamp_ms).min(self.now.plus_ms(MAX_CLOCK_SKEW_MS));
        Now { real: self.now.max(written), clock: self.clock }
    }

    fn partition(&mut self, number: i32) -> &mut Partition {
        self.partitions.get_mut(&number).expect("records come from assigned partitions")
    }

    /// A rider's wish: a new trip, or the end of one.
    fn wish(
        &mut self,
        record: &Record<'_>,
        now: Now,
        effects: &mut Vec<OutRecord>,
    ) -> Result<Outcome, Reject> {
        let RideRequest { trip: id, rider, at, wish } = read(record, kafka::moment(&self.clock, record))?;
        let at = plausible(at, now);
        match wish {
            Wish::Ride { pickup, dropoff } => {
                let surge = self.surges.surge(id.zone, now.city());
                let patience = self.patience;
                let trips = &mut self.partition(record.partition).trips;
                if trips.get(id).is_some() {
                    return Ok(Outcome::Skipped("repeated"));
                }
                let request = Request { id, rider, pickup, dropoff, at };
                carry_out(id, rider, Trip::request(request, surge, now, &patience), trips, effects);
                Ok(Outcome::Done)
            }
            Wish::Cancel { reason } => {
                let input = Input::RiderCancels { rider, reason: code(reason), at };
                Ok(self.happens(record.partition, id, input, now, effects))
            }
        }
    }

    fn action(
        &mut self,
        record: &Record<'_>,
        now: Now,
        effects: &mut Vec<OutRecord>,
    ) -> Result<Outcome, Reject> {
        let action: DriverAction = read(record, kafka::moment(&self.clock, record))?;
        let DriverAction { trip, driver, attempt, at, step } = action;
        let input = Input::DriverActs { driver, attempt, step, at: plausible(at, now) };
        Ok(self.happens(record.partition, trip, input, now, effects))
    }

    fn reply(
        &mut self,
        record: &Record<'_>,
        now: Now,
        effects: &mut Vec<OutRecord>,
    ) -> Result<Outcome, Reject> {
        // Without a check of time: a reply refused for its age would leave a driver reserved for ever.
        let reply: ReservationReplyRecord = read(record, None)?;
        let ReservationReplyRecord { trip, driver, attempt, at, reply } = reply;
        let input = Input::Reply { driver, attempt, reply, at: plausible(at, now) };
        Ok(self.happens(record.partition, trip, input, now, effects))
    }

    /// Something happens to a trip.
    fn happens(
        &mut self,
        partition: i32,
        id: TripId,
        input: Input,
        now: Now,
        effects: &mut Vec<OutRecord>,
    ) -> Outcome {
        let patience = self.patience;
        let trips = &mut self.partition(partition).trips;
        let Some(trip) = trips.get(id) else {
            return match trip::on_unknown(id, input) {
                Ok((driver, command)) => {
                    effects.push(DriverCommandRecord { driver, at: now.city(), command }.to_record());
                    Outcome::Done
                }
                Err(Ignored(reason)) => Outcome::Skipped(reason),
            };
        };
        match trip.on(input, now, &patience) {
            Ok(decision) => {
                carry_out(id, trip.rider, decision, trips, effects);
                Outcome::Done
            }
            Err(Ignored(reason)) => {
                tracing::debug!(trip = %id, reason, "step passed over");
                Outcome::Skipped(reason)
            }
        }
    }
}

impl Handler for TripsHandler {
    type Effect = OutRecord;

    fn assigned(&mut self, partition: i32) {
        self.partitions.insert(partition, Partition::default());
    }

    fn revoked(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }

    fn observe(&mut self, record: &Record<'_>) -> Result<(), Reject> {
        match record.topic {
            TRIPS => self
                .partitions
                .get_mut(&record.partition)
                .map_or(Ok(()), |partition| partition.restore(record)),
            ZONES => self.surges.observe(record),
            _ => Ok(()),
        }
    }

    fn handle(&mut self, record: &Record<'_>, effects: &mut Vec<OutRecord>) -> Result<Outcome, Reject> {
        let now = self.now_at(record);
        let last_tick = self.now;
        self.partition(record.partition).catch_up.saw(RealMs(record.timestamp_ms), last_tick);
        match record.topic {
            REQUESTS => self.wish(record, now, effects),
            ACTIONS => self.action(record, now, effects),
            REPLIES => self.reply(record, now, effects),
            _ => Ok(Outcome::Skipped("foreign_topic")),
        }
    }

    fn trace(effect: &mut OutRecord, span: TraceParent) {
        effect.traceparent = Some(span);
    }

    fn tables(&self) -> Vec<(&'static str, usize)> {
        vec![("trips", self.partitions.values().map(|partition| partition.trips.len()).sum())]
    }

    fn tick(&mut self, now_ms: i64, effects: &mut Vec<OutRecord>) {
        self.now = self.now.max(RealMs(now_ms));
        let now = Now { real: self.now, clock: self.clock };
        let mut left = MAX_TIME_OUTS;
        for partition in self.partitions.values_mut() {
            if !partition.catch_up.is_over(now.real) {
                continue;
            }
            while left > 0
                && let Some(trip) = partition.trips.due(now.real)
            {
                left -= 1;
                let (id, rider, decision) = (trip.id, trip.rider, trip.time_out(now, &self.patience));
                let before = effects.len();
                carry_out(id, rider, decision, &mut partition.trips, effects);
                // Nothing was handled that would have caused it, so it goes back to the request.
                let request = origin::of_trip(id);
                let told = effects[before..].iter_mut().filter(|effect| effect.payload.is_some());
                told.for_each(|effect| effect.traceparent = request);
            }
        }
    }
}

/// The time of an event, kept well within what readers of the facts accept: a record may have waited here, and a
/// fact refused for its age would be lost to them.
fn plausible(at: CityMs, now: Now) -> CityMs {
    let city = now.city();
    at.clamp(city.plus_ms(-MAX_AGE_MS / 2), city.plus_ms(MAX_AHEAD_MS / 2))
}

fn code(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::WaitedTooLong => "waited_too_long",
        CancelReason::ChangedMind => "changed_mind",
        CancelReason::CityClosing => "city_closing",
    }
}

/// Reads a record as its contract says.
pub(crate) fn read<T: Contract>(record: &Record<'_>, moment: Moment) -> Result<T, Reject> {
    events::decode(record.key, record.payload, moment)
        .map_err(|invalid| Reject::new(invalid.code, invalid.detail))
}

#[cfg(test)]
mod tests;
