//! The load: reports leave on schedule whatever the system does, and what was acknowledged is there, one by one.

use std::path::Path;
use std::process::Command;

use backends::Server;
use serde_json::Value;
use tempfile::TempDir;

use crate::city::{City, number};
use crate::records::read_all;
use crate::servers::{Servers, Test};

/// Those that look at no rate and no time.
pub(crate) const WITHOUT_HURRY: &[Test] = &[
    ("a_load_that_is_interrupted_closes_its_ledger", interrupted),
    ("a_recording_is_replayed_and_stored_whole", recording_is_replayed),
];

/// Those that have to keep up, open in time, or break the broker.
pub(crate) const IN_TIME: &[Test] = &[
    ("a_load_is_stored_whole_and_its_ledger_agrees", load_is_stored),
    ("a_load_keeps_its_schedule_while_the_broker_is_away", schedule_is_kept),
    ("equal_seeds_and_times_give_equal_reports", same_reports),
];

fn load_is_stored(servers: &Servers) {
    let dir = TempDir::with_prefix("hailstorm-test-").expect("a folder");
    let arguments =
        ["--rate", "2000", "--every", "1s", "--requests-per-minute", "300", "--ramp", "1s", "--for", "8s"];
    let ledger = dir.path().display().to_string();
    let shared = ["--processes", "2", "--ledger", &ledger];
    let arguments = [&arguments[..], &shared].concat();
    let report = City::load(servers, "load", &arguments).finish_without_rides();
    check_ledger(&report);
    assert!(number(&report, "requests") > 10 && number(&report, "offers") > 0, "{report:#}");
    let reports = number(&report, "reports_acknowledged");
    // Eight seconds, and until the last ride has come to an end.
    assert!((12_000..80_000).contains(&reports), "{report:#}");
    assert_eq!(number(&report, "reports_in_mongodb"), reports, "{report:#}");
    let cores = report["cpu"]["all_cores"].as_f64().expect("a number");
    let cores_of = |name: &str| report["cpu"]["cores"][name].as_f64().expect("a number");
    assert!(cores > 0.0 && cores_of("loadgen-1") > 0.0 && cores_of("loadgen-2") > 0.0, "{report:#}");
    assert_eq!(number(&report, "reports_in_ledger"), reports, "{report:#}");
    check_ledger_files(servers, dir.path());
}

/// Both processes have closed their books, a made-up report in them is found, and so is damage.
fn check_ledger_files(servers: &Servers, dir: &Path) {
    for (share, name) in ["loadgen-1.csv", "loadgen-2.csv"].into_iter().enumerate() {
        let text = std::fs::read_to_string(dir.join(name)).expect("a ledger");
        let mut drivers =
            text.lines().skip(1).filter_map(|line| line.split(',').next()?.parse::<usize>().ok());
        assert!(drivers.clone().count() > 5_000 && drivers.all(|driver| (driver - 1) % 2 == share), "{name}");
        assert!(text.lines().last().is_some_and(|line| line.starts_with("end,")), "{name}");
    }
    assert_eq!(audit(servers, "load", dir).0, Some(0));
    let one_more = "driver,at_ms,partition,offset\n7,1700000000000,0,12345678\n";
    std::fs::write(dir.join("made-up.csv"), one_more).expect("a file");
    let (code, told) = audit(servers, "load", dir);
    let missing = "driver-locations/0@12345678: acknowledged, and not in the topic";
    assert!(
        code == Some(1) && told.contains(missing) && told.contains("made-up.csv was not closed"),
        "{told}"
    );
    std::fs::write(dir.join("made-up.csv"), &one_more[..one_more.len() - 1]).expect("a file");
    let (code, told) = audit(servers, "load", dir);
    assert!(code == Some(1) && told.contains("made-up.csv line 2: cut off"), "{told}");
}

/// Runs the audit against the ledgers of a folder; its exit code, and what it prints.
fn audit(servers: &Servers, namespace: &str, ledger: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hailstorm"))
        .args(["audit", "--closed", "--ledger"])
        .arg(ledger)
        .envs(servers.environment())
        .env("HAILSTORM_NAMESPACE", namespace)
        .output()
        .expect("the command runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
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
    let silent_ms = number(&report["schedule"], "broker_silent_ms");
    assert!((1_000..60_000).contains(&silent_ms), "how long it was away: {report:#}");
}

/// Ctrl-C in the middle: the file ends as one whose books are closed, and all it names is there.
fn interrupted(servers: &Servers) {
    let dir = TempDir::with_prefix("hailstorm-test-").expect("a folder");
    let ledger = dir.path().display().to_string();
    let drivers = ["--drivers", "1000", "--every", "1s", "--requests-per-minute", "120"];
    let arguments = [&drivers[..], &["--for", "10m", "--ledger", &ledger]].concat();
    let city = City::load(servers, "load-interrupted", &arguments);
    city.wait_for_stored_reports(3_000);
    let report = city.close_without_rides();
    let text = std::fs::read_to_string(dir.path().join("loadgen-1.csv")).expect("a ledger");
    let lines = text.lines().count() - 2;
    assert_eq!(text.lines().last(), Some(format!("end,{lines},,").as_str()));
    assert_eq!(number(&report, "reports_in_ledger"), lines as u64, "{report:#}");
    assert_eq!(number(&report, "reports_acknowledged"), lines as u64, "{report:#}");
    let (code, told) = audit(servers, "load-interrupted", dir.path());
    assert_eq!(code, Some(0), "{told}");
}

/// The sums of each partition tell whether two loads have reported the same.
fn same_reports(servers: &Servers) {
    let load = |namespace: &str, seed: &str| {
        let drivers = ["--drivers", "400", "--every", "1s", "--ramp", "1s", "--requests-per-minute", "0"];
        let from = ["--from", "2008-05-23T08:00:00-07:00", "--for", "5s", "--seed", seed];
        let report = City::load(servers, namespace, &[&drivers[..], &from].concat()).finish_without_rides();
        check_ledger(&report);
        let schedule = &report["schedule"];
        assert!(schedule["hash"].is_string(), "it opened in time: {report:#}");
        // Each driver comes within the first second and reports from then on; the first one once more at the very end.
        assert_eq!(number(&report, "reports_acknowledged"), 400 * 5 + 1, "{report:#}");
        (schedule["ledger"].clone(), schedule["hash"].clone())
    };
    let first = load("load-seed-7", "7");
    assert_eq!(load("load-again-7", "7"), first);
    let other = load("load-seed-8", "8");
    assert!(other.0 != first.0 && other.1 != first.1, "{other:?}");
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
