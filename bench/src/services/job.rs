//! What a service is given to do, and the loop that does the same.

use events::{drivers, trip_events, trips, zones};

use crate::clients::Compression;
use crate::figure::Figure;
use crate::ground::{AHEAD_MS, Ground, TOPIC};
use crate::inputs::{fill_requests, fill_shifts};
use crate::reports::DRIVERS;
use crate::scenario::Plan;
use crate::spread::number;
use crate::worker::{DOCUMENTS_GROUP, Decoding, POSITIONS_GROUP, Transacting};

/// Wishes, or shift changes, of one turn: a transaction for every 500, some seconds or about one.
const COMMANDS: u64 = 50_000;
const COMMANDS_QUICK: u64 = 20_000;

/// A service, by what it makes of its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    Positions,
    Documents,
    Estimates,
    Fares,
    Zones,
    Trips,
    Drivers,
}

/// A process that does a job: the group it is a member of, and its command line.
pub(super) type Doer = (&'static str, Vec<&'static str>);

impl Job {
    /// Those that leave nothing in Kafka that another turn would find: they share one topic of reports.
    pub(super) const INTO_STORES: [Self; 2] = [Self::Positions, Self::Documents];

    /// Those that write to Kafka, or could: each turn has topics of its own.
    pub(super) const INTO_KAFKA: [Self; 5] =
        [Self::Estimates, Self::Fares, Self::Zones, Self::Trips, Self::Drivers];

    pub(super) fn service(self) -> &'static str {
        match self {
            Self::Positions => "live-location",
            Self::Documents => "archiver",
            Self::Estimates => "eta",
            Self::Fares => "fare",
            Self::Zones => "zones",
            Self::Trips => "trips",
            Self::Drivers => "drivers",
        }
    }

    pub(super) fn ours(self) -> Doer {
        (self.service(), vec!["service", self.service()])
    }

    pub(super) fn bare(self) -> Doer {
        let decoding = |like: Decoding| (like.group(), vec!["decode", like.name()]);
        let transacting = |like: Transacting| (like.group(), vec!["transact", like.name()]);
        let (group, arguments) = match self {
            Self::Positions => (POSITIONS_GROUP, vec!["positions"]),
            Self::Documents => (DOCUMENTS_GROUP, vec!["documents"]),
            Self::Estimates => decoding(Decoding::Eta),
            Self::Zones => decoding(Decoding::Zones),
            Self::Fares => transacting(Transacting::Fare),
            Self::Trips => transacting(Transacting::Trips),
            Self::Drivers => transacting(Transacting::Drivers),
        };
        (group, [vec!["bench-worker"], arguments].concat())
    }

    /// The servers that it keeps busy.
    pub(super) fn servers(self) -> &'static [(&'static str, Figure)] {
        match self {
            Self::Positions => &[("kafka", Figure::KafkaUs), ("redis", Figure::RedisUs)],
            Self::Documents => &[("kafka", Figure::KafkaUs), ("mongodb", Figure::MongodbUs)],
            Self::Estimates | Self::Fares | Self::Zones | Self::Trips | Self::Drivers => {
                &[("kafka", Figure::KafkaUs)]
            }
        }
    }

    /// The topic that it drains.
    pub(super) fn topic(self) -> &'static str {
        match self {
            Self::Trips => Transacting::Trips.topic(),
            Self::Drivers => Transacting::Drivers.topic(),
            Self::Positions | Self::Documents | Self::Estimates | Self::Fares | Self::Zones => TOPIC,
        }
    }

    pub(super) fn records(self, plan: Plan) -> u64 {
        match self {
            Self::Trips | Self::Drivers if plan.quick => COMMANDS_QUICK,
            Self::Trips | Self::Drivers => COMMANDS,
            Self::Positions | Self::Documents | Self::Estimates | Self::Fares | Self::Zones => plan.records(),
        }
    }

    /// Service, how many records, and of what.
    pub(super) fn title(self, plan: Plan) -> String {
        let records = number(self.records(plan) as f64, true);
        let what = match self {
            Self::Trips => "requests for rides".to_owned(),
            Self::Drivers => "beginnings of shifts".to_owned(),
            Self::Positions | Self::Documents | Self::Estimates | Self::Fares | Self::Zones => {
                format!("reports of {} drivers", number(DRIVERS as f64, true))
            }
        };
        format!("{}, {records} {what}", self.service())
    }

    /// The topics that it and the loop beside it want to be there.
    pub(super) fn topics(self) -> Vec<&'static str> {
        let (shared, others): (&[&events::Topic], &[&events::Topic]) = match self {
            Self::Positions | Self::Documents => (&[], &[]),
            Self::Estimates => (&eta::TOPICS, &[&zones::TOPIC]),
            Self::Fares => (&fare::TOPICS, &[]),
            Self::Zones => (&::zones::TOPICS, &[&zones::TOPIC]),
            Self::Trips => (&::trips::TOPICS, &[&trips::TOPIC, &trip_events::TOPIC, &zones::TOPIC]),
            Self::Drivers => (&::drivers::TOPICS, &[&drivers::TOPIC]),
        };
        shared.iter().chain(others).map(|topic| topic.name).collect()
    }

    /// Fills its topic. Who reads reports finds every driver in the table, as free.
    pub(super) async fn fill(self, ground: &Ground, plan: Plan) -> anyhow::Result<()> {
        let records = self.records(plan);
        match self {
            Self::Trips => return fill_requests(ground, records).await,
            Self::Drivers => return fill_shifts(ground, records).await,
            Self::Estimates | Self::Fares | Self::Zones => ground.fill_drivers(DRIVERS).await?,
            Self::Positions | Self::Documents => {}
        }
        ground.fill(records, runtime::clock::now_ms() + AHEAD_MS, Compression::Lz4).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_called_by_service_and_input() {
        let titles = |plan| [Job::Zones, Job::Trips, Job::Drivers].map(|job| job.title(plan));
        assert_eq!(
            titles(Plan::new(false, None)),
            [
                "zones, 1,000,000 reports of 20,000 drivers",
                "trips, 50,000 requests for rides",
                "drivers, 50,000 beginnings of shifts"
            ]
        );
        assert_eq!(titles(Plan::new(true, None))[1], "trips, 20,000 requests for rides");
    }

    #[test]
    fn every_service_but_matching_is_drained_once() {
        let mut services: Vec<&str> =
            Job::INTO_STORES.iter().chain(&Job::INTO_KAFKA).map(|job| job.service()).collect();
        services.sort_unstable();
        assert_eq!(services, ["archiver", "drivers", "eta", "fare", "live-location", "trips", "zones"]);
    }

    #[test]
    fn a_job_finds_its_topic() {
        for job in Job::INTO_KAFKA {
            assert!(job.topics().contains(&job.topic()), "{job:?}");
        }
    }
}
