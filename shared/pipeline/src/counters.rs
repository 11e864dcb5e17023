//! What a runner counts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use figures::{Sample, Spread, Stats};
use tokio::time::Instant;

use crate::{Progress, metrics};

/// A record that was rejected is logged this often, for each reason: thousands of bad ones may come at once.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Counts of one runner, shared with whoever shows them.
#[derive(Clone, Debug)]
pub struct Counters {
    counts: Arc<Mutex<Snapshot>>,
    /// When a rejected record was told of, by reason.
    told: Arc<Mutex<BTreeMap<&'static str, Instant>>>,
    pub(crate) times: Times,
}

/// How long things take, and how large batches are.
#[derive(Clone, Debug)]
pub(crate) struct Times {
    pub(crate) batch_records: Spread,
    pub(crate) handler: Spread,
    pub(crate) delivery: Spread,
    pub(crate) process: Spread,
    pub(crate) stage: Spread,
    pub(crate) assignment: Spread,
}

/// The counts at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Records handled.
    pub records: u64,
    /// Records handled, by topic.
    pub consumed: BTreeMap<String, u64>,
    /// Batches with at least one record.
    pub batches: u64,
    /// Effects delivered.
    pub effects: u64,
    /// Records skipped, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Records rejected, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Sink failures that were tried again.
    pub retries: u64,
    /// Transactions that were aborted.
    pub aborts: u64,
    /// Deliveries that moved an offset.
    pub commits: u64,
    /// Assignments and revocations.
    pub rebalances: u64,
    /// Table records taken in while restoring.
    pub restored: u64,
    /// Partition numbers held now.
    pub partitions: u64,
    /// Entries of the tables that the handler holds.
    pub tables: Vec<(&'static str, usize)>,
    /// How far the runner is on its way to work.
    pub standing: Standing,
    /// What is being delivered.
    pub under_way: Progress,
    /// Timestamp of the oldest record of the batch that is being dealt with; 0 between batches.
    pub pending_since_ms: i64,
    /// The greatest age (now minus record time, ms) of a record when its batch was done, since the last look.
    pub max_age_ms: i64,
}

/// How far a runner is on its way to work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It has no partitions yet.
    #[default]
    Joining,
    /// It is a member that gets no partition: there are enough others. If one of them goes it has work.
    Idle,
    /// Tables of partitions that were assigned are read back.
    Restoring,
    /// It reads, or waits for records.
    Working,
}

impl Default for Counters {
    /// Counts that nobody is shown.
    fn default() -> Self {
        Self::shown_in(&Stats::default())
    }
}

impl Counters {
    /// Counts that are among the figures of a process.
    #[must_use]
    pub fn shown_in(stats: &Stats) -> Self {
        let times = Times {
            batch_records: stats.spread(&metrics::BATCH_RECORDS),
            handler: stats.spread(&metrics::HANDLER_TIME),
            delivery: stats.spread(&metrics::DELIVERY_TIME),
            process: stats.spread(&metrics::PROCESS_TIME),
            stage: stats.spread(&metrics::STAGE_LATENCY),
            assignment: stats.spread(&metrics::ASSIGNMENT_TIME),
        };
        let counters = Self { counts: Arc::default(), told: Arc::default(), times };
        let (all, lines) = (Arc::clone(&counters.counts), counters.clone());
        stats.watch(move || lock(&all).samples());
        stats.watch_for_lines(move || lines.take().line_samples());
        counters
    }

    /// All counts; the greatest age starts anew.
    #[must_use]
    pub fn take(&self) -> Snapshot {
        let mut counts = self.lock();
        let snapshot = counts.clone();
        counts.max_age_ms = 0;
        snapshot
    }

    /// All counts, for one of many who look.
    #[must_use]
    pub fn look(&self) -> Snapshot {
        self.lock().clone()
    }

    /// Tells what the runner waits for before it works; nothing if it does.
    pub fn waiting_for(&self) -> impl Fn() -> Option<String> + Send + use<> {
        let counts = Arc::clone(&self.counts);
        move || lock(&counts).standing.waiting_for()
    }

    /// Changes the counts.
    pub fn update(&self, change: impl FnOnce(&mut Snapshot)) {
        change(&mut self.lock());
    }

    /// Whether a record that is rejected for this reason shall be told of: once a second, however many there are.
    pub(crate) fn is_time_to_tell(&self, reason: &'static str) -> bool {
        let (mut told, now) = (self.told.lock().expect("nobody panics while holding it"), Instant::now());
        let is_time = told.get(reason).is_none_or(|told_at| now >= *told_at + TELL_EVERY);
        if is_time {
            told.insert(reason, now);
        }
        is_time
    }

    fn lock(&self) -> MutexGuard<'_, Snapshot> {
        lock(&self.counts)
    }
}

fn lock(counts: &Mutex<Snapshot>) -> MutexGuard<'_, Snapshot> {
    counts.lock().expect("nobody panics while counting")
}

impl Standing {
    fn waiting_for(self) -> Option<String> {
        match self {
            Self::Joining => Some("partitions to be assigned to it".to_owned()),
            Self::Restoring => Some("its tables to be restored".to_owned()),
            Self::Idle | Self::Working => None,
        }
    }
}

impl Snapshot {
    /// Counts what was under way as delivered.
    pub(crate) fn settle(&mut self, effects: u64) {
        self.effects += effects;
        let done = std::mem::take(&mut self.under_way);
        self.commits += u64::from(!done.is_empty());
        for (topic, _, progress) in done.iter() {
            // Looks before it inserts: a topic's name is copied once, not once a batch.
            match self.consumed.get_mut(topic) {
                Some(consumed) => *consumed += progress.records,
                None => {
                    self.consumed.insert(topic.to_owned(), progress.records);
                }
            }
        }
    }

    /// What all are told.
    fn samples(&self) -> Vec<Sample> {
        let mut samples = vec![
            metrics::BATCHES.count(self.batches),
            metrics::EFFECTS.count(self.effects),
            metrics::RETRIES.count(self.retries),
            metrics::ABORTS.count(self.aborts),
            metrics::COMMITS.count(self.commits),
            metrics::REBALANCES.count(self.rebalances),
            metrics::RESTORED.count(self.restored),
            metrics::PARTITIONS.count(self.partitions),
        ];
        let tables = self.tables.iter();
        samples.extend(tables.map(|(table, size)| metrics::TABLE_ENTRIES.count_of(&[table], *size as u64)));
        let consumed = self.consumed.iter();
        samples.extend(consumed.map(|(topic, count)| metrics::CONSUMED.count_of(&[topic], *count)));
        let skipped = self.skipped.iter();
        samples.extend(skipped.map(|(reason, count)| metrics::SKIPPED.count_of(&[reason], *count)));
        let rejected = self.rejected.iter();
        samples.extend(rejected.map(|(reason, count)| metrics::DEAD_LETTERS.count_of(&[reason], *count)));
        samples
    }

    /// What only readers of the lines are told.
    fn line_samples(&self) -> Vec<Sample> {
        vec![
            metrics::RECORDS.count(self.records),
            metrics::PENDING_SINCE.sample(self.pending_since_ms),
            metrics::MAX_AGE.sample(self.max_age_ms),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_bad_record_is_told_of_once_a_second_for_each_reason() {
        let counters = Counters::default();
        assert!(counters.is_time_to_tell("key_mismatch"));
        assert!(!counters.is_time_to_tell("key_mismatch"));
        assert!(counters.is_time_to_tell("malformed_json"), "another reason");
        tokio::time::advance(TELL_EVERY).await;
        assert!(counters.is_time_to_tell("key_mismatch"));
    }

    #[test]
    fn lines_and_prometheus_are_told_the_same_counts() {
        let stats = Stats::default();
        let counters = Counters::shown_in(&stats);
        counters.update(|counts| {
            counts.records = 5;
            counts.consumed = [("trips".to_owned(), 5)].into();
            counts.rejected = [("key_mismatch", 2)].into();
            counts.max_age_ms = 90;
        });
        let text = stats.exposition(&[]);
        assert!(text.contains("hailstorm_dead_letters_total{reason=\"key_mismatch\"} 2\n"), "{text}");
        assert!(text.contains("messaging_destination_name=\"trips\"} 5\n"), "{text}");
        let values = stats.line("m").values;
        assert_eq!((values["records"], values["rejected.key_mismatch"], values["max_age_ms"]), (5, 2, 90));
        assert!(!values.contains_key("messaging_client_consumed_messages_total"), "{values:?}");
        assert_eq!(stats.line("m").values["max_age_ms"], 0, "it starts anew");
    }
}
