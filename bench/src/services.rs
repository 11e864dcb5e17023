//! Real service processes that drain a topic, beside bare loops that make the servers do the same.

use std::time::Duration;

use anyhow::{Context, ensure};
use archive::Archive;
use backends::process::{Child, Output, last_lines};
use kafka::{GroupWatch, TopicAdmin};

use crate::cpu::{Measured, Sample};
use crate::figure::{Figure, Figures};
use crate::ground::{Ground, TOPIC};
use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::Scenario;
use crate::turns::{BARE, Contender, OURS, take_turns};
use crate::worker;

/// Between two looks at what a group has committed. Each costs the broker some 0.1 ms.
const LOOK: Duration = Duration::from_millis(20);

/// A group that has not come on for so long never will.
const LONGEST_STANDSTILL: Duration = Duration::from_secs(60);

/// Time for a process to leave its group.
const GRACE: Duration = Duration::from_secs(10);

/// Records lie this far ahead of the clock (the broker allows an hour): else the service would begin to take drivers
/// out of Redis as silent when the topic has been there for half a minute.
const AHEAD_MS: i64 = 30 * 60 * 1000;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Job {
    Positions,
    Documents,
}

struct Drain<'a> {
    job: Job,
    ours: bool,
    ground: &'a Ground,
}

pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let ground = Ground::new(lab.new_space())?;
    let topics = TopicAdmin::new(&ground.settings, events::topic::DEFAULT_PARTITIONS, 1)?;
    topics.create().await?;
    ground.fill(lab.plan.records(), runtime::clock::now_ms() + AHEAD_MS).await?;
    let mut parts = Vec::new();
    for job in [Job::Positions, Job::Documents] {
        let contenders = [true, false].map(|ours| Drain { job, ours, ground: &ground });
        let title = format!("{}, {} reports of 20,000 drivers", job.service(), lab.plan.shown_records());
        parts.push(take_turns(lab, Scenario::Services, title, &contenders).await?);
    }
    topics.delete().await?;
    Ok(parts)
}

impl Job {
    fn service(self) -> &'static str {
        match self {
            Self::Positions => "live-location",
            Self::Documents => "archiver",
        }
    }

    /// The worker that does the same, and its group.
    fn loop_of(self) -> (&'static str, &'static str) {
        match self {
            Self::Positions => ("positions", worker::POSITIONS_GROUP),
            Self::Documents => ("documents", worker::DOCUMENTS_GROUP),
        }
    }

    fn servers(self) -> [(&'static str, Figure); 2] {
        match self {
            Self::Positions => [("kafka", Figure::KafkaUs), ("redis", Figure::RedisUs)],
            Self::Documents => [("kafka", Figure::KafkaUs), ("mongodb", Figure::MongodbUs)],
        }
    }
}

impl Contender for Drain<'_> {
    fn name(&self) -> String {
        if self.ours { OURS.to_owned() } else { BARE.to_owned() }
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let archive = self.prepare(lab).await?;
        let (worker, bare_group) = self.job.loop_of();
        let (arguments, group) = if self.ours {
            (["service", self.job.service()], self.job.service())
        } else {
            (["bench-worker", worker], bare_group)
        };
        let log = lab.folder().join(format!("{group}.log"));
        let command = lab.ourselves(&self.ground.settings, &arguments)?;
        let child = command.stderr(Output::Log(log.clone())).spawn()?;
        let drained = self.watch(lab, &child, group).await;
        child.terminate(GRACE).await;
        let measured = drained.with_context(|| {
            format!(
                "{} did not drain its topic; the end of its log:\n  {}",
                child.name(),
                last_lines(&log, 10).join("\n  ")
            )
        })?;
        self.ground.delete_group(group).await?;
        self.ground.clear_redis(&lab.backends.endpoints.redis_url).await?;
        archive.remove_all().await?;
        Ok(measured.figures(&self.job.servers()))
    }
}

impl Drain<'_> {
    /// Both write into the same collections, with the same rules.
    async fn prepare(&self, lab: &Lab) -> anyhow::Result<Archive> {
        let settings = archive::Settings { mongodb_uri: lab.backends.endpoints.mongodb_uri.clone() };
        let archive = Archive::connect(&settings, &self.ground.settings.namespace).await?;
        if self.job == Job::Documents {
            archive.create_collections().await?;
        }
        Ok(archive)
    }

    /// Measures from the first commit that is seen to the last: starting and joining are not in it.
    async fn watch(&self, lab: &Lab, child: &Child, group: &str) -> anyhow::Result<Measured> {
        let watch = GroupWatch::new(&self.ground.settings, group, &[TOPIC])?;
        let servers = lab.servers();
        let wanted = lab.plan.records();
        let mut look = tokio::time::interval(LOOK);
        let mut moved = tokio::time::Instant::now();
        let mut first: Option<(Sample, u64)> = None;
        let mut last = 0;
        loop {
            look.tick().await;
            ensure!(child.exit().is_none(), "it has ended by itself");
            let committed = committed(&watch)?;
            if committed > last {
                (last, moved) = (committed, tokio::time::Instant::now());
                let now = Sample::take(child.pid(), &servers)?;
                match &first {
                    None => first = Some((now, committed)),
                    Some((first, before)) if committed >= wanted => {
                        return Ok(now.since(first, committed - before));
                    }
                    Some(_) => {}
                }
            }
            ensure!(
                moved.elapsed() < LONGEST_STANDSTILL,
                "no progress for {} s",
                LONGEST_STANDSTILL.as_secs()
            );
        }
    }
}

/// Records of the topic that the group has committed.
fn committed(watch: &GroupWatch) -> anyhow::Result<u64> {
    let progress = tokio::task::block_in_place(|| watch.progress())?;
    let offsets: i64 = progress.iter().filter_map(|part| part.committed).sum();
    Ok(u64::try_from(offsets)?)
}
