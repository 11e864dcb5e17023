//! Nothing breaks: rides complete, every group sees every record, members share them.

use crate::city::{City, number};
use crate::records::traced;
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[
    ("rides_complete_and_the_books_close", rides_complete),
    ("every_group_sees_every_record_and_its_members_share_them", groups_share),
    ("a_member_beyond_the_number_of_partitions_stays_idle", idle_member),
];

fn rides_complete(servers: &Servers) {
    let report = City::open(servers, "happy", &["--for", "20s"]).finish_well();
    assert!(number(&report, "requests") > 50, "{report:#}");
    assert_eq!(number(&report, "reports_acknowledged"), number(&report, "reports_in_mongodb"));
    assert_eq!(number(&report, "reports_acknowledged"), number(&report, "reports_in_redis"));
    assert_eq!(number(&report, "completed"), number(&report, "fares"));
    assert_eq!(number(&report, "dead_letters"), 0);
    let ended = ["completed", "cancelled", "unfulfilled"].map(|end| number(&report, end));
    assert_eq!(ended.iter().sum::<u64>(), number(&report, "requests"));
    let (with_header, facts) = traced(&servers.kafka("happy"), events::trip_events::TOPIC.name);
    assert!(facts > 0 && with_header == 0, "no traces, no headers: {with_header} of {facts}");
    assert!(report["request_to_offer_ms"]["p50"].is_u64() && report["first_match_s"].is_f64(), "{report:#}");
}

fn groups_share(servers: &Servers) {
    let report =
        City::open(servers, "shared", &["--for", "15s", "--members", "matching=3,archiver=2"]).finish_well();
    for (name, group) in report["groups"].as_object().expect("groups") {
        let consumed: u64 = members(group).iter().map(|(_, consumed)| consumed).sum();
        assert_eq!(group["produced"], group["consumed"], "{name}");
        assert_eq!(number(group, "produced"), consumed, "{name}: members share without overlap");
    }
    let archivers = members(&report["groups"]["archiver"]);
    assert!(archivers.len() == 2 && archivers.iter().all(|(_, consumed)| *consumed > 0), "{archivers:?}");
    let partitions: u64 =
        members(&report["groups"]["matching"]).iter().map(|(partitions, _)| partitions).sum();
    assert_eq!(partitions, 12);
}

fn idle_member(servers: &Servers) {
    let arguments = ["--for", "10s", "--partitions", "2", "--members", "fare=3"];
    let report = City::open(servers, "idle", &arguments).finish_well();
    let fares = members(&report["groups"]["fare"]);
    assert_eq!(fares.iter().filter(|member| **member == (0, 0)).count(), 1, "{fares:?}");
    assert_eq!(fares.iter().map(|(partitions, _)| partitions).sum::<u64>(), 2, "{fares:?}");
}

/// Partitions and consumed records of each member.
fn members(group: &serde_json::Value) -> Vec<(u64, u64)> {
    let members = group["members"].as_object().expect("members");
    members.values().map(|member| (number(member, "partitions"), number(member, "consumed"))).collect()
}
