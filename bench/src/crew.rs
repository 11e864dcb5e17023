//! Processes that take the topic of reports as groups, watched from outside by what their groups have committed.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use backends::process::{Child, Command, Output, last_lines};
use kafka::GroupWatch;

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

/// Time for a process to leave its group.
const GRACE: Duration = Duration::from_secs(10);

/// One or some processes, each with a group of its own, each of which takes every report.
pub(crate) struct Crew<'a> {
    ground: &'a Ground,
    members: Vec<Member>,
}

struct Member {
    group: &'static str,
    child: Child,
    log: PathBuf,
    watch: GroupWatch,
}

/// What groups had committed at one look.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Committed(Vec<u64>);

impl Committed {
    /// Records that were dealt with; one that only half of the groups have had counts as half.
    fn dealt_with(&self) -> u64 {
        self.0.iter().sum::<u64>() / self.0.len().max(1) as u64
    }

    fn all_have(&self, wanted: u64) -> bool {
        self.0.iter().all(|committed| *committed >= wanted)
    }
}

impl<'a> Crew<'a> {
    /// Starts a process for each group.
    pub(crate) fn start(
        lab: &Lab,
        ground: &'a Ground,
        commands: impl IntoIterator<Item = (&'static str, Command)>,
    ) -> anyhow::Result<Self> {
        let start = |(group, command): (&'static str, Command)| {
            let log = lab.folder().join(format!("{group}.log"));
            let child = command.stderr(Output::Log(log.clone())).spawn()?;
            let watch = GroupWatch::new(&ground.settings, group, &[TOPIC])?;
            anyhow::Ok(Member { group, child, log, watch })
        };
        let members: Vec<Member> = commands.into_iter().map(start).collect::<anyhow::Result<_>>()?;
        Ok(Self { ground, members })
    }

    /// Our services that keep reports, whose groups are called as they are.
    pub(crate) fn of_services(lab: &Lab, ground: &'a Ground) -> anyhow::Result<Self> {
        let command = |name: &&'static str| Ok((*name, lab.ourselves(&ground.settings, &["service", name])?));
        let commands: Vec<_> = SERVICES.iter().map(command).collect::<anyhow::Result<_>>()?;
        Self::start(lab, ground, commands)
    }

    /// Looks at the processor time of all its processes and of the servers.
    pub(crate) fn sample(&self, servers: &Servers) -> anyhow::Result<Sample> {
        let pids: Vec<u32> = self.members.iter().map(|member| member.child.pid()).collect();
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

    /// Waits until every group has committed so many records.
    pub(crate) async fn reach(&self, wanted: u64) -> anyhow::Result<()> {
        self.watch(|committed| Ok(committed.all_have(wanted).then_some(()))).await
    }

    /// Looks until what is seen is enough; only looks that differ from the one before are shown.
    async fn watch<T>(
        &self,
        mut see: impl FnMut(&Committed) -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        let mut look = tokio::time::interval(LOOK);
        let mut moved = tokio::time::Instant::now();
        let mut last = Committed(vec![0; self.members.len()]);
        loop {
            look.tick().await;
            for member in &self.members {
                ensure!(member.child.exit().is_none(), member.story("it has ended by itself"));
            }
            let committed = self.committed()?;
            if committed != last {
                (last, moved) = (committed, tokio::time::Instant::now());
                if let Some(enough) = see(&last)? {
                    return Ok(enough);
                }
            }
            if moved.elapsed() >= LONGEST_STANDSTILL {
                let why = format!("no progress for {} s", LONGEST_STANDSTILL.as_secs());
                let stories: Vec<String> = self.members.iter().map(|member| member.story(&why)).collect();
                anyhow::bail!(stories.join("\n"));
            }
        }
    }

    fn committed(&self) -> anyhow::Result<Committed> {
        self.members.iter().map(Member::committed).collect::<anyhow::Result<_>>().map(Committed)
    }

    /// Ends the processes and makes their groups forget how far they were.
    pub(crate) async fn dismiss(self) -> anyhow::Result<()> {
        for Member { group, child, .. } in self.members {
            child.terminate(GRACE).await;
            self.ground.delete_group(group).await?;
        }
        Ok(())
    }
}

impl Member {
    /// Records of the topic that the group has committed.
    fn committed(&self) -> anyhow::Result<u64> {
        let progress = tokio::task::block_in_place(|| self.watch.progress())
            .with_context(|| format!("failed to look at group {}", self.group))?;
        let offsets: i64 = progress.iter().filter_map(|part| part.committed).sum();
        Ok(u64::try_from(offsets)?)
    }

    /// What went wrong, with the end of its log.
    fn story(&self, why: &str) -> String {
        format!(
            "{} did not drain its topic: {why}; the end of its log:\n  {}",
            self.child.name(),
            last_lines(&self.log, 10).join("\n  ")
        )
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
