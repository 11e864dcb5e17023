//! Where the road network comes from.

use std::path::Path;

use anyhow::Context;
use roads::{CityOptions, RoadNetwork};

/// Reads the network of a folder, or generates the default city of a seed.
pub(crate) fn load(dir: Option<&Path>, seed: u64) -> anyhow::Result<RoadNetwork> {
    let Some(dir) = dir else { return Ok(RoadNetwork::generate(seed, &CityOptions::default())) };
    let (network, report) =
        RoadNetwork::load(dir).with_context(|| format!("failed to load the city {}", dir.display()))?;
    for remark in report.to_string().lines() {
        tracing::warn!(remark, "road network");
    }
    Ok(network)
}
