//! The load: reports leave on schedule whatever the system does, and what was acknowledged is there.

use backends::Server;
use serde_json::Value;

use crate::city::{City, number};
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[
    ("a_load_is_stored_whole_and_its_ledger_agrees", load_is_stored),
    ("a_load_keeps_its_schedule_while_the_broker_is_away", schedule_is_kept),
];

fn load_is_stored(servers: &Servers) {
    let arguments =
        ["--rate", "2000", "--every", "1s", "--requests-per-minute", "0", "--ramp", "1s", "--for", "8s"];
    let report = City::load(servers, "load", &arguments).finish_without_rides();
    check_ledger(&report);
    let reports = number(&report, "reports_acknowledged");
    assert!((12_000..18_000).contains(&reports), "{report:#}");
    assert_eq!(number(&report, "reports_in_mongodb"), reports, "{report:#}");
    let cores = report["cpu"]["all_cores"].as_f64().expect("a number");
    assert!(cores > 0.0 && report["cpu"]["cores"]["loadgen-1"].is_number(), "{report:#}");
}

fn schedule_is_kept(servers: &Servers) {
    let arguments = ["--drivers", "1000", "--every", "1s", "--requests-per-minute", "120", "--for", "20s"];
    let city = City::load(servers, "load-broker", &arguments);
    city.wait_for_stored_reports(3_000);
    servers.kill_and_start(Server::Kafka);
    let report = city.finish_without_rides();
    check_ledger(&report);
    assert_eq!(number(&report["schedule"], "late"), 0, "{report:#}");
    let reports = number(&report, "reports_acknowledged");
    assert!(reports > 17_000, "{report:#}");
}

/// The partitions of the ledger add up to what was acknowledged; that the topic holds it, the audit says.
fn check_ledger(report: &Value) {
    let ledger = report["schedule"]["ledger"].as_object().expect("a ledger");
    assert_eq!(ledger.len(), 12, "{report:#}");
    let records: u64 = ledger.values().map(|sum| number(sum, "records")).sum();
    assert_eq!(records, number(report, "reports_acknowledged"), "{report:#}");
    assert!(ledger.values().all(|sum| sum["checksum"].is_u64()), "{report:#}");
}
