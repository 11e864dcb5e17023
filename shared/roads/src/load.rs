//! Reads a road network from `nodes.csv[.gz]` and `edges.csv[.gz]` in one folder.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use domain::LatLng;

use crate::network::{RoadNetwork, index};
use crate::parts::{EdgeSpec, NetworkParts, RoadClass};
use crate::table_file::{self, BrokenRows, Row, TableError, TableFile};

/// Faster than this is a mistake in the file, such as km/h for m/s.
const FASTEST_MPS: f64 = 70.0;

/// Says why a folder holds no road network.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file is missing, cut, lacks a column or has too many broken rows.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Nothing in it can be reached and left again.
    #[error("{}: no two junctions can be reached from each other: not a road network", dir.display())]
    Unconnected {
        /// Which folder.
        dir: PathBuf,
    },
}

/// What was read, what was skipped, what was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadReport {
    /// Which node file, and what was broken in it.
    pub nodes: (PathBuf, BrokenRows),
    /// Which edge file, and what was broken in it.
    pub edges: (PathBuf, BrokenRows),
    /// Junctions that were left out because they cannot be both reached and left.
    pub cut_off: usize,
}

impl RoadNetwork {
    /// Reads a network and keeps its largest mutually reachable part.
    pub fn load(dir: &Path) -> Result<(Self, LoadReport), LoadError> {
        let node_path = table_file::find(dir, "nodes")?;
        let edge_path = table_file::find(dir, "edges")?;
        let mut parts = NetworkParts::default();
        let mut index_of: HashMap<i64, u32> = HashMap::new();
        let broken_nodes = TableFile::open(&node_path, &["id", "lat", "lon"])?.for_each(|row| {
            let id = row.get("id")?;
            let position =
                LatLng::new(row.get("lat")?, row.get("lon")?).map_err(|error| error.to_string())?;
            if index_of.contains_key(&id) {
                return Err(format!("node {id} is there twice"));
            }
            index_of.insert(id, index(parts.positions.len()));
            parts.positions.push(position);
            Ok(())
        })?;
        let edge_columns = ["from", "to", "length_m", "freespeed_mps"];
        let broken_edges = TableFile::open(&edge_path, &edge_columns)?.for_each(|row| {
            parts.edges.push(read_edge(row, &index_of)?);
            Ok(())
        })?;
        let network = Self::build(&parts).ok_or_else(|| LoadError::Unconnected { dir: dir.to_owned() })?;
        let cut_off = parts.positions.len() - network.node_count();
        Ok((
            network,
            LoadReport { nodes: (node_path, broken_nodes), edges: (edge_path, broken_edges), cut_off },
        ))
    }
}

fn read_edge(row: &Row<'_>, index_of: &HashMap<i64, u32>) -> Result<EdgeSpec, String> {
    let end = |column: &str| {
        let id: i64 = row.get(column)?;
        index_of
            .get(&id)
            .copied()
            .ok_or_else(|| format!("{column} is node {id}, which the node file does not have"))
    };
    let length_m: f64 = row.get("length_m")?;
    if !(length_m.is_finite() && length_m >= 0.0) {
        return Err(format!("length_m is {length_m}, not a length"));
    }
    let freespeed_mps: f64 = row.get("freespeed_mps")?;
    if !(freespeed_mps > 0.0 && freespeed_mps <= FASTEST_MPS) {
        return Err(format!("freespeed_mps is {freespeed_mps}, not within 0 to {FASTEST_MPS}"));
    }
    let class = row.optional("class").map_or(RoadClass::Street, RoadClass::from_name);
    Ok(EdgeSpec { from: end("from")?, to: end("to")?, length_m, freespeed_mps, class })
}

impl fmt::Display for LoadReport {
    /// One line a remark, none if all was well.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, broken) in [&self.nodes, &self.edges] {
            for row in &broken.examples {
                writeln!(f, "{} line {}: {}; row skipped", path.display(), row.line, row.what)?;
            }
            if broken.broken > 0 {
                writeln!(f, "{}: {broken}", path.display())?;
            }
        }
        if self.cut_off > 0 {
            writeln!(f, "{} junctions left out: not mutually reachable with the rest", self.cut_off)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODES: &str = "id,lat,lon\n7,37.70,-122.40\n9,37.71,-122.40\n-3,37.72,-122.41\n";

    fn load(nodes: &str, edges: &str) -> Result<(RoadNetwork, LoadReport), LoadError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("nodes.csv"), nodes).unwrap();
        std::fs::write(dir.path().join("edges.csv"), edges).unwrap();
        RoadNetwork::load(dir.path())
    }

    #[test]
    fn a_network_with_only_the_required_columns_loads() {
        let edges = "to,from,freespeed_mps,length_m\n9,7,10,1200\n7,9,10,1200\n-3,9,5,0\n";
        let (network, report) = load(NODES, edges).unwrap();
        assert_eq!((network.node_count(), network.edge_count(), report.cut_off), (2, 2, 1));
        assert_eq!(report.to_string(), "1 junctions left out: not mutually reachable with the rest\n");
    }

    #[test]
    fn broken_edges_are_skipped_with_their_line() {
        let good = "7,9,1200,10\n9,7,1200,10\n".repeat(20);
        for (bad, expected) in [
            ("7,404,10,10", "node 404"),
            ("7,9,-1,10", "length_m is -1"),
            ("7,9,10,0", "freespeed_mps is 0"),
            ("7,9,10,NaN", "freespeed_mps is NaN"),
            ("7,9", "length_m is missing"),
            ("seven,9,1,1", "from is \"seven\""),
        ] {
            let (network, report) =
                load(NODES, &format!("from,to,length_m,freespeed_mps\n{good}{bad}\n")).unwrap();
            assert_eq!(network.node_count(), 2);
            let text = report.to_string();
            assert!(text.contains("edges.csv line 42: ") && text.contains(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let edges = "from,to,length_m,freespeed_mps\n7,9,1200,10\n";
        for (nodes, edges, expected) in [
            ("id,lat\n1,2\n", edges, "column \"lon\" is missing"),
            (NODES, "from,to,length_m\n7,9,1\n", "column \"freespeed_mps\" is missing"),
            ("id,lat,lon\n7,91,0\n9,1,1\n", edges, "1 of 2 rows are broken"),
            (NODES, edges, "no two junctions"),
            ("id,lat,lon\n", edges, "1 of 1 rows are broken"),
        ] {
            let error = load(nodes, edges).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let empty = tempfile::tempdir().unwrap();
        assert!(RoadNetwork::load(empty.path()).unwrap_err().to_string().contains("nodes.csv"));
    }
}
