//! Which roads the city has.

use std::path::PathBuf;

use anyhow::Context;
use roads::{CityOptions, RoadNetwork};

/// Options on the roads; the same for every process of a run.
#[derive(clap::Args, Clone, Debug)]
pub struct Roads {
    /// Folder with nodes.csv[.gz] and edges.csv[.gz] [default: a generated city]
    #[arg(long, env = "HAILSTORM_CITY", value_name = "DIR")]
    pub city: Option<PathBuf>,
    /// Seed of the generated city; the same for all that move in it
    #[arg(long, env = "HAILSTORM_CITY_SEED", default_value_t = 1)]
    pub city_seed: u64,
}

impl Roads {
    /// Reads the network of the folder, or generates the default city of the seed. Takes up to seconds: nothing for a
    /// thread that others wait for. Rows that had to be skipped are logged.
    ///
    /// # Errors
    /// If the folder holds no road network: what is wrong, with file and line.
    pub fn load(&self) -> anyhow::Result<RoadNetwork> {
        let Some(dir) = &self.city else {
            return Ok(RoadNetwork::generate(self.city_seed, &CityOptions::default()));
        };
        let (network, report) =
            RoadNetwork::load(dir).with_context(|| format!("failed to load the city {}", dir.display()))?;
        for remark in report.to_string().lines() {
            tracing::warn!(remark, "road network");
        }
        Ok(network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_roads_and_another_seed_others() {
        let node_count = |city_seed| Roads { city: None, city_seed }.load().unwrap().node_count();
        assert_eq!(node_count(3), node_count(3));
        assert_ne!(node_count(3), node_count(4));
    }

    #[test]
    fn a_folder_comes_before_the_seed_and_is_named_when_it_holds_no_roads() {
        let dir = tempfile::tempdir().unwrap();
        let roads = Roads { city: Some(dir.path().to_owned()), city_seed: 1 };
        let error = format!("{:#}", roads.load().unwrap_err());
        assert!(error.contains(&dir.path().display().to_string()), "{error}");
        std::fs::write(dir.path().join("nodes.csv"), "id,lat,lon\n1,46.0,0.5\n2,46.01,0.5\n").unwrap();
        let edges = "from,to,length_m,freespeed_mps\n1,2,1200,10\n2,1,1200,10\n";
        std::fs::write(dir.path().join("edges.csv"), edges).unwrap();
        assert_eq!(roads.load().unwrap().node_count(), 2);
    }
}
