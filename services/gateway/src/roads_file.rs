//! The roads as one compact file that browsers draw: made once at the start, the same bytes for the same city.
//!
//! Little-endian: `HCTY`, `u16` format, `u16` 0, `f64` west, south, east, north, `u32` nodes, `u32` edges, then columns:
//! `u16` x and `u16` y of each node (65535ths of the rectangle from its west and south edge), `u32` from and `u32` to
//! of each edge, `u8` class of each edge. A street that leads both ways is there once.

use std::collections::BTreeMap;
use std::hash::Hasher;

use bytes::{BufMut, Bytes};
use roads::{BoundingBox, NodeId, RoadClass, RoadNetwork};

const FORMAT: u16 = 1;

/// The file and its name in caches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoadsFile {
    /// The content.
    pub bytes: Bytes,
    /// A strong entity tag, with its quotation marks: equal for equal content.
    pub etag: String,
}

impl RoadsFile {
    /// The file of a road network.
    ///
    /// # Panics
    /// Never: a network has fewer than 2^32 nodes and edges.
    #[must_use]
    pub fn of(network: &RoadNetwork) -> Self {
        let streets = streets(network);
        let count = |count: usize| u32::try_from(count).expect("a network has fewer than 2^32 parts");
        let bounds = network.bounding_box();
        let mut bytes = Vec::with_capacity(48 + 4 * network.node_count() + 9 * streets.len());
        bytes.put_slice(b"HCTY");
        bytes.put_u16_le(FORMAT);
        bytes.put_u16_le(0);
        for degrees in [bounds.min.lon, bounds.min.lat, bounds.max.lon, bounds.max.lat] {
            bytes.put_f64_le(degrees);
        }
        bytes.put_u32_le(count(network.node_count()));
        bytes.put_u32_le(count(streets.len()));
        for node in network.nodes() {
            let (x, y) = place(network, node, bounds);
            bytes.put_u16_le(x);
            bytes.put_u16_le(y);
        }
        streets.keys().for_each(|(from, _)| bytes.put_u32_le(from.0));
        streets.keys().for_each(|(_, to)| bytes.put_u32_le(to.0));
        streets.values().for_each(|class| bytes.put_u8(*class));
        let etag = etag(&bytes);
        Self { bytes: Bytes::from(bytes), etag }
    }
}

/// Each pair of joined nodes once, with the class of the greater road between them.
fn streets(network: &RoadNetwork) -> BTreeMap<(NodeId, NodeId), u8> {
    let mut streets = BTreeMap::new();
    for edge in network.nodes().flat_map(|node| network.edges_from(node)) {
        let class = match edge.class {
            RoadClass::Freeway => 0,
            RoadClass::Arterial => 1,
            RoadClass::Street => 2,
            RoadClass::Residential => 3,
        };
        let ends = (edge.from.min(edge.to), edge.from.max(edge.to));
        let kept = streets.entry(ends).or_insert(class);
        *kept = class.min(*kept);
    }
    streets
}

fn place(network: &RoadNetwork, node: NodeId, bounds: BoundingBox) -> (u16, u16) {
    let position = network.position(node);
    let east = share(position.lon, bounds.min.lon, bounds.max.lon);
    (east, share(position.lat, bounds.min.lat, bounds.max.lat))
}

/// How far a number lies between two others, in 65535ths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
fn share(number: f64, low: f64, high: f64) -> u16 {
    let span = if high > low { high - low } else { 1.0 };
    ((number - low) / span * f64::from(u16::MAX)).round().clamp(0.0, f64::from(u16::MAX)) as u16
}

fn etag(bytes: &[u8]) -> String {
    // Made with fixed keys: equal bytes have equal names in every process.
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(bytes);
    format!("\"{:016x}-{:x}\"", hasher.finish(), bytes.len())
}

#[cfg(test)]
mod tests {
    use bytes::Buf;
    use domain::LatLng;
    use roads::{CityOptions, EdgeSpec, NetworkParts};

    use super::*;

    fn network() -> RoadNetwork {
        let origin = LatLng { lat: 46.0, lon: 0.5 };
        let at = |north_m, east_m| origin.offset_m(north_m, east_m);
        let spec = |from, to, class| EdgeSpec { from, to, length_m: 100.0, freespeed_mps: 10.0, class };
        let parts = NetworkParts {
            positions: vec![at(0.0, 0.0), at(0.0, 1000.0), at(500.0, 1000.0)],
            edges: vec![
                spec(0, 1, RoadClass::Residential),
                spec(1, 0, RoadClass::Street),
                spec(1, 2, RoadClass::Freeway),
                spec(2, 0, RoadClass::Arterial),
            ],
        };
        RoadNetwork::build(&parts).unwrap()
    }

    #[test]
    fn the_file_holds_every_node_and_each_street_once() {
        let network = network();
        let mut bytes = RoadsFile::of(&network).bytes;
        assert_eq!(&bytes.split_to(4)[..], b"HCTY");
        assert_eq!((bytes.get_u16_le(), bytes.get_u16_le()), (1, 0));
        let bounds = network.bounding_box();
        for degrees in [bounds.min.lon, bounds.min.lat, bounds.max.lon, bounds.max.lat] {
            assert!((bytes.get_f64_le() - degrees).abs() < f64::EPSILON);
        }
        assert_eq!((bytes.get_u32_le(), bytes.get_u32_le()), (3, 3));
        let nodes: Vec<(u16, u16)> = (0..3).map(|_| (bytes.get_u16_le(), bytes.get_u16_le())).collect();
        assert_eq!(nodes, [(0, 0), (65535, 0), (65535, 65535)]);
        let mut column = || [bytes.get_u32_le(), bytes.get_u32_le(), bytes.get_u32_le()];
        assert_eq!((column(), column()), ([0, 0, 1], [1, 2, 2]));
        assert_eq!(&bytes[..], [2, 1, 0]);
    }

    #[test]
    fn equal_cities_have_equal_names_and_others_do_not() {
        let file = |seed| RoadsFile::of(&RoadNetwork::generate(seed, &CityOptions::default()));
        assert_eq!(file(1), file(1));
        assert_ne!(file(1).etag, file(2).etag);
        assert!(file(1).etag.starts_with('"') && file(1).etag.ends_with('"'));
    }
}
