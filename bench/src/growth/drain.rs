//! How fast a group reads its topic with more members, and with more partitions.

use super::repetitions;
use crate::crew::Crew;
use crate::figure::{Figure, Figures};
use crate::ground::{AHEAD_MS, Ground, TOPIC};
use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::{Plan, Scenario};
use crate::turns::{Contender, Rounds, take_rounds};

/// The group that is looked at.
const SERVICE: &str = "live-location";

/// What it reads.
const TOPICS: [&str; 2] = [TOPIC, events::drivers::TOPIC.name];

/// Members of the group, with the usual partitions.
const MEMBERS: [usize; 4] = [1, 2, 3, 4];

/// Partitions of the topics, with one member.
const PARTITIONS: [i32; 3] = [12, 48, 192];

/// A quick run has no more partitions than this.
const MOST_PARTITIONS_QUICK: i32 = 48;

const SERVERS: [(&str, Figure); 2] = [("kafka", Figure::KafkaUs), ("redis", Figure::RedisUs)];

/// One group of so many members that drains topics of so many partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Drain {
    members: usize,
    partitions: i32,
    named: Named,
}

/// What is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Members,
    Partitions,
}

pub(super) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let rounds = Rounds { warm_up: 0, counted: repetitions(lab.plan) };
    let reports = lab.plan.shown_records();
    let title = format!("members of {SERVICE}, {reports} reports, 12 partitions");
    let members = take_rounds(lab, rounds, Scenario::Growth, title, &by_members()).await?;
    let title = format!("partitions, {SERVICE} with one member, {reports} reports");
    let partitions = take_rounds(lab, rounds, Scenario::Growth, title, &by_partitions(lab.plan)).await?;
    Ok(vec![members, partitions])
}

fn by_members() -> Vec<Drain> {
    let drain =
        |members| Drain { members, partitions: events::topic::DEFAULT_PARTITIONS, named: Named::Members };
    MEMBERS.map(drain).into()
}

fn by_partitions(plan: Plan) -> Vec<Drain> {
    let most = if plan.quick { MOST_PARTITIONS_QUICK } else { i32::MAX };
    let drain = |partitions| Drain { members: 1, partitions, named: Named::Partitions };
    PARTITIONS.into_iter().filter(|partitions| *partitions <= most).map(drain).collect()
}

impl Contender for Drain {
    fn name(&self) -> String {
        match (self.named, self.members) {
            (Named::Members, 1) => "1 member".to_owned(),
            (Named::Members, members) => format!("{members} members"),
            (Named::Partitions, _) => format!("{} partitions", self.partitions),
        }
    }

    /// All members have their partitions before there is anything to read, and then there is all of it at once.
    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let ground = Ground::new(lab.new_space())?;
        ground.create_topics(&TOPICS, self.partitions).await?;
        let member = || lab.ourselves(&ground.settings, &["service", SERVICE, "--stats"]);
        let commands: Vec<_> =
            (0..self.members).map(|_| Ok((SERVICE, member()?))).collect::<anyhow::Result<_>>()?;
        let crew = Crew::start(lab, &ground, commands)?;
        crew.until(|| Ok(self.is_shared_out(&partitions_held(&crew)).then_some(()))).await?;
        ground.fill_at_once(lab.plan.records(), runtime::clock::now_ms() + AHEAD_MS).await?;
        let measured = crew.drain(lab.plan.records(), &lab.servers()).await?;
        crew.dismiss().await?;
        ground.clear_redis(&lab.backends.endpoints.redis_url).await?;
        ground.delete_topics(&TOPICS).await?;
        Ok(measured.figures(&SERVERS))
    }
}

impl Drain {
    /// Whether every member has some partitions, and together they have all.
    fn is_shared_out(&self, held: &[i64]) -> bool {
        held.iter().all(|partitions| *partitions > 0)
            && held.iter().sum::<i64>() == i64::from(self.partitions)
    }
}

/// The partitions that each member says it has.
fn partitions_held(crew: &Crew<'_>) -> Vec<i64> {
    let held = |line: runtime::StatsLine| line.values.get("partitions").copied().unwrap_or(0);
    crew.members().iter().map(|member| member.figures().map_or(0, held)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_complete_when_its_members_share_all_partitions() {
        let drain = by_members()[1];
        assert_eq!((drain.members, drain.partitions), (2, 12));
        for (held, complete) in [([6, 6], true), ([12, 0], false), ([12, 6], false), ([6, 5], false)] {
            assert_eq!(drain.is_shared_out(&held), complete, "{held:?}");
        }
    }

    #[test]
    fn rows_are_called_by_what_tells_them_apart() {
        let names = |drains: Vec<Drain>| drains.iter().map(Drain::name).collect::<Vec<_>>();
        assert_eq!(names(by_members()), ["1 member", "2 members", "3 members", "4 members"]);
        assert_eq!(names(by_partitions(Plan::new(true, None))), ["12 partitions", "48 partitions"]);
        assert_eq!(names(by_partitions(Plan::new(false, None))).len(), 3);
    }
}
