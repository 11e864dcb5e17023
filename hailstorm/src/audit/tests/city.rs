//! A small city in memory: what its topics and stores hold, to be tampered with.

use std::collections::BTreeMap;

use archive::{Collection, DocumentId, StoredDocument};
use domain::driver::{Assignment, Driver, DriverStatus};
use domain::tariff::{FareBreakdown, SurgeMultiplier, Tariff};
use domain::trip::{CancelledBy, Trip, TripFact, TripStatus};
use domain::{CityClock, CityMs, Currency, DriverId, LatLng, Money, RealMs, RiderId, TripId, Zone};
use events::driver_locations::LocationReport;
use events::fares::{FareEvent, FareKind};
use events::ride_requests::{CancelReason, RideRequest, Wish};
use events::trip_events::TripEvent;
use events::{Contract, Family};
use live::LiveDriver;
use pipeline::fakes::OwnedRecord;

use crate::audit::{AcknowledgedIds, AuditReport, Cut, Ledger, Recount};

/// When the city begins, real and city time.
pub(super) const T0: i64 = 1_700_000_000_000;
/// The audit comes this long after the beginning.
pub(super) const AUDIT_MS: i64 = T0 + 100_000;
pub(super) const BY_DRIVER: i32 = 3;
pub(super) const BY_ZONE: i32 = 5;
pub(super) const PICKUP: LatLng = LatLng { lat: 37.774_929, lon: -122.419_416 };
pub(super) const DROPOFF: LatLng = LatLng { lat: 37.791, lon: -122.401 };
pub(super) const RIDER: RiderId = RiderId(17);

/// A record with its document.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) record: OwnedRecord,
    pub(super) document: Option<StoredDocument>,
}

/// What topics and stores hold.
#[derive(Clone, Debug)]
pub(super) struct City {
    pub(super) entries: Vec<Entry>,
    pub(super) live: Vec<LiveDriver>,
    pub(super) letters: Vec<(&'static str, i32, i64, &'static str)>,
    pub(super) stray_documents: Vec<(&'static str, i32, i64)>,
    pub(super) low: BTreeMap<(&'static str, i32), i64>,
    pub(super) ledger: Ledger,
    pub(super) ids: Vec<loadgen::ledger::Entry>,
    pub(super) clock: CityClock,
    pub(super) closed: bool,
    pub(super) audit_ms: i64,
}

pub(super) fn trip(number: u128) -> TripId {
    TripId { zone: Zone::of(PICKUP), uuid: uuid::Uuid::from_u128(number) }
}

pub(super) fn surge() -> SurgeMultiplier {
    SurgeMultiplier::try_from(120).unwrap()
}

pub(super) fn partition_of(topic: &events::Topic) -> i32 {
    match topic.family {
        Family::Driver => BY_DRIVER,
        Family::Zone => BY_ZONE,
    }
}

impl City {
    /// A closed city without records.
    pub(super) fn empty() -> Self {
        Self {
            entries: Vec::new(),
            live: Vec::new(),
            letters: Vec::new(),
            stray_documents: Vec::new(),
            low: BTreeMap::new(),
            ledger: Ledger::default(),
            ids: Vec::new(),
            clock: CityClock::REAL,
            closed: true,
            audit_ms: AUDIT_MS,
        }
    }

    /// A closed city in which all is well: trip 1 was completed by driver 1 after driver 2 had declined, trip 2 was
    /// cancelled by its rider, trip 3 found nobody.
    pub(super) fn clean() -> Self {
        let mut city = Self::empty();
        city.completed_trip();
        city.request(trip(2), 1_000);
        city.requested(trip(2), 1_001);
        let cancel = Wish::Cancel { reason: CancelReason::ChangedMind };
        city.write(&RideRequest { trip: trip(2), rider: RIDER, at: at(2_000), wish: cancel }, 2_000);
        let by_rider = TripFact::TripCancelled {
            by: CancelledBy::Rider,
            reason: "changed_mind".to_owned(),
            driver: None,
        };
        city.event(trip(2), 2_001, by_rider);
        city.request(trip(3), 1_000);
        city.requested(trip(3), 1_001);
        city.event(trip(3), 60_000, TripFact::TripUnfulfilled { reason: "no_driver".to_owned() });
        city.trip_row(trip(1), TripStatus::Completed { driver: DriverId(1) }, 40_000);
        city.trip_row(trip(2), TripStatus::Cancelled, 2_001);
        city.trip_row(trip(3), TripStatus::Unfulfilled, 60_000);
        for driver in [1, 2] {
            city.reports(driver, 90_000);
            city.driver_row(driver, DriverStatus::Idle, None, 41_000);
        }
        city
    }

    fn completed_trip(&mut self) {
        let (trip, driver, other) = (trip(1), DriverId(1), DriverId(2));
        self.request(trip, 0);
        self.requested(trip, 1);
        self.offer(trip, 2, 1, 100);
        self.event(trip, 5_000, TripFact::OfferDeclined { driver: other, attempt: 1 });
        self.offer(trip, 1, 2, 5_100);
        self.event(trip, 6_000, TripFact::TripMatched { driver, attempt: 2 });
        self.event(trip, 9_000, TripFact::DriverArrived { driver });
        self.event(trip, 10_000, TripFact::TripStarted { driver });
        let (distance_m, duration_s, surge) = (4210, 30, surge());
        self.event(trip, 40_000, TripFact::TripCompleted { driver, distance_m, duration_s, surge });
        let fare = self.fare(trip);
        self.write(&fare, 40_100);
    }

    /// The right fare of the completed trip: 2.50 + 4.63 + 0.15, times 1.2.
    pub(super) fn fare(&self, trip: TripId) -> FareEvent {
        let total = Money { minor: 874, currency: Currency::USD };
        FareEvent {
            trip,
            at: at(40_000),
            driver: DriverId(1),
            distance_m: 4210,
            duration_s: 30,
            surge: surge(),
            breakdown: FareBreakdown { base_minor: 250, distance_minor: 463, time_minor: 15, total },
            kind: FareKind::FareCalculated { rider: RIDER, tariff: Tariff::default() },
        }
    }

    pub(super) fn request(&mut self, trip: TripId, after_ms: i64) {
        let wish = Wish::Ride { pickup: PICKUP, dropoff: DROPOFF };
        self.write(&RideRequest { trip, rider: RIDER, at: at(after_ms), wish }, after_ms);
    }

    pub(super) fn requested(&mut self, trip: TripId, after_ms: i64) {
        self.event(
            trip,
            after_ms,
            TripFact::TripRequested { pickup: PICKUP, dropoff: DROPOFF, surge: surge() },
        );
    }

    pub(super) fn offer(&mut self, trip: TripId, driver: u64, attempt: u32, after_ms: i64) {
        let (driver, expires_at) = (DriverId(driver), RealMs(T0 + after_ms + 15_000));
        self.event(
            trip,
            after_ms,
            TripFact::OfferMade { driver, attempt, pickup: PICKUP, dropoff: DROPOFF, expires_at },
        );
    }

    pub(super) fn event(&mut self, trip: TripId, after_ms: i64, fact: TripFact) {
        self.write(&TripEvent { trip, rider: RIDER, at: at(after_ms), fact }, after_ms);
    }

    pub(super) fn trip_row(&mut self, trip: TripId, status: TripStatus, after_ms: i64) {
        let row = Trip {
            id: trip,
            rider: RIDER,
            pickup: PICKUP,
            dropoff: DROPOFF,
            surge: surge(),
            requested_at: at(0),
            status,
            attempt: 2,
            excluded: Vec::new(),
            search_until: RealMs(T0),
            deadline: RealMs(T0),
        };
        self.write(&row, after_ms);
    }

    pub(super) fn driver_row(
        &mut self,
        driver: u64,
        status: DriverStatus,
        held_for: Option<TripId>,
        after_ms: i64,
    ) {
        let assignment = held_for.map(|trip| Assignment {
            trip,
            attempt: 1,
            pickup: PICKUP,
            dropoff: DROPOFF,
            surge: surge(),
            started_at: None,
        });
        let row = Driver { id: DriverId(driver), status, since: at(after_ms), assignment, leaving: false };
        self.write(&row, after_ms);
    }

    /// Reports every 5 s until then, the last of which Redis shows.
    fn reports(&mut self, driver: u64, until_ms: i64) {
        for after_ms in (0..=until_ms).step_by(5_000) {
            self.report(driver, position(after_ms), after_ms, after_ms);
        }
        let position = Some(position(until_ms));
        self.live.push(LiveDriver {
            driver: DriverId(driver),
            position,
            seen_ms: Some(T0 + until_ms),
            idle: position,
        });
    }

    pub(super) fn report(&mut self, driver: u64, position: LatLng, at_ms: i64, written_ms: i64) {
        let LatLng { lat, lon } = position.rounded();
        let driver = DriverId(driver);
        let report = LocationReport {
            driver,
            at: at(at_ms),
            lat,
            lon,
            heading: 90,
            speed: 8.3,
            trip: None,
            odometer_m: None,
        };
        self.write(&report, written_ms);
    }

    /// Writes a payload to its topic, and its document to MongoDB.
    pub(super) fn write<T: Contract>(&mut self, payload: &T, after_ms: i64) {
        let record = payload.to_record();
        let fields = serde_json::to_value(payload).unwrap().as_object().unwrap().clone();
        self.write_raw(T::TOPIC, &payload.key(), record.payload, after_ms);
        let entry = self.entries.last_mut().unwrap();
        let id = DocumentId::new(entry.record.partition, entry.record.offset).unwrap();
        let document = StoredDocument { id, timestamp_ms: entry.record.timestamp_ms, fields };
        entry.document = Collection::of_topic(T::TOPIC.name).map(|_| document);
    }

    /// Writes anything to a topic; there is no document of it.
    pub(super) fn write_raw(
        &mut self,
        topic: &events::Topic,
        key: &str,
        payload: Option<Vec<u8>>,
        after_ms: i64,
    ) {
        let partition = partition_of(topic);
        let written = self.entries.iter().filter(|entry| entry.record.topic == topic.name);
        let offset = written.map(|entry| entry.record.offset + 1).max().unwrap_or(0);
        let record = OwnedRecord {
            topic: topic.name.to_owned(),
            partition,
            offset,
            timestamp_ms: T0 + after_ms,
            key: Some(key.into()),
            payload,
            traceparent: None,
        };
        self.entries.push(Entry { record, document: None });
    }

    /// The entries of a topic.
    pub(super) fn of(&mut self, topic: &events::Topic) -> Vec<&mut Entry> {
        self.entries.iter_mut().filter(|entry| entry.record.topic == topic.name).collect()
    }

    /// Takes away the last records of a topic, with their documents.
    pub(super) fn forget_last(&mut self, topic: &events::Topic, count: usize) {
        for _ in 0..count {
            let last = self.entries.iter().rposition(|entry| entry.record.topic == topic.name).unwrap();
            self.entries.remove(last);
        }
    }

    /// Recounts the city.
    pub(super) fn audit(&self) -> AuditReport {
        let mut recount = Recount::new(self.clock, Cut::new(self.audit_ms, self.closed));
        recount.ledger(&self.ledger);
        recount.acknowledged_ids(AcknowledgedIds::of(&self.ids));
        recount.live(&self.live);
        for topic in events::ALL {
            let partition = partition_of(topic);
            let of_topic = || self.entries.iter().filter(|entry| entry.record.topic == topic.name);
            let high = of_topic().map(|entry| entry.record.offset + 1).max().unwrap_or(0);
            let low = self.low.get(&(topic.name, partition)).copied().unwrap_or(0);
            recount.watermarks(topic.name, partition, low, high);
            for entry in of_topic().filter(|entry| entry.record.offset >= low) {
                let record = entry.record.borrow();
                recount.record(&record);
                if let Some(document) = entry.document.as_ref().filter(|_| recount.wants(&record)) {
                    recount.compare(&record, document);
                }
            }
        }
        for (topic, partition, offset, service) in &self.letters {
            recount.dead_letter((topic, *partition, *offset), service);
        }
        let documents = self.entries.iter().filter(|entry| entry.document.is_some());
        let places =
            documents.map(|entry| (entry.record.topic.as_str(), entry.record.partition, entry.record.offset));
        let mut places: Vec<(&str, i32, i64)> = places.chain(self.stray_documents.iter().copied()).collect();
        places.sort_unstable();
        places.into_iter().for_each(|(topic, partition, offset)| recount.document(topic, partition, offset));
        recount.finish()
    }
}

fn at(after_ms: i64) -> CityMs {
    CityMs(T0 + after_ms)
}

/// Where every driver is at a time: 20 m further north every report.
pub(super) fn position(after_ms: i64) -> LatLng {
    let steps = f64::from(i32::try_from(after_ms / 5_000).unwrap());
    PICKUP.offset_m(20.0 * steps, 0.0).rounded()
}
