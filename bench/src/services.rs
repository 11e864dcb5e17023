//! Real service processes that drain a topic, beside bare loops that make the servers do the same.

use archive::Archive;

use crate::clients::Compression;
use crate::crew::Crew;
use crate::figure::{Figure, Figures};
use crate::ground::{AHEAD_MS, Ground};
use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::Scenario;
use crate::turns::{BARE, Contender, OURS, take_turns};
use crate::worker;

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
    let topics = ground.topics()?;
    topics.create().await?;
    ground.fill(lab.plan.records(), runtime::clock::now_ms() + AHEAD_MS, Compression::Lz4).await?;
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
        let command = lab.ourselves(&self.ground.settings, &arguments)?;
        let crew = Crew::start(lab, self.ground, [(group, command)])?;
        let measured = crew.drain(lab.plan.records(), &lab.servers()).await?;
        crew.dismiss().await?;
        self.ground.clear_redis(&lab.backends.endpoints.redis_url).await?;
        archive.remove_all().await?;
        Ok(measured.figures(&self.job.servers()))
    }
}

impl Drain<'_> {
    /// Both write into the same collections, with the same rules.
    async fn prepare(&self, lab: &Lab) -> anyhow::Result<Archive> {
        let archive = self.ground.archive(&lab.backends.endpoints.mongodb_uri).await?;
        if self.job == Job::Documents {
            archive.create_collections().await?;
        }
        Ok(archive)
    }
}
