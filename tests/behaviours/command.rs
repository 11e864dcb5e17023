//! The command itself: signals, cleaning up, bad input.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use crate::city::{end, interrupt, wait_until};
use crate::own::Own;
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[
    ("ctrl_c_closes_the_city_and_leaves_nothing_behind", ctrl_c),
    ("a_second_ctrl_c_stops_at_once_and_leaves_nothing_behind", two_ctrl_c),
    ("a_killed_demo_takes_its_processes_along", killed),
    ("files_that_can_not_be_used_are_said_with_file_and_line", bad_files),
    ("options_that_make_no_sense_are_said_in_one_line", bad_options),
    ("topics_that_differ_fail_the_check", topics_differ),
];

fn ctrl_c(_: &Servers) {
    let own = Own::start("ctrl-c");
    interrupt(&own.child);
    assert_eq!(end(&own.child), Some(0), "{}", own.output());
    assert!(own.output().contains("everything adds up"), "{}", own.output());
    assert!(!own.has_processes() && !own.has_servers());
    assert_eq!(own.files_left(), Vec::<String>::new());
}

fn two_ctrl_c(_: &Servers) {
    let own = Own::start("two-ctrl-c");
    interrupt(&own.child);
    wait_until("the first is heard", || own.output().contains("closing"));
    interrupt(&own.child);
    assert_eq!(end(&own.child), Some(1), "{}", own.output());
    assert!(!own.has_processes() && !own.has_servers());
    let left = own.files_left();
    assert!(
        left.iter().all(|file| file.starts_with("hailstorm-logs-")),
        "only the logs of what went wrong: {left:?}"
    );
}

fn killed(_: &Servers) {
    let own = Own::start("killed-demo");
    own.child.kill();
    end(&own.child);
    wait_until("all processes of the run are gone", || !own.has_processes() && !own.has_servers());
}

fn hailstorm(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hailstorm"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the command runs")
}

fn demo_with_trips(path: &Path) -> (Option<i32>, String) {
    refused(&["demo", "--backends", "native", "--trips", &path.display().to_string()])
}

/// The exit code of a command, and what it says of its input.
fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let output = hailstorm(arguments);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn bad_files(_: &Servers) {
    let dir = TempDir::new().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    };
    let header = "t_pickup,pickup_lat,pickup_lon,dropoff_lat,dropoff_lon\n";
    let row = "1211587200,46.0,0.5,46.01,0.51\n";
    let no_column = write("no_column.csv", b"t_pickup,pickup_lat\n1,2\n");
    let broken = write("broken.csv", format!("{header}{row}1211587201,46.0,east,46.0,0.5\n").as_bytes());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all((header.to_owned() + &row.repeat(20_000)).as_bytes()).expect("memory");
    let whole = encoder.finish().expect("memory");
    let cut = write("cut.csv.gz", &whole[..whole.len() / 2]);
    let backwards =
        write("backwards.csv", b"t,cab,lat,lon,occ\n1211587900,1,46.0,0.5,0\n1211587200,1,46.0,0.5,0\n");
    let (code, message) = refused(&["replay", &backwards.display().to_string()]);
    assert_eq!(code, Some(2), "{message}");
    assert!(message.contains("backwards.csv line 3: the row lies 700 s before"), "{message}");
    let no_rides = write("free.csv", b"t,cab,lat,lon,occ\n1211587200,1,46.0,0.5,0\n");
    let (code, message) = refused(&["replay", &no_rides.display().to_string(), "--rides"]);
    assert_eq!(code, Some(2), "{message}");
    assert!(message.contains("free.csv: no ride begins in the time that is replayed"), "{message}");
    for (path, told) in [(no_column, "pickup_lon"), (broken, "line 3"), (cut, "cut.csv.gz")] {
        let (code, message) = demo_with_trips(&path);
        assert_eq!(code, Some(2), "{message}");
        assert!(
            message.contains(told) && message.contains(&*path.file_name().expect("a name").to_string_lossy()),
            "{message}"
        );
    }
}

fn bad_options(_: &Servers) {
    for (arguments, told) in [
        (["demo", "--speed", "0"], "a factor from 0.1 to 1000"),
        (["demo", "--members", "pricing=2"], "there is no service \"pricing\""),
        (["demo", "--from", "yesterday"], "expected a time such as"),
        (["demo", "--for", "soon"], "soon"),
        (["load", "--rate=1000000", "--every=60s"], "more than 2000000 drivers"),
        (["load", "--requests-per-minute=-5", "--every=5s"], "requests from 0 to 1000000"),
        (["load", "--requests-per-minute=inf", "--every=5s"], "requests from 0 to 1000000"),
        (["service", "loadgen", "--requests-per-minute=-5"], "requests from 0 to 1000000"),
        (["replay", "no-such-file.csv", "--speed=2"], "no-such-file.csv"),
        (["replay", "pings.csv", "--ride-drivers=5"], "--rides or --trips FILE"),
        (["bench", "nonsense", "--quick"], "nonsense"),
    ] {
        let output = hailstorm(&arguments);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(told), "{message}");
    }
}

fn topics_differ(servers: &Servers) {
    let topics = |action: &str, partitions: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hailstorm"));
        command
            .args(["topics", action, "--namespace", "differ", "--partitions", partitions])
            .envs(servers.environment());
        let output = command.output().expect("the command runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(topics("create", "3").0, Some(0));
    assert_eq!(topics("create", "3").0, Some(0), "creating again is no trouble");
    assert_eq!(topics("check", "3").0, Some(0));
    for action in ["check", "create"] {
        let (code, lines) = topics(action, "12");
        assert_eq!(code, Some(1), "{action}");
        assert!(lines.contains("trips: partitions is 3, should be 12"), "{action}: {lines}");
    }
    assert!(topics("describe", "3").1.contains("driver-locations"));
    for name in ["load", "demo"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hailstorm"));
        command
            .args([name, "--backends", "external", "--namespace", "differ", "--partitions", "12"])
            .envs(servers.environment());
        let output = command.output().expect("the command runs");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (lines, message) = (said(&output.stdout), said(&output.stderr));
        assert_eq!(output.status.code(), Some(2), "{name}: {lines}{message}");
        assert!(message.contains("topic trips: partitions is 3, should be 12"), "{name}: {message}");
        assert!(message.contains("choose another --namespace, or --partitions 3"), "{name}: {message}");
        assert!(!lines.contains("services are starting"), "{name}: {lines}");
    }
}
