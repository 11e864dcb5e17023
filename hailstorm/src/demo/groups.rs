//! Queue and pub/sub, counted: every group saw every record, its members shared them.

use std::collections::BTreeMap;

use kafka::{GroupWatch, Settings};
use serde::Serialize;

use super::board::Board;
use crate::fleet::SERVICES;

/// Records of each topic, by partition, as recounted from the broker.
pub(crate) type Produced = BTreeMap<String, BTreeMap<i32, u64>>;

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
    produced: &Produced,
    board: &Board,
) -> anyhow::Result<(BTreeMap<&'static str, Group>, Vec<String>)> {
    let mut groups = BTreeMap::new();
    let mut wrong = Vec::new();
    for service in &SERVICES {
        let topics: Vec<&str> = service.topics.iter().map(|topic| topic.name).collect();
        let progress = GroupWatch::new(settings, service.name, &topics)?.progress()?;
        let mut group = Group { members: members(board, service.name), ..Group::default() };
        for slot in progress {
            let produced =
                produced.get(&slot.topic).and_then(|topic| topic.get(&slot.partition)).copied().unwrap_or(0);
            let consumed: u64 = slot.consumed.values().sum();
            if produced != consumed {
                let (topic, partition) = (&slot.topic, slot.partition);
                wrong.push(format!(
                    "{}: {topic}/{partition} has {produced} records, the group dealt with {consumed}",
                    service.name
                ));
            }
            let topic = group.topics.entry(slot.topic).or_default();
            topic.produced += produced;
            topic.consumed += consumed;
            for (member, consumed) in slot.consumed {
                group.members.entry(member).or_default().consumed += consumed;
            }
            group.produced += produced;
            group.consumed += consumed;
        }
        groups.insert(service.name, group);
    }
    Ok((groups, wrong))
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
