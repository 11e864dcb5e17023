//! What was counted, and what could not be judged.

use std::collections::{BTreeMap, BTreeSet};

use super::Cut;
use super::report::Held;
use super::stored::Stored;
use super::tables::is_table;
use super::trip_book::TripBook;
use super::trip_fact::Stage;
use super::undecodable::Undecodable;

/// What retention and youth have kept from being judged, and whether the clock can be right at all.
pub(super) fn notes(stored: &Stored, trips: &TripBook, undecodable: &Undecodable, cut: Cut) -> Vec<String> {
    let mut notes = Vec::new();
    let records: u64 = stored.shelves().map(|(_, _, shelf)| shelf.records()).sum();
    if undecodable.untimely_count() * 2 > records {
        notes.push(
            "most records bear impossible times: set HAILSTORM_CITY_CLOCK to the clock of that run"
                .to_owned(),
        );
    }
    let mut removed: BTreeMap<&str, u64> = BTreeMap::new();
    for (topic, _, shelf) in stored.shelves().filter(|(topic, _, _)| !is_table(topic)) {
        *removed.entry(topic).or_default() += shelf.low().unsigned_abs();
    }
    for (topic, offsets) in removed.into_iter().filter(|(_, offsets)| *offsets > 0) {
        notes.push(format!("{topic}: retention has removed {offsets} offsets, which were not recounted"));
    }
    if trips.partial_count() > 0 {
        let partial = trips.partial_count();
        notes.push(format!("{partial} trips have lost their beginning to retention and were not judged"));
    }
    if !cut.is_closed() {
        notes.push("the city is not closed: what was written in the last seconds was not judged".to_owned());
    }
    notes
}

/// What was counted, by name.
pub(super) fn counts(stored: &Stored, trips: &TripBook, undecodable: &Undecodable) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    let topics: BTreeSet<&str> = stored.shelves().map(|(topic, _, _)| topic).collect();
    for topic in topics {
        let shelves = || stored.shelves().filter(move |(name, _, _)| *name == topic);
        counts.insert(format!("{topic} records"), shelves().map(|(_, _, shelf)| shelf.records()).sum());
        if archive::Collection::of_topic(topic).is_some() {
            counts
                .insert(format!("{topic} documents"), shelves().map(|(_, _, shelf)| shelf.documents()).sum());
        }
    }
    let more = [
        ("undecodable records", undecodable.count() as u64),
        ("records in dead letters", undecodable.letter_count() as u64),
        ("rides asked for", trips.request_count()),
        ("trips completed", trips.count(Stage::Completed)),
        ("trips cancelled", trips.count(Stage::Cancelled)),
        ("trips unfulfilled", trips.count(Stage::Unfulfilled)),
    ];
    counts.extend(more.map(|(name, count)| (name.to_owned(), count)));
    counts
}

/// What each partition of each topic holds.
pub(super) fn records(stored: &Stored) -> BTreeMap<String, BTreeMap<i32, Held>> {
    let mut records: BTreeMap<String, BTreeMap<i32, Held>> = BTreeMap::new();
    for (topic, partition, shelf) in stored.shelves() {
        let whole = !is_table(topic) && shelf.low() == 0;
        records
            .entry(topic.to_owned())
            .or_default()
            .insert(partition, Held { records: shelf.records(), whole });
    }
    records
}
