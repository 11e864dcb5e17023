//! What tutorials teach: Node and kafkajs, a message at a time or in batches, beside our way.

mod live;

use anyhow::{Context, ensure};
use archive::{Archive, Collection};

use crate::clients::Compression;
use crate::crew::{self, Crew};
use crate::figure::Figures;
use crate::ground::{AHEAD_MS, Ground, TOPIC};
use crate::lab::Lab;
use crate::outcome::Part;
use crate::peer::Peer;
use crate::produce;
use crate::reports::write_lines;
use crate::scenario::{Plan, Scenario};
use crate::spread::number;
use crate::turns::{Contender, OURS, take_turns};

/// Who does it, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The peer, a message at a time.
    Each,
    /// The peer, in batches.
    Batch,
    Ours,
}

const WAYS: [Way; 3] = [Way::Each, Way::Batch, Way::Ours];

impl Way {
    /// Reports of a turn: some seconds of work, which is a few thousand for who takes one at a time.
    fn records(self, plan: Plan) -> u64 {
        match (self, plan.quick) {
            (Self::Each, true) => 2_000,
            (Self::Each, false) => 5_000,
            (Self::Batch | Self::Ours, true) => 50_000,
            (Self::Batch | Self::Ours, false) => 200_000,
        }
    }

    /// As the peer's scripts call it.
    fn argument(self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::Batch => "batch",
            Self::Ours => OURS,
        }
    }

    /// The processes that store reports this way.
    async fn crew<'a>(
        self,
        lab: &Lab,
        ground: &'a Ground,
        archive: &Archive,
        peer: &Peer,
    ) -> anyhow::Result<Crew<'a>> {
        if self == Self::Ours {
            archive.create_collections().await?;
            Crew::of_services(lab, ground)
        } else {
            peer.crew(lab, ground, self.argument())
        }
    }

    fn shown(self, plan: Plan, peer: &str) -> String {
        let who = if self == Self::Ours { OURS } else { peer };
        format!("{who}, {} reports", number(self.records(plan) as f64, true))
    }
}

pub(crate) async fn run(lab: &Lab, peer: &Peer) -> anyhow::Result<Vec<Part>> {
    write_lines(&lab.folder().join("payloads"))?;
    let writers = WAYS.map(|way| Writer { way, plan: lab.plan, peer });
    let title = "Reports written to Kafka".to_owned();
    let written = take_turns(lab, Scenario::Tutorial, title, &writers).await?;
    // One topic for those who take few, one for those who take many.
    let few = filled(lab, Way::Each).await?;
    let many = filled(lab, Way::Ours).await?;
    let storers = WAYS.map(|way| {
        let ground = if way == Way::Each { &few } else { &many };
        Storer { way, plan: lab.plan, peer, ground }
    });
    let title =
        "Reports stored from a full topic: a document of each in MongoDB, its driver's position in Redis";
    let stored = take_turns(lab, Scenario::Tutorial, title.to_owned(), &storers).await?;
    for ground in [few, many] {
        ground.topics()?.delete().await?;
    }
    let live = live::run(lab, peer).await?;
    Ok(vec![written, stored, live])
}

/// A topic that everybody can read.
async fn filled(lab: &Lab, way: Way) -> anyhow::Result<Ground> {
    let ground = Ground::new(lab.new_space())?;
    ground.topics()?.create().await?;
    ground.fill(way.records(lab.plan), runtime::clock::now_ms() + AHEAD_MS, Compression::None).await?;
    Ok(ground)
}

/// Fails if fewer reports are stored; leaves none for who comes next.
async fn check_and_forget(lab: &Lab, ground: &Ground, archive: &Archive, least: u64) -> anyhow::Result<()> {
    let collection = Collection::of_topic(TOPIC).context("reports are not archived")?;
    let stored = archive.count(collection).await?;
    ensure!(stored >= least, "{stored} of {least} reports are stored");
    ground.clear_redis(&lab.backends.endpoints.redis_url).await?;
    archive.remove_all().await
}

struct Writer<'a> {
    way: Way,
    plan: Plan,
    peer: &'a Peer,
}

impl Contender for Writer<'_> {
    fn name(&self) -> String {
        let peer =
            if self.way == Way::Each { "kafkajs, one message a send" } else { "kafkajs, 1,000 a send" };
        self.way.shown(self.plan, peer)
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let ground = Ground::new(lab.new_space())?;
        ground.create_topic().await?;
        let records = self.way.records(lab.plan).to_string();
        let measured = if self.way == Way::Ours {
            lab.work(&ground.settings, &["write", "ours", "--records", &records]).await?
        } else {
            let command = self
                .peer
                .command(lab, &ground.settings, "write.mjs", self.way.argument())
                .args(["--records", &records, "--reports"])
                .arg(lab.folder().join("payloads"));
            lab.told(command).await?
        };
        ground.delete_topic().await?;
        Ok(measured.figures_in_all(&produce::SERVERS))
    }
}

struct Storer<'a> {
    way: Way,
    plan: Plan,
    peer: &'a Peer,
    ground: &'a Ground,
}

impl Contender for Storer<'_> {
    fn name(&self) -> String {
        let peer = if self.way == Way::Each { "kafkajs, eachMessage" } else { "kafkajs, eachBatch" };
        self.way.shown(self.plan, peer)
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let records = self.way.records(lab.plan);
        let archive = self.ground.archive(&lab.backends.endpoints.mongodb_uri).await?;
        let crew = self.way.crew(lab, self.ground, &archive, self.peer).await?;
        let measured = crew.drain(records, &lab.servers()).await?;
        crew.dismiss().await?;
        check_and_forget(lab, self.ground, &archive, records).await?;
        Ok(measured.figures_in_all(&crew::SERVERS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_one_at_a_time_takes_fewer_and_says_so() {
        for quick in [false, true] {
            let plan = Plan::new(quick, None);
            assert!(Way::Each.records(plan) < Way::Batch.records(plan));
            assert_eq!(Way::Batch.records(plan), Way::Ours.records(plan), "they share a topic");
        }
        let plan = Plan::new(false, None);
        assert_eq!(Way::Each.shown(plan, "x"), "x, 5,000 reports");
        assert_eq!(Way::Ours.shown(plan, "x"), "ours, 200,000 reports");
    }
}
