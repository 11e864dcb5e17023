//! The contract that a gateway serves, tried out by schemathesis: whatever is sent, what comes back is what was promised.
//!
//! Event streams and the live socket have tests of their own: they do not end by themselves.

use std::path::Path;
use std::time::Duration;

use backends::process::capture;
use serde_json::Value;
use tempfile::TempDir;

use crate::api::Api;
use crate::city::{City, wait_until};
use crate::servers::{Servers, Test};
use crate::tools;

pub(crate) const TESTS: &[Test] = &[("a_gateway_keeps_the_contract_that_it_serves", contract_is_kept)];

/// What is tried lies in the hands of the seed; with this it takes some minutes.
const TRIED: [&str; 6] = ["--max-examples", "20", "--seed", "1", "--workers", "1"];

/// A gateway that hangs is told by each request's own limit, long before.
const PATIENCE: Duration = Duration::from_secs(900);

fn contract_is_kept(servers: &Servers) {
    // As many requests as it can send.
    let city = City::open_with(servers, "contract", &[], &[("GATEWAY_REQUESTS_PER_SECOND", "100000")]);
    let api = Api::at(&city.gateway(0));
    wait_until("the gateway is ready", || api.is_ready());
    city.wait_for_completed(1);
    let dir = TempDir::with_prefix("hailstorm-contract-").expect("a folder");
    let config = dir.path().join("schemathesis.toml");
    std::fs::write(&config, configured(&api)).expect("a file");
    try_out(&api, &config, dir.path());
    // Whatever was sent, the books close: no trip is left open, nothing was counted twice or lost.
    city.close_well();
}

/// Places of this city, among others, so that not all that is asked for lies outside of it.
fn configured(api: &Api) -> String {
    let wish = api.wish(1);
    let ends = ["pickup", "dropoff"].map(|end| wish[end].clone());
    let listed = |text: &dyn Fn(&Value) -> String| ends.each_ref().map(text).join(", ");
    include_str!("../contract/schemathesis.toml")
        .replace("\"LATITUDES\"", &listed(&|place| place["lat"].to_string()))
        .replace("\"LONGITUDES\"", &listed(&|place| place["lon"].to_string()))
        .replace("\"PLACES\"", &listed(&|place| format!("\"{},{}\"", place["lat"], place["lon"])))
}

fn try_out(api: &Api, config: &Path, dir: &Path) {
    let command = tools::schemathesis()
        .args(["--config-file".as_ref(), config.as_os_str()])
        .args(["run", "--no-color", "--checks", "all", "--request-timeout", "15"])
        .args(["--exclude-path-regex", "/(events|live)$", "--generation-database", "none"])
        .args(TRIED)
        .arg(format!("{}/openapi.json", api.address))
        .current_dir(dir);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let captured = runtime.block_on(async { tokio::time::timeout(PATIENCE, capture(&command)).await });
    let captured = captured.expect("schemathesis ends in time").expect("schemathesis runs");
    assert!(captured.status.success(), "{}\n{}", captured.stdout, captured.stderr);
    assert!(captured.stdout.contains("Fuzzing"), "nothing was tried:\n{}", captured.stdout);
}
