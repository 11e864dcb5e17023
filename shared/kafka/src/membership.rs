//! What a member of a group holds: its partitions, the changes not yet told, its tallies.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::{ClientContext, Statistics};

use crate::ledger::Tally;
use crate::quiet;

/// By then what lay in newly assigned partitions has begun to come.
const FETCHES_BEGIN: Duration = Duration::from_secs(2);

/// Topic (full name) and partition.
pub(crate) type Slot = (String, i32);

/// A change of the group, in the order the client told of it.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Assigned(Vec<Slot>),
    Revoked(Vec<Slot>),
}

/// How far the group is in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    /// The committed offset.
    pub(crate) next: i64,
    /// Timestamp of the record before it, if we dealt with it.
    pub(crate) last_ms: Option<i64>,
}

/// Listens to the group. Its callbacks run inside a poll, so they only write down what happened.
#[derive(Debug, Default)]
pub(crate) struct Membership {
    changed: AtomicBool,
    changes: Mutex<VecDeque<Change>>,
    tallies: Mutex<BTreeMap<Slot, Tally>>,
    committed: Mutex<BTreeMap<Slot, Committed>>,
    slots: Mutex<BTreeSet<Slot>>,
    assigned_at: Mutex<Option<Instant>>,
    drained_at: Mutex<Option<Instant>>,
}

impl Membership {
    /// Whether there are changes not yet taken.
    pub(crate) fn has_changed(&self) -> bool {
        self.changed.load(Ordering::Acquire)
    }

    /// The oldest change not yet taken.
    pub(crate) fn next_change(&self) -> Option<Change> {
        let mut changes = lock(&self.changes);
        let change = changes.pop_front();
        self.changed.store(!changes.is_empty(), Ordering::Release);
        match &change {
            Some(Change::Assigned(slots)) => {
                lock(&self.slots).extend(slots.iter().cloned());
                *lock(&self.assigned_at) = Some(Instant::now());
            }
            Some(Change::Revoked(slots)) => {
                let mut held = lock(&self.slots);
                let mut tallies = lock(&self.tallies);
                let mut committed = lock(&self.committed);
                for slot in slots {
                    held.remove(slot);
                    committed.remove(slot);
                    tallies.remove(slot);
                }
            }
            None => (),
        }
        change
    }

    /// Partition numbers that waiting changes take away.
    pub(crate) fn revoked_partitions(&self) -> Vec<i32> {
        let changes = lock(&self.changes);
        let revoked = changes.iter().filter_map(|change| match change {
            Change::Revoked(slots) => Some(slots),
            Change::Assigned(_) => None,
        });
        revoked.flatten().map(|(_, partition)| *partition).collect()
    }

    /// Whether a partition of a topic is ours.
    pub(crate) fn holds(&self, slot: &Slot) -> bool {
        lock(&self.slots).contains(slot)
    }

    /// All partition numbers that are ours.
    pub(crate) fn partitions(&self) -> Vec<i32> {
        let numbers: BTreeSet<i32> = lock(&self.slots).iter().map(|(_, partition)| *partition).collect();
        numbers.into_iter().collect()
    }

    /// The tallies by slot.
    pub(crate) fn tallies(&self) -> MutexGuard<'_, BTreeMap<Slot, Tally>> {
        lock(&self.tallies)
    }

    /// Remembers how far a slot is.
    pub(crate) fn set_committed(&self, slot: Slot, committed: Committed) {
        lock(&self.committed).insert(slot, committed);
    }

    /// How far each slot of ours is; none where nothing was committed yet.
    pub(crate) fn committed(&self) -> Vec<(Slot, Option<Committed>)> {
        let committed = lock(&self.committed);
        lock(&self.slots).iter().map(|slot| (slot.clone(), committed.get(slot).copied())).collect()
    }

    /// Nothing was left to take from the client, now.
    pub(crate) fn set_drained(&self) {
        *lock(&self.drained_at) = Some(Instant::now());
    }

    /// When nothing was left to take from the client last. Soon after an assignment that says nothing: what is there
    /// has not been fetched yet.
    pub(crate) fn drained_at(&self) -> Option<Instant> {
        let assigned_at = (*lock(&self.assigned_at))?;
        (*lock(&self.drained_at)).filter(|drained_at| *drained_at > assigned_at + FETCHES_BEGIN)
    }

    /// Some slot of ours with its committed offset.
    pub(crate) fn any_committed(&self) -> Option<(Slot, i64)> {
        lock(&self.committed).first_key_value().map(|(slot, committed)| (slot.clone(), committed.next))
    }

    fn push(&self, change: Change) {
        lock(&self.changes).push_back(change);
        self.changed.store(true, Ordering::Release);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while holding it")
}

fn slots(list: &TopicPartitionList) -> Vec<Slot> {
    list.elements().iter().map(|element| (element.topic().to_owned(), element.partition())).collect()
}

impl ClientContext for Membership {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        quiet::say(level, facility, text);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        quiet::report(&error, reason);
    }

    // The default writes the whole structure to the log.
    fn stats(&self, _statistics: Statistics) {}
}

impl ConsumerContext for Membership {
    fn pre_rebalance(&self, _consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            self.push(Change::Revoked(slots(list)));
        }
    }

    fn post_rebalance(&self, _consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(list) => self.push(Change::Assigned(slots(list))),
            Rebalance::Revoke(_) => (),
            Rebalance::Error(error) => tracing::warn!(%error, "rebalance failed"),
        }
    }
}
