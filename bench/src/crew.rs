//! Processes that take one topic as groups, most often that of reports, watched from outside by what their groups have committed.

mod member;

use std::time::Duration;

use anyhow::{Context, bail};
use backends::process::Command;
use kafka::{GroupLag, GroupWatch};

pub(crate) use self::member::Member;
use crate::cpu::{Measured, Sample, Servers};
use crate::figure::Figure;
use crate::ground::{Ground, TOPIC};
use crate::lab::Lab;

/// Between two looks at what groups have committed. Each costs the broker some 0.1 ms a group.
const LOOK: Duration = Duration::from_millis(20);

/// Groups that have not come on for so long never will.
const LONGEST_STANDSTILL: Duration = Duration::from_secs(60);

/// Ours that keep documents and the newest positions.
const SERVICES: [&str; 2] = ["archiver", "live-location"];

/// The servers that keeping reports takes.
pub(crate) const SERVERS: [(&str, Figure); 3] =
    [("kafka", Figure::KafkaUs), ("redis", Figure::RedisUs), ("mongodb", Figure::MongodbUs)];

/// Some processes, each a member of a group; each group takes every report.
pub(crate) struct Crew<'a> {
    ground: &'a Ground,
    groups: Vec<Group>,
    members: Vec<Member>,
}

struct Group {
    name: &'static str,
    watch: GroupWatch,
}

/// What groups had committed at one look, in the order of their first members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Committed(pub(crate) Vec<u64>);

impl Committed {
    /// Records that were dealt with; one that only half of the groups have had counts as half.
    fn dealt_with(&self) -> u64 {
        self.0.iter().sum::<u64>() / self.0.len().max(1) as u64
    }

    pub(crate) fn all_have(&self, wanted: u64) -> bool {
        self.0.iter().all(|committed| *committed >= wanted)
    }
}

impl<'a> Crew<'a> {
    /// Starts processes that take reports, each a member of the group it stands with.
    pub(crate) fn start(
        lab: &Lab,
        ground: &'a Ground,
        commands: impl IntoIterator<Item = (&'static str, Command)>,
    ) -> anyhow::Result<Self> {
        Self::start_on(&[TOPIC], lab, ground, commands)
    }

    /// The same for other topics.
    pub(crate) fn start_on(
        topics: &[&str],
        lab: &Lab,
        ground: &'a Ground,
        commands: impl IntoIterator<Item = (&'static str, Command)>,
    ) -> anyhow::Result<Self> {
        let mut crew = Self { ground, groups: Vec::new(), members: Vec::new() };
        for (group, command) in commands {
            crew.enlist(topics, lab, group, command)?;
        }
        Ok(crew)
    }

    /// Starts one more process, a member of a group that takes these topics.
    pub(crate) fn enlist(
        &mut self,
        topics: &[&str],
        lab: &Lab,
        group: &'static str,
        command: Command,
    ) -> anyhow::Result<()> {
        self.members.push(Member::start(lab, group, self.members.len(), command)?);
        if self.groups.iter().all(|known| known.name != group) {
            let watch = GroupWatch::new(&self.ground.settings, group, topics)?;
            self.groups.push(Group { name: group, watch });
        }
        Ok(())
    }

    /// Our services that keep reports, whose groups are called as they are.
    pub(crate) fn of_services(lab: &Lab, ground: &'a Ground) -> anyhow::Result<Self> {
        let command = |name: &&'static str| Ok((*name, lab.ourselves(&ground.settings, &["service", name])?));
        let commands: Vec<_> = SERVICES.iter().map(command).collect::<anyhow::Result<_>>()?;
        Self::start(lab, ground, commands)
    }

    /// Its processes, in the order they were started.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Looks at the processor time of all its processes and of the servers.
    pub(crate) fn sample(&self, servers: &Servers) -> anyhow::Result<Sample> {
        let pids: Vec<u32> = self.members.iter().map(Member::pid).collect();
        Sample::take(&pids, servers)
    }

    /// Measures from the first commit that is seen until every group has committed so many records: starting and
    /// joining are not in it.
    pub(crate) async fn drain(&self, wanted: u64, servers: &Servers) -> anyhow::Result<Measured> {
        let mut first: Option<(Sample, u64)> = None;
        self.watch(|committed| {
            let now = self.sample(servers)?;
            let Some((first, before)) = &first else {
                first = Some((now, committed.dealt_with()));
                return Ok(None);
            };
            let done = committed.all_have(wanted);
            Ok(done.then(|| now.since(first, committed.dealt_with() - before)))
        })
        .await
    }

    /// Measures from when every group has committed so many records until they all have committed so many.
    pub(crate) async fn follow(&self, from: u64, to: u64, servers: &Servers) -> anyhow::Result<Measured> {
        self.reach(from).await?;
        let (first, before) = (self.sample(servers)?, self.committed()?.dealt_with());
        self.reach(to).await?;
        Ok(self.sample(servers)?.since(&first, self.committed()?.dealt_with() - before))
    }

    /// Waits until every group has committed so many records.
    pub(crate) async fn reach(&self, wanted: u64) -> anyhow::Result<()> {
        self.watch(|committed| Ok(committed.all_have(wanted).then_some(()))).await
    }

    /// Looks until what is seen is enough; only looks that differ from the one before are shown.
    async fn watch<T>(
        &self,
        mut see: impl FnMut(&Committed) -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        let mut moved = tokio::time::Instant::now();
        let mut last = Committed(vec![0; self.groups.len()]);
        self.until(|| {
            let committed = self.committed()?;
            if committed != last {
                (last, moved) = (committed, tokio::time::Instant::now());
                return see(&last);
            }
            if moved.elapsed() >= LONGEST_STANDSTILL {
                bail!(self.stories(&format!("no progress for {} s", LONGEST_STANDSTILL.as_secs())));
            }
            Ok(None)
        })
        .await
    }

    /// Looks again and again, until there is what is looked for or a process has ended by itself.
    pub(crate) async fn until<T>(
        &self,
        mut look: impl FnMut() -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        let mut ticks = tokio::time::interval(LOOK);
        loop {
            ticks.tick().await;
            if let Some(story) = self.loss() {
                bail!(story);
            }
            if let Some(found) = look()? {
                return Ok(found);
            }
        }
    }

    /// The story of a process that has ended by itself, if one has.
    pub(crate) fn loss(&self) -> Option<String> {
        let ended = self.members.iter().find(|member| member.has_ended())?;
        Some(ended.story("it has ended by itself"))
    }

    /// What every member came to.
    pub(crate) fn stories(&self, why: &str) -> String {
        let stories: Vec<String> = self.members.iter().map(|member| member.story(why)).collect();
        stories.join("\n")
    }

    /// What its groups have committed now.
    pub(crate) fn committed(&self) -> anyhow::Result<Committed> {
        self.groups.iter().map(Group::committed).collect::<anyhow::Result<_>>().map(Committed)
    }

    /// Records that lie in the topic now.
    pub(crate) fn written(&self) -> anyhow::Result<u64> {
        let group = self.groups.first().context("nobody reads the topic")?;
        Ok(u64::try_from(group.lag()?.ends)?)
    }

    /// How far each of its groups is behind now.
    pub(crate) fn lags(&self) -> anyhow::Result<Vec<GroupLag>> {
        self.groups.iter().map(Group::lag).collect()
    }

    /// Ends the processes and makes their groups forget how far they were.
    pub(crate) async fn dismiss(self) -> anyhow::Result<()> {
        for member in self.members {
            member.dismiss().await;
        }
        for group in self.groups {
            self.ground.delete_group(group.name).await?;
        }
        Ok(())
    }
}

impl Group {
    /// Records of the topic that the group has committed.
    fn committed(&self) -> anyhow::Result<u64> {
        let progress = tokio::task::block_in_place(|| self.watch.progress())
            .with_context(|| format!("failed to look at group {}", self.name))?;
        let offsets: i64 = progress.iter().filter_map(|part| part.committed).sum();
        Ok(u64::try_from(offsets)?)
    }

    fn lag(&self) -> anyhow::Result<GroupLag> {
        tokio::task::block_in_place(|| self.watch.lag())
            .with_context(|| format!("failed to look at group {}", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_dealt_with_when_every_group_has_had_it() {
        assert_eq!(Committed(vec![100]).dealt_with(), 100);
        assert_eq!(Committed(vec![100, 50]).dealt_with(), 75);
        assert!(Committed(vec![100, 100]).all_have(100));
        assert!(!Committed(vec![100, 99]).all_have(100));
    }
}
