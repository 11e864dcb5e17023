//! Every single report that was acknowledged, as the ledger files name them: each is where the broker said, and in MongoDB.
//!
//! They may be many millions: places are kept as ranges, and who reported when as one sum for a hundred offsets.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use domain::{CityMs, DriverId};
use loadgen::ledger::{self, Entry};

use super::offsets::OffsetRanges;
use super::stored::{Shelf, Stored, range};
use super::{Cut, FindingKind, Findings, Place};

const REPORTS: &str = events::driver_locations::TOPIC.name;

/// So many offsets are compared at once: whose reports they hold, and of when. A finding names no fewer.
const TOGETHER: i64 = 100;

/// The acknowledged reports of a run, one by one.
#[derive(Debug, Default)]
pub struct AcknowledgedIds {
    partitions: BTreeMap<i32, Partition>,
    count: u64,
    notes: Vec<String>,
}

/// Those of one partition.
#[derive(Debug, Default)]
struct Partition {
    /// Neighbouring offsets as they came, half-open.
    runs: Vec<(i64, i64)>,
    offsets: OffsetRanges,
    /// Places for which more than one report was acknowledged.
    twice: Vec<(i64, i64)>,
    /// Sums of what was acknowledged and of what was found there, by offset divided by `TOGETHER`.
    told: BTreeMap<i64, u64>,
    held: BTreeMap<i64, u64>,
    /// Acknowledged, but the broker did not say where.
    unplaced: BTreeSet<(DriverId, CityMs)>,
    /// Where those were found.
    placed: OffsetRanges,
}

impl AcknowledgedIds {
    /// Reads the ledgers of a folder.
    ///
    /// # Errors
    /// If there is none, or one is damaged.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let mut ids = Self::default();
        let files = ledger::read(dir, |entry| ids.add(entry))?;
        let open = files.iter().filter(|file| !file.closed);
        ids.notes = open
            .map(|file| {
                let (name, entries) = (file.path.display(), file.entries);
                format!(
                    "{name} was not closed: its {entries} reports were looked for, there may have been more"
                )
            })
            .collect();
        ids.settle();
        Ok(ids)
    }

    #[cfg(test)]
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut ids = Self::default();
        entries.iter().for_each(|entry| ids.add(*entry));
        ids.settle();
        ids
    }

    /// Takes an entry in.
    fn add(&mut self, entry: Entry) {
        let Entry { driver, at, partition, offset } = entry;
        self.count += 1;
        let partition = self.partitions.entry(partition).or_default();
        let Some(offset) = offset else {
            partition.unplaced.insert((driver, at));
            return;
        };
        match partition.runs.last_mut() {
            Some((_, end)) if *end == offset => *end += 1,
            _ => partition.runs.push((offset, offset + 1)),
        }
        let told = partition.told.entry(offset / TOGETHER).or_default();
        *told = told.wrapping_add(id_of(driver, at, offset));
    }

    /// Brings the places of all files into one order.
    fn settle(&mut self) {
        for partition in self.partitions.values_mut() {
            let mut runs = std::mem::take(&mut partition.runs);
            runs.sort_unstable();
            (partition.offsets, partition.twice) = OffsetRanges::of_runs(&runs);
        }
    }

    /// How many reports were acknowledged.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// What can't be said for sure, and why.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// A report that the topic holds; those of a partition come in order.
    pub(super) fn report(&mut self, place: Place, driver: DriverId, at: CityMs) {
        let Some(partition) = self.partitions.get_mut(&place.partition) else { return };
        if partition.offsets.contains(place.offset) {
            let held = partition.held.entry(place.offset / TOGETHER).or_default();
            *held = held.wrapping_add(id_of(driver, at, place.offset));
        } else if partition.unplaced.remove(&(driver, at)) {
            partition.placed.push(place.offset);
        }
    }

    /// Finds what was acknowledged and is not in its place, or not in MongoDB.
    pub(super) fn judge(
        &self,
        stored: &Stored,
        cut: Cut,
        is_excused: impl Fn(&Place) -> bool,
        findings: &mut Findings,
    ) {
        let nothing = Shelf::default();
        for (&number, partition) in &self.partitions {
            let shelf = stored.shelf(REPORTS, number).unwrap_or(&nothing);
            let mut tell = |(start, end): (i64, i64), what: &str| {
                let first = Place { topic: REPORTS, partition: number, offset: start };
                findings.add_many(FindingKind::AcknowledgedMissing, end.abs_diff(start), || {
                    format!("{}: {what}", range(first, end))
                });
            };
            let missing = partition.missing(shelf);
            for &gone in &missing {
                tell(gone, "acknowledged, and not in the topic");
            }
            for &twice in &partition.twice {
                tell(twice, "acknowledged more than once, and holds one report");
            }
            for other in partition.others(shelf, &missing) {
                tell(other, "holds other reports than were acknowledged there");
            }
            let excused = |offset| is_excused(&Place { topic: REPORTS, partition: number, offset });
            for (start, end) in partition.not_stored(shelf, cut) {
                for offset in (start..end).filter(|offset| !excused(*offset)) {
                    tell((offset, offset + 1), "acknowledged, and not in MongoDB");
                }
            }
            for (driver, at) in partition.unplaced.iter().filter(|_| shelf.low() == 0) {
                findings.add(FindingKind::AcknowledgedMissing, || {
                    format!(
                        "{REPORTS}/{number}: driver {driver} at {}: acknowledged, and not in the topic",
                        at.0
                    )
                });
            }
        }
    }
}

impl Partition {
    /// Places that the topic should hold and does not; what retention has removed can't be judged.
    fn missing(&self, shelf: &Shelf) -> Vec<(i64, i64)> {
        let gone = self.offsets.minus(shelf.known()).into_iter();
        gone.map(|(start, end)| (start.max(shelf.low()), end)).filter(|(start, end)| start < end).collect()
    }

    /// Places among which there is a report that was not acknowledged for it.
    fn others(&self, shelf: &Shelf, missing: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let overlaps = |one: &[(i64, i64)], start: i64, end: i64| {
            one.iter().any(|(from, to)| *from < end && start < *to)
        };
        let mut others = Vec::new();
        for (together, told) in &self.told {
            let (start, end) = (together * TOGETHER, (together + 1) * TOGETHER);
            let is_told = overlaps(missing, start, end) || overlaps(&self.twice, start, end);
            if start >= shelf.low() && !is_told && self.held.get(together) != Some(told) {
                others.push((start, end));
            }
        }
        others
    }

    /// Places whose report is in the topic, or was, and not in MongoDB although there was time enough.
    fn not_stored(&self, shelf: &Shelf, cut: Cut) -> Vec<(i64, i64)> {
        let mut gone = self.offsets.minus(shelf.found());
        gone.extend(self.placed.minus(shelf.found()));
        gone.sort_unstable();
        let (gone, _) = OffsetRanges::of_runs(&gone);
        let due = if cut.is_closed() { shelf.known() } else { shelf.due() };
        let mut not_stored = gone.below(shelf.low());
        not_stored.extend(gone.and(due));
        not_stored
    }
}

/// What makes a report this one and no other, as a number that can be summed up.
fn id_of(driver: DriverId, at: CityMs, offset: i64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (driver.0, at.0, offset).hash(&mut hasher);
    hasher.finish()
}
