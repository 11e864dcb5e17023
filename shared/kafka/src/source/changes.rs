//! What a member hears of its group: partitions that come and go, or that there are none for it.

use std::collections::BTreeSet;
use std::time::Duration;

use pipeline::Polled;
use rdkafka::consumer::Consumer;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio::task::block_in_place;
use tokio::time::Instant;

use super::KafkaSource;
use crate::ledger::Tally;
use crate::membership::{Change, Committed, Slot};
use crate::patience::{REQUEST_TIMEOUT, patiently};

/// How long whoever coordinates the group may take to answer a member without partitions.
const MEMBER_TIMEOUT: Duration = Duration::from_secs(1);

impl KafkaSource {
    /// Tells the next change of the group in partition numbers.
    pub(super) fn take_change(&mut self) -> anyhow::Result<Option<Polled>> {
        let Some(change) = self.consumer.context().next_change() else { return Ok(None) };
        match change {
            Change::Assigned(slots) => {
                self.load_tallies(&slots)?;
                let numbers: BTreeSet<i32> = slots.iter().map(|(_, partition)| *partition).collect();
                let new: Vec<i32> =
                    numbers.into_iter().filter(|partition| self.active.insert(*partition)).collect();
                self.vacancy.holds(self.active.len(), Instant::now());
                Ok(Some(Polled::Assigned(new)))
            }
            Change::Revoked(slots) => {
                let left = self.consumer.context().partitions();
                let numbers: BTreeSet<i32> = slots.iter().map(|(_, partition)| *partition).collect();
                // Topics of one family move together; a number goes when the last of its topics goes.
                let gone: Vec<i32> =
                    numbers.into_iter().filter(|partition| !left.contains(partition)).collect();
                self.active.retain(|partition| !gone.contains(partition));
                self.vacancy.holds(self.active.len(), Instant::now());
                Ok(Some(Polled::Revoked(gone)))
            }
        }
    }

    /// Whether it is known now, and was not before, that there is no partition for this member: it has held none for a
    /// while, and whoever coordinates the group answers what only members may ask.
    pub(super) fn is_surplus(&mut self) -> bool {
        let now = Instant::now();
        if !self.vacancy.is_long(now) {
            return false;
        }
        let mut list = TopicPartitionList::new();
        for topic in self.base_names.keys().take(1) {
            list.add_partition(topic, 0);
        }
        if let Err(error) = block_in_place(|| self.consumer.committed_offsets(list, MEMBER_TIMEOUT)) {
            let group = self.subscription.group;
            if self.vacancy.is_unanswered(now) {
                tracing::warn!(group, %error, "no partitions: nobody coordinates the group, see the log of its broker");
            } else {
                tracing::debug!(group, %error, "whoever coordinates the group does not answer, asking again");
            }
            return false;
        }
        self.vacancy.is_known();
        true
    }

    /// Takes over the tallies that earlier owners committed with their offsets.
    fn load_tallies(&self, slots: &[Slot]) -> anyhow::Result<()> {
        let mut list = TopicPartitionList::new();
        for (topic, partition) in slots {
            list.add_partition(topic, *partition);
        }
        let committed = block_in_place(|| {
            patiently("read committed offsets", || {
                let committed = self.consumer.committed_offsets(list.clone(), REQUEST_TIMEOUT)?;
                // An offset whose transaction is just being ended is refused one by one, not as a whole.
                committed.elements().iter().try_for_each(|element| element.error())?;
                Ok(committed)
            })
        })?;
        let mut tallies = self.consumer.context().tallies();
        for element in committed.elements() {
            let slot = (element.topic().to_owned(), element.partition());
            if let Offset::Offset(next) = element.offset() {
                self.consumer.context().set_committed(slot.clone(), Committed { next, last_ms: None });
            }
            tallies.insert(slot, Tally::decode(element.metadata()));
        }
        Ok(())
    }
}
