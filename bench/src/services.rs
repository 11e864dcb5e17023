//! Real service processes that drain a topic, beside bare loops that make the servers do the same.

mod job;

use crate::crew::Crew;
use crate::figure::Figures;
use crate::ground::Ground;
use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::{Plan, Scenario};
use crate::turns::{BARE, Contender, OURS, Rounds, take_rounds, take_turns};

use self::job::Job;

struct Drain<'a> {
    job: Job,
    ours: bool,
    /// None has topics of its own in each turn.
    ground: Option<&'a Ground>,
}

pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let ground = Ground::new(lab.new_space())?;
    let topics = ground.topics()?;
    topics.create().await?;
    Job::Positions.fill(&ground, lab.plan).await?;
    let mut parts = Vec::new();
    for job in Job::INTO_STORES {
        let contenders = [true, false].map(|ours| Drain { job, ours, ground: Some(&ground) });
        parts.push(take_turns(lab, Scenario::Services, job.title(lab.plan), &contenders).await?);
    }
    topics.delete().await?;
    for job in Job::INTO_KAFKA {
        let contenders = [true, false].map(|ours| Drain { job, ours, ground: None });
        let rounds = rounds(lab.plan);
        parts.push(take_rounds(lab, rounds, Scenario::Services, job.title(lab.plan), &contenders).await?);
    }
    Ok(parts)
}

/// Topics of its own take a turn some seconds: a quick run has a third as many, and none to warm up; by then the servers
/// are warm.
fn rounds(plan: Plan) -> Rounds {
    if plan.quick {
        return Rounds { warm_up: 0, counted: (plan.repetitions / 3).max(1) };
    }
    Rounds { warm_up: 1, counted: plan.repetitions }
}

impl Contender for Drain<'_> {
    fn name(&self) -> String {
        if self.ours { OURS.to_owned() } else { BARE.to_owned() }
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        match self.ground {
            Some(ground) => self.drain_into_stores(lab, ground).await,
            None => self.drain_into_kafka(lab).await,
        }
    }
}

impl Drain<'_> {
    /// Both write into the same collections, with the same rules.
    async fn drain_into_stores(&self, lab: &Lab, ground: &Ground) -> anyhow::Result<Figures> {
        let archive = ground.archive(&lab.backends.endpoints.mongodb_uri).await?;
        if self.job == Job::Documents {
            archive.create_collections().await?;
        }
        let figures = self.drain(lab, ground).await?;
        ground.clear_redis(&lab.backends.endpoints.redis_url).await?;
        archive.remove_all().await?;
        Ok(figures)
    }

    async fn drain_into_kafka(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let ground = Ground::new(lab.new_space())?;
        let topics = self.job.topics();
        ground.create_topics(&topics, events::topic::DEFAULT_PARTITIONS).await?;
        self.job.fill(&ground, lab.plan).await?;
        let figures = self.drain(lab, &ground).await?;
        ground.delete_topics(&topics).await?;
        Ok(figures)
    }

    async fn drain(&self, lab: &Lab, ground: &Ground) -> anyhow::Result<Figures> {
        let (group, arguments) = if self.ours { self.job.ours() } else { self.job.bare() };
        let command = lab.ourselves(&ground.settings, &arguments)?;
        let crew = Crew::start_on(&[self.job.topic()], lab, ground, [(group, command)])?;
        let measured = crew.drain(self.job.records(lab.plan), &lab.servers()).await?;
        crew.dismiss().await?;
        Ok(measured.figures(self.job.servers()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_run_has_one_turn_where_topics_are_made_anew() {
        assert_eq!(rounds(Plan::new(true, None)), Rounds { warm_up: 0, counted: 1 });
        assert_eq!(rounds(Plan::new(true, Some(6))).counted, 2);
        assert_eq!(rounds(Plan::new(false, None)), Rounds { warm_up: 1, counted: 5 });
    }
}
