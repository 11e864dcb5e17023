//! The recount itself: records, documents and positions in, a report out. Reads nothing, so it can be tried on anything.

use std::collections::BTreeMap;

use archive::StoredDocument;
use domain::CityClock;
use kafka::RecordSum;
use live::LiveDriver;
use pipeline::Record;

use super::acknowledged::Held;
use super::acknowledged_ids::AcknowledgedIds;
use super::fare_book::FareBook;
use super::payload::Payload;
use super::positions::Positions;
use super::stored::Stored;
use super::tables::{Tables, is_table};
use super::trip_book::TripBook;
use super::undecodable::Undecodable;
use super::{AuditReport, Cut, FindingKind, Findings, Ledger, Place, content, summary};

/// The service that stores documents, and may find a record that it can't store.
const ARCHIVER: &str = "archiver";

/// The name of the count of reports that ledger files name.
pub(crate) const LEDGER_COUNT: &str = "acknowledged reports by id";

const REPORTS: &str = events::driver_locations::TOPIC.name;
const REQUESTS: &str = events::ride_requests::TOPIC.name;
const EVENTS: &str = events::trip_events::TOPIC.name;
const FARES: &str = events::fares::TOPIC.name;

/// Takes in what topics and stores hold, then judges.
///
/// Order matters in two places: what Redis shows comes before the reports, and watermarks before the records.
#[derive(Debug)]
pub struct Recount {
    clock: CityClock,
    cut: Cut,
    findings: Findings,
    notes: Vec<String>,
    stored: Stored,
    undecodable: Undecodable,
    trips: TripBook,
    fares: FareBook,
    positions: Positions,
    tables: Tables,
    ledger: Ledger,
    ids: AcknowledgedIds,
    /// What the partitions of the reports hold.
    reports: BTreeMap<i32, RecordSum>,
}

impl Recount {
    /// An empty recount.
    #[must_use]
    pub fn new(clock: CityClock, cut: Cut) -> Self {
        Self {
            clock,
            cut,
            findings: Findings::default(),
            notes: Vec::new(),
            stored: Stored::default(),
            undecodable: Undecodable::default(),
            trips: TripBook::default(),
            fares: FareBook::default(),
            positions: Positions::default(),
            tables: Tables::default(),
            ledger: Ledger::default(),
            ids: AcknowledgedIds::default(),
            reports: BTreeMap::new(),
        }
    }

    /// What Redis shows.
    pub fn live(&mut self, drivers: &[LiveDriver]) {
        self.positions.live(drivers);
    }

    /// What producers were told is safe.
    pub fn ledger(&mut self, ledger: &Ledger) {
        self.ledger.merge(ledger);
    }

    /// The reports that producers were told are safe, one by one.
    pub fn acknowledged_ids(&mut self, ids: AcknowledgedIds) {
        self.ids = ids;
    }

    /// From where to where a partition is read.
    pub fn watermarks(&mut self, topic: &str, partition: i32, low: i64, high: i64) {
        if let Some(place) = Place::new(topic, partition, low) {
            self.stored.watermarks(place.topic, partition, low, high);
        }
    }

    /// A record; those of a partition come in order.
    pub fn record(&mut self, record: &Record<'_>) {
        let Some(place) = Place::of(record) else { return };
        self.stored.record(place);
        if place.topic == REPORTS {
            self.reports.entry(place.partition).or_default().add(record.payload.unwrap_or_default());
        }
        if record.payload.is_none() && is_table(place.topic) {
            self.removal(record);
            return;
        }
        match Payload::decode(record, &self.clock) {
            Some(Ok(payload)) => {
                self.stored.decoded(place, self.cut.is_archived(record.timestamp_ms));
                self.payload(payload, place, record.timestamp_ms);
            }
            Some(Err(invalid)) => self.undecodable.record(place, invalid, record.timestamp_ms),
            None => {}
        }
    }

    fn payload(&mut self, payload: Payload, place: Place, timestamp_ms: i64) {
        match payload {
            Payload::Report(report) => {
                self.ids.report(place, report.driver, report.at);
                self.positions.report(&report, (place.partition, place.offset), timestamp_ms, self.cut);
            }
            Payload::Request(request) => self.trips.request(&request, place, timestamp_ms),
            Payload::Event(event) => {
                let is_whole = self.stored.is_whole(EVENTS, place.partition);
                self.trips.event(&event, (place, timestamp_ms), self.cut, is_whole, &mut self.findings);
            }
            Payload::Fare(fare) => self.fares.fare(*fare, place, timestamp_ms),
            Payload::DriverRow(driver) => {
                self.tables.driver(driver.id, Some(&driver));
                self.positions.row(driver.id, Some(driver.status), timestamp_ms);
            }
            Payload::TripRow(trip) => self.tables.trip(trip.id, Some(&trip), timestamp_ms),
            Payload::Shift(_)
            | Payload::Command(_)
            | Payload::Action(_)
            | Payload::Reply(_)
            | Payload::Eta(_)
            | Payload::Observation(_)
            | Payload::Zone(_) => {}
        }
    }

    fn removal(&mut self, record: &Record<'_>) {
        if record.topic == events::trips::TOPIC.name
            && let Some(trip) = events::trips::key(record.key)
        {
            self.tables.trip(trip, None, record.timestamp_ms);
        }
        if record.topic == events::drivers::TOPIC.name
            && let Some(driver) = events::drivers::key(record.key)
        {
            self.tables.driver(driver, None);
            self.positions.row(driver, None, record.timestamp_ms);
        }
    }

    /// A dead letter of a service, about the record at this place.
    pub fn dead_letter(&mut self, (topic, partition, offset): (&str, i32, i64), service: &str) {
        if let Some(place) = Place::new(topic, partition, offset) {
            self.undecodable.dead_letter(place, service);
        }
    }

    /// A document of a collection was found; they come in ascending order.
    pub fn document(&mut self, topic: &str, partition: i32, offset: i64) {
        if let Some(place) = Place::new(topic, partition, offset) {
            self.stored.document(place);
        }
    }

    /// A document was found whose `_id` stands for no record at all.
    pub fn foreign_document(&mut self, collection: &str, id: &str) {
        self.findings.add(FindingKind::UnknownInMongodb, || format!("{collection}: _id {id}"));
    }

    /// Whether the document of a record has to be compared.
    #[must_use]
    pub fn wants(&self, record: &Record<'_>) -> bool {
        archive::Collection::of_topic(record.topic).is_some()
            && content::is_sampled(record.topic, record.offset)
    }

    /// Compares a record with its document.
    pub fn compare(&mut self, record: &Record<'_>, document: &StoredDocument) {
        let (Some(place), Some(decoded)) = (Place::of(record), Payload::decode(record, &self.clock)) else {
            return;
        };
        // A record that can't be decoded must have no document: found by its id.
        let Ok(payload) = decoded else { return };
        if let Some(what) = content::difference(document, &payload.to_json(), record.timestamp_ms) {
            self.findings.add(FindingKind::ContentDiffers, || format!("{place}: {what}"));
        }
    }

    /// Judges all that came in.
    #[must_use]
    pub fn finish(mut self) -> AuditReport {
        self.judge();
        let mut notes = self.notes;
        notes.extend(summary::notes(&self.stored, &self.trips, &self.undecodable, self.cut));
        let mut counts = summary::counts(&self.stored, &self.trips, &self.undecodable);
        counts.insert("final fares".to_owned(), self.fares.count());
        counts.insert("drivers in redis".to_owned(), self.positions.count());
        if self.ids.count() > 0 {
            counts.insert(LEDGER_COUNT.to_owned(), self.ids.count());
        }
        notes.extend_from_slice(self.ids.notes());
        AuditReport::new(&self.findings, counts, summary::records(&self.stored), notes)
    }

    fn judge(&mut self) {
        let Self { cut, findings, stored, undecodable, trips, .. } = self;
        let cut = *cut;
        let are_whole = |partition: i32, topics: &[&'static str]| {
            topics.iter().all(|topic| stored.is_whole(topic, partition))
        };
        let all_whole =
            |topic: &str| stored.shelves().all(|(name, _, shelf)| name != topic || shelf.low() == 0);
        stored.judge(cut, |place| undecodable.was_rejected_by(place, ARCHIVER), findings);
        undecodable.judge(cut, findings);
        let is_rejected = |place: &Place| undecodable.has_letter(place);
        trips.judge_requests(
            cut,
            |partition| are_whole(partition, &[REQUESTS, EVENTS]),
            is_rejected,
            findings,
        );
        trips.judge_open(cut, findings, &mut self.notes);
        trips.holds.judge(findings);
        self.fares.judge(trips, cut, |partition| are_whole(partition, &[EVENTS, FARES]), findings);
        self.positions.judge(cut, all_whole(REPORTS), findings);
        self.tables.judge(trips, cut, all_whole(EVENTS), findings);
        let held = |topic: &str, partition: Option<i32>| {
            let sum =
                partition.filter(|_| topic == REPORTS).and_then(|partition| self.reports.get(&partition));
            Held { sum: sum.copied(), ..stored.held(topic, partition) }
        };
        self.ledger.judge(held, findings);
        self.ids.judge(stored, cut, |place| undecodable.was_rejected_by(place, ARCHIVER), findings);
    }
}
