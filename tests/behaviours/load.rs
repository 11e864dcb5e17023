//! The load: reports leave on schedule whatever the system does, and what was acknowledged is there.

use backends::Server;
use serde_json::Value;
use tempfile::TempDir;

use crate::city::{City, number};
use crate::records::read_all;
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[
    ("a_load_is_stored_whole_and_its_ledger_agrees", load_is_stored),
    ("a_load_keeps_its_schedule_while_the_broker_is_away", schedule_is_kept),
    ("a_recording_is_replayed_and_stored_whole", recording_is_replayed),
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

/// Three cars with a position each ten seconds for five minutes, five times over: 450 reports, each stored once. Two of
/// the cars have a rider for a while, who is asked for once; the third has one all the time, of whom nobody knows whence.
fn recording_is_replayed(servers: &Servers) {
    let dir = TempDir::with_prefix("hailstorm-test-").expect("a folder");
    let file = dir.path().join("pings.csv");
    let rows = (0..90).map(|row| {
        let (second, car) = (row / 3 * 10, row % 3);
        let occupied = [(60..=180).contains(&second), (90..=200).contains(&second), true][row as usize % 3];
        let lat = 46.0 + f64::from(second) * 1e-4 / 3.0;
        format!("{},{car},{lat:.5},0.5,{}\n", 1_211_587_200 + second, u8::from(occupied))
    });
    std::fs::write(&file, format!("t,cab,lat,lon,occ\n{}", rows.collect::<String>())).expect("a file");
    let file = file.display().to_string();
    let arguments =
        [&file, "--copies", "5", "--spread", "0s", "--speed", "30", "--rides", "--ride-drivers", "40"];
    let report = City::replay(servers, "replay", &arguments).finish_without_rides();
    let reports = read_all(&servers.kafka("replay"), events::driver_locations::TOPIC.name);
    let recorded = reports.iter().filter(|report| report["driver"].as_u64() >= Some(10_000_000)).count();
    assert_eq!(recorded, 450, "{report:#}");
    assert_eq!(number(&report, "reports_acknowledged"), reports.len() as u64, "{report:#}");
    assert_eq!(number(&report, "reports_in_mongodb"), reports.len() as u64, "{report:#}");
    assert_eq!(number(&report["schedule"], "late"), 0, "{report:#}");
    check_ledger(&report);
    assert_eq!(number(&report, "requests"), 2, "{report:#}");
    let ended = ["completed", "cancelled", "unfulfilled"].map(|end| number(&report, end));
    assert_eq!(ended.iter().sum::<u64>(), 2, "{report:#}");
}

/// The partitions of the ledger add up to what was acknowledged; that the topic holds it, the audit says.
fn check_ledger(report: &Value) {
    let ledger = report["schedule"]["ledger"].as_object().expect("a ledger");
    assert!(!ledger.is_empty(), "{report:#}");
    let records: u64 = ledger.values().map(|sum| number(sum, "records")).sum();
    assert_eq!(records, number(report, "reports_acknowledged"), "{report:#}");
    assert!(ledger.values().all(|sum| sum["checksum"].is_u64()), "{report:#}");
}
