//! Queue and pub/sub, counted: every group saw every record, its members shared them.

use std::collections::BTreeMap;

use kafka::{GroupProgress, GroupWatch, Settings};
use serde::Serialize;

use super::board::Board;
use crate::audit::Held;
use crate::fleet::SERVICES;

/// What each partition of each topic holds, as recounted from the broker.
pub(crate) type Recounted = BTreeMap<String, BTreeMap<i32, Held>>;

/// One group over the whole run.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Group {
    /// Its topics, with the records produced to and consumed from each.
    pub(crate) topics: BTreeMap<String, TopicCount>,
    /// Records in all its topics.
    pub(crate) produced: u64,
    /// Records its members dealt with.
    pub(crate) consumed: u64,
    /// Who dealt with how many.
    pub(crate) members: BTreeMap<String, Member>,
}

/// One topic of a group.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct TopicCount {
    /// Records in the topic.
    pub(crate) produced: u64,
    /// Records the group dealt with.
    pub(crate) consumed: u64,
}

/// One member of a group.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Member {
    /// Partition numbers it held at the end.
    pub(crate) partitions: i64,
    /// Records it dealt with.
    pub(crate) consumed: u64,
}

/// Counts all groups and says what does not add up.
pub(crate) fn count(
    settings: &Settings,
    recounted: &Recounted,
    board: &Board,
) -> anyhow::Result<(BTreeMap<&'static str, Group>, Vec<String>)> {
    let mut progress = Vec::new();
    for service in &SERVICES {
        let topics: Vec<&str> = service.topics.iter().map(|topic| topic.name).collect();
        let watch = GroupWatch::new(settings, service.name, &topics)?;
        progress.extend(watch.progress()?.into_iter().map(|slot| (service.name, slot)));
    }
    let members = SERVICES.iter().map(|service| (service.name, members(board, service.name))).collect();
    Ok(compare(&progress, recounted, members))
}

/// Compares what was produced with what each group dealt with.
///
/// Compaction and retention take records away that every group has seen before: of such a partition the groups have to
/// agree with each other, on no less than what is left.
fn compare(
    progress: &[(&'static str, GroupProgress)],
    recounted: &Recounted,
    members: BTreeMap<&'static str, BTreeMap<String, Member>>,
) -> (BTreeMap<&'static str, Group>, Vec<String>) {
    let mut most: BTreeMap<(&str, i32), u64> = BTreeMap::new();
    for (_, slot) in progress {
        let seen = most.entry((&slot.topic, slot.partition)).or_default();
        *seen = (*seen).max(slot.consumed.values().sum());
    }
    let with_members = |(name, members)| (name, Group { members, ..Group::default() });
    let mut groups: BTreeMap<&'static str, Group> = members.into_iter().map(with_members).collect();
    let mut wrong = Vec::new();
    for (service, slot) in progress {
        let (topic, partition) = (slot.topic.as_str(), slot.partition);
        let held = recounted.get(topic).and_then(|topic| topic.get(&partition)).copied().unwrap_or_default();
        let produced = if held.whole { held.records } else { held.records.max(most[&(topic, partition)]) };
        let consumed: u64 = slot.consumed.values().sum();
        if produced != consumed {
            wrong.push(format!(
                "{service}: {topic}/{partition} had {produced} records, the group dealt with {consumed}"
            ));
        }
        groups.entry(service).or_default().add(slot, produced, consumed);
    }
    (groups, wrong)
}

impl Group {
    fn add(&mut self, slot: &GroupProgress, produced: u64, consumed: u64) {
        let topic = self.topics.entry(slot.topic.clone()).or_default();
        topic.produced += produced;
        topic.consumed += consumed;
        self.produced += produced;
        self.consumed += consumed;
        for (member, consumed) in &slot.consumed {
            self.members.entry(member.clone()).or_default().consumed += consumed;
        }
    }
}

/// The members of a group, also those that had nothing to do.
fn members(board: &Board, service: &str) -> BTreeMap<String, Member> {
    board.with(|state| {
        let members = state.members.iter().filter(|(_, member)| member.service == service);
        let partitions = members.map(|(name, member)| {
            let last =
                member.lines().last().and_then(|line| line.values.get("partitions")).copied().unwrap_or(0);
            (name.clone(), Member { partitions: last, consumed: 0 })
        });
        partitions.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(topic: &str, consumed: &[(&str, u64)]) -> GroupProgress {
        let consumed = consumed.iter().map(|(member, count)| ((*member).to_owned(), *count)).collect();
        GroupProgress { topic: topic.to_owned(), partition: 0, committed: Some(9), consumed }
    }

    fn judge(
        held: Held,
        progress: &[(&'static str, GroupProgress)],
    ) -> (BTreeMap<&'static str, Group>, Vec<String>) {
        let recounted = BTreeMap::from([("drivers".to_owned(), BTreeMap::from([(0, held)]))]);
        compare(progress, &recounted, BTreeMap::new())
    }

    #[test]
    fn members_share_and_groups_see_everything() {
        let progress = [
            ("eta", slot("drivers", &[("eta-1", 3), ("eta-2", 4)])),
            ("fare", slot("drivers", &[("fare-1", 7)])),
        ];
        let (groups, wrong) = judge(Held { records: 7, whole: true }, &progress);
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!((groups["eta"].produced, groups["eta"].members["eta-2"].consumed), (7, 4));
    }

    #[test]
    fn a_record_too_few_or_too_many_is_told() {
        for seen in [6, 8] {
            let (_, wrong) =
                judge(Held { records: 7, whole: true }, &[("eta", slot("drivers", &[("eta-1", seen)]))]);
            assert_eq!(wrong, [format!("eta: drivers/0 had 7 records, the group dealt with {seen}")]);
        }
    }

    #[test]
    fn of_a_compacted_partition_the_groups_have_to_agree() {
        let held = Held { records: 2, whole: false };
        let same = [("eta", slot("drivers", &[("eta-1", 7)])), ("fare", slot("drivers", &[("fare-1", 7)]))];
        assert_eq!(judge(held, &same).1, Vec::<String>::new());
        let other = [("eta", slot("drivers", &[("eta-1", 7)])), ("fare", slot("drivers", &[("fare-1", 6)]))];
        assert_eq!(judge(held, &other).1.len(), 1);
        assert_eq!(judge(held, &[("eta", slot("drivers", &[("eta-1", 1)]))]).1.len(), 1);
    }
}
