//! The guided hunts of docs/observe.md are true: each trouble shows where its hunt says that it does, and only there.
//!
//! One city for all three. Looked at are the metrics behind the panels that a hunt names, process by process.

use std::collections::BTreeMap;

use backends::Server;
use domain::DriverId;
use events::{OutRecord, Topic, driver_locations};

use crate::breaking::GROUPS;
use crate::city::{City, number, wait_until};
use crate::observe::{free_ports, get, last_number, ports};
use crate::poison::now;
use crate::records::{record, send};
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] =
    &[("each_guided_hunt_leads_from_its_symptom_to_its_cause_and_nowhere_else", hunts)];

const NAMESPACE: &str = "hunts";

/// Nobody of the city, so that its reports disturb no ride.
const HOT_DRIVER: DriverId = DriverId(900_007);

/// Some seconds of work for whoever stores them.
const HOT_REPORTS: usize = 60_000;

/// So many records behind is a backlog; the city writes some seventy a second to a partition.
const BACKLOG: f64 = 3_000.0;

/// How far behind in time the archiver has to fall, in seconds, and how far nobody else may be. Of the first it spends
/// more than [`SLOW`] waiting for its sink: it collects for a second, and reading takes its time on a busy machine.
const BEHIND_S: f64 = 6.0;
const ABREAST_S: f64 = 2.0;

/// A bound of the histograms, in seconds: what takes longer is slow, whatever else the machine does.
const SLOW: &str = "2.5";

/// Time in which what was decided is made to last.
const DELIVERY: &str = "hailstorm_delivery_duration_seconds";

fn hunts(servers: &Servers) {
    let first = free_ports();
    let city = City::open(servers, NAMESPACE, &["--metrics-port", &first.to_string()]);
    city.wait_for_completed(3);
    let processes = Processes { ports: ports(&city.output()) };
    poison_record(servers, &processes);
    hot_partition(servers, &city, &processes);
    slow_database(servers, &processes);
    city.wait_for_completed(city.figure("completed") + 3);
    let report = city.close_well();
    assert_eq!(number(&report, "dead_letters"), 1, "{report:#}");
}

/// One dead letter, with its reason, at everybody who reads that topic; nobody stops at it.
fn poison_record(servers: &Servers, processes: &Processes) {
    let letters = |picture: &Picture, service: &str, labels: &[&str]| {
        picture.sum(service, "hailstorm_dead_letters_total", labels)
    };
    send(servers, NAMESPACE, &[record(&driver_locations::TOPIC, "7", Some(r#"{"driver":7,"#))]);
    let readers = || GROUPS.into_iter().filter(|(_, topics)| reads_reports(topics));
    assert_eq!(readers().count(), 5);
    wait_until("everybody who reads reports has met it", || {
        let picture = processes.picture();
        readers().all(|(service, _)| letters(&picture, service, &[]) > 0.0)
    });
    let after = processes.picture();
    for (service, topics) in GROUPS {
        let expected = f64::from(u8::from(reads_reports(topics)));
        let reason = ["reason=\"malformed_json\""];
        assert_eq!(letters(&after, service, &reason), expected, "{service}");
        assert_eq!(letters(&after, service, &[]), expected, "{service}: another reason");
        assert!(after.lag_s(service) < ABREAST_S, "{service} stops at it: {}", after.lag_s(service));
    }
}

/// A phone gone mad: all its reports have one key, and so one partition falls behind, at everybody who is not fast
/// enough, and no other does.
fn hot_partition(servers: &Servers, city: &City, processes: &Processes) {
    let at = now(city);
    let payload =
        format!(r#"{{"driver":{HOT_DRIVER},"at":{at},"lat":46.0,"lon":0.5,"heading":90,"speed":8.3}}"#);
    let report = record(&driver_locations::TOPIC, &HOT_DRIVER.to_string(), Some(&payload));
    let reports: Vec<OutRecord> = vec![report; HOT_REPORTS];
    let mut deepest = Backlogs::new();
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| send(servers, NAMESPACE, &reports));
        wait_until("the archiver has met them all", || {
            let picture = processes.picture();
            picture.note_backlogs(&mut deepest);
            sending.is_finished() && picture.lag_s("archiver") < ABREAST_S && picture.deepest() < BACKLOG
        });
    });
    let behind: Vec<_> = deepest.iter().filter(|(_, records)| **records > BACKLOG).collect();
    let places: Vec<(&str, &str)> =
        behind.iter().map(|((_, topic, partition), _)| (topic.as_str(), partition.as_str())).collect();
    assert!(behind.iter().any(|((group, ..), _)| group == "archiver"), "{deepest:?}");
    assert!(places.iter().all(|place| *place == places[0]), "more than one partition: {behind:?}");
    assert_eq!(places[0].0, driver_locations::TOPIC.name);
}

/// Only the one service that writes to the database falls behind; the time goes into making things last there, none of
/// it into deciding, and into operations of that database alone.
fn slow_database(servers: &Servers, processes: &Processes) {
    let before = processes.picture();
    let frozen = Frozen::new(servers, Server::Mongodb);
    let mut during = processes.picture();
    wait_until("the archiver falls behind", || {
        during = processes.picture();
        during.lag_s("archiver") > BEHIND_S
    });
    drop(frozen);
    for (service, _) in GROUPS.into_iter().filter(|(service, _)| *service != "archiver") {
        assert!(during.lag_s(service) < ABREAST_S, "{service} is behind, too: {}", during.lag_s(service));
    }
    let mut after = processes.picture();
    wait_until("the archiver has caught up", || {
        after = processes.picture();
        let told = |picture: &Picture| picture.slow("archiver", DELIVERY, &[]);
        told(&after) > told(&before) && after.lag_s("archiver") < ABREAST_S
    });
    for (service, _) in GROUPS {
        let slow = |metric: &str, labels: &[&str]| {
            after.slow(service, metric, labels) - before.slow(service, metric, labels)
        };
        let is_it = service == "archiver";
        assert_eq!(slow(DELIVERY, &[]) > 0.0, is_it, "{service}: to make last");
        assert_eq!(slow("hailstorm_handler_duration_seconds", &[]), 0.0, "{service}: to decide");
        let operation = "db_client_operation_duration_seconds";
        assert_eq!(slow(operation, &["db_system_name=\"mongodb\""]) > 0.0, is_it, "{service}: MongoDB");
        assert_eq!(slow(operation, &["db_system_name=\"redis\""]), 0.0, "{service}: Redis");
    }
}

fn reads_reports(topics: &[&Topic]) -> bool {
    topics.iter().any(|topic| topic.name == driver_locations::TOPIC.name)
}

/// A server that is frozen; dropped, it goes on, so that the tests behind this one have it.
struct Frozen<'a>(&'a Servers, Server);

impl<'a> Frozen<'a> {
    fn new(servers: &'a Servers, server: Server) -> Self {
        servers.freeze(server);
        Self(servers, server)
    }
}

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        self.0.thaw(self.1);
    }
}

/// Greatest lag in records by group, topic and partition.
type Backlogs = BTreeMap<(String, String, String), f64>;

/// The processes of the city, and where each tells its metrics.
struct Processes {
    ports: BTreeMap<String, u16>,
}

/// What all of them told at one moment, by service.
struct Picture(BTreeMap<String, String>);

impl Processes {
    fn picture(&self) -> Picture {
        let told = self.ports.iter().map(|(member, port)| {
            let service = member.rsplit_once('-').expect("a number").0;
            (service.to_owned(), get(*port, "/metrics"))
        });
        Picture(told.collect())
    }
}

impl Picture {
    /// The series of a metric with all these labels.
    fn series<'a>(
        &'a self,
        service: &str,
        metric: &'a str,
        labels: &'a [&str],
    ) -> impl Iterator<Item = &'a str> {
        let of_it = move |line: &&str| {
            line.strip_prefix(metric).is_some_and(|rest| rest.starts_with('{'))
                && labels.iter().all(|label| line.contains(label))
        };
        self.0[service].lines().filter(of_it)
    }

    fn sum(&self, service: &str, metric: &str, labels: &[&str]) -> f64 {
        self.series(service, metric, labels).map(last_number).sum()
    }

    /// How many of a histogram took longer than [`SLOW`].
    fn slow(&self, service: &str, metric: &str, labels: &[&str]) -> f64 {
        let bound = format!("le=\"{SLOW}\"");
        let quick = self.sum(service, &format!("{metric}_bucket"), &[labels, &[&bound]].concat());
        self.sum(service, &format!("{metric}_count"), labels) - quick
    }

    /// How far a group is behind where it is most, in seconds.
    fn lag_s(&self, service: &str) -> f64 {
        self.series(service, "kafka_consumergroup_lag_seconds", &[]).map(last_number).fold(0.0, f64::max)
    }

    /// Greatest lag of all groups, in records.
    fn deepest(&self) -> f64 {
        let mut backlogs = Backlogs::new();
        self.note_backlogs(&mut backlogs);
        backlogs.into_values().fold(0.0, f64::max)
    }

    /// Adds what is behind now to what was at most.
    fn note_backlogs(&self, deepest: &mut Backlogs) {
        for service in self.0.keys() {
            for line in self.series(service, "kafka_consumergroup_lag", &[]) {
                let label = |name: &str| {
                    let value = line.split_once(&format!(",{name}=\"")).expect("it has the label").1;
                    value.split('"').next().unwrap_or_default().to_owned()
                };
                let place = (label("consumergroup"), label("topic"), label("partition"));
                let most = deepest.entry(place).or_default();
                *most = most.max(last_number(line));
            }
        }
    }
}
