//! Reports stored as they come, at a rate: batches are as large as who takes them lets them become, not as large as a
//! full topic makes them.

use std::time::Duration;

use anyhow::ensure;
use archive::Archive;
use backends::process::Output;

use super::{Way, check_and_forget};
use crate::crew;
use crate::figure::Figures;
use crate::ground::Ground;
use crate::lab::Lab;
use crate::outcome::Part;
use crate::peer::Peer;
use crate::scenario::{Plan, Scenario};
use crate::spread::number;
use crate::turns::{Contender, OURS, Rounds, take_rounds};

/// Reports a second. One at a time is left out: it takes some hundreds.
const RATES: [u32; 2] = [20_000, 50_000];

/// Turns of half a minute each are long enough to need no more.
const MOST_REPETITIONS: u32 = 3;

/// For the last commits after the writer has stopped.
const GRACE: Duration = Duration::from_secs(10);

/// Seconds of reports before it counts, and those that count.
fn seconds(plan: Plan) -> (u64, u64) {
    if plan.quick { (3, 5) } else { (8, 20) }
}

pub(super) async fn run(lab: &Lab, peer: &Peer) -> anyhow::Result<Part> {
    let ways = [Way::Batch, Way::Ours];
    let followers: Vec<Follower<'_>> =
        RATES.iter().flat_map(|rate| ways.map(|way| Follower { way, rate: *rate, peer })).collect();
    let title = "Reports stored as they come, at a rate: what a stored report costs".to_owned();
    let rounds = Rounds { warm_up: 0, counted: lab.plan.repetitions.min(MOST_REPETITIONS) };
    take_rounds(lab, rounds, Scenario::Tutorial, title, &followers).await
}

/// Who stores what somebody else writes meanwhile.
struct Follower<'a> {
    way: Way,
    rate: u32,
    peer: &'a Peer,
}

impl Contender for Follower<'_> {
    fn name(&self) -> String {
        let who = if self.way == Way::Ours { OURS } else { "kafkajs, eachBatch" };
        format!("{who}, {} reports/s", number(f64::from(self.rate), true))
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let ground = Ground::new(lab.new_space())?;
        let topics = ground.topics_of(events::topic::partitions_for_this_machine())?;
        topics.create().await?;
        let archive = ground.archive(&lab.backends.endpoints.mongodb_uri).await?;
        let (figures, counted) = self.follow(lab, &ground, &archive).await?;
        check_and_forget(lab, &ground, &archive, counted).await?;
        topics.delete().await?;
        Ok(figures)
    }
}

impl Follower<'_> {
    /// What it cost, and how many reports had to be stored by then.
    async fn follow(&self, lab: &Lab, ground: &Ground, archive: &Archive) -> anyhow::Result<(Figures, u64)> {
        let crew = self.way.crew(lab, ground, archive, self.peer).await?;
        let rate = self.rate.to_string();
        let writer = lab.worker(&ground.settings, &["pace", "--rate", &rate])?;
        let writer = writer.stderr(Output::Log(lab.folder().join("writer.log"))).spawn()?;
        let (warm_up, counted) = seconds(lab.plan);
        let reports = |seconds: u64| seconds * u64::from(self.rate);
        let last = reports(warm_up + counted);
        let measured = crew.follow(reports(warm_up), last, &lab.servers()).await?;
        ensure!(writer.exit().is_none(), "the writer has ended by itself");
        writer.terminate(GRACE).await;
        crew.dismiss().await?;
        Ok((measured.figures_in_all(&crew::SERVERS), last))
    }
}
