//! What a network is made of: junctions, directed edges, classes of roads.

use domain::LatLng;

/// A junction: an index into the nodes of one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// A directed stretch of road: an index into the edges of one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeId(pub u32);

/// What kind of road an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoadClass {
    /// Motorways, their ramps and connectors.
    Freeway,
    /// Main roads.
    Arterial,
    /// Ordinary streets, and whatever a file gives no known class for.
    Street,
    /// Slow streets between houses, alleys.
    Residential,
}

/// One direction of a road between two junctions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Where it begins.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// Length along the road, which may be more than the chord; at least 1.
    pub length_m: f32,
    /// Speed without traffic.
    pub freespeed_mps: f32,
    /// Travel time without traffic, at least 1: the weight that routes minimize.
    pub time_ms: u32,
    /// What kind of road it is.
    pub class: RoadClass,
}

/// An edge as a source describes it, by index into `NetworkParts::positions`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EdgeSpec {
    /// Index of the node where it begins.
    pub from: u32,
    /// Index of the node where it ends.
    pub to: u32,
    /// Length along the road; 0 means unknown.
    pub length_m: f64,
    /// Speed without traffic; positive.
    pub freespeed_mps: f64,
    /// What kind of road it is.
    pub class: RoadClass,
}

/// What a network is built of: junctions and edges, not yet cut to what is mutually reachable.
#[derive(Clone, Debug, Default)]
pub struct NetworkParts {
    /// Where the junctions are.
    pub positions: Vec<LatLng>,
    /// The edges between them.
    pub edges: Vec<EdgeSpec>,
}

/// The smallest upright rectangle around all junctions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundingBox {
    /// South-west corner.
    pub min: LatLng,
    /// North-east corner.
    pub max: LatLng,
}

impl RoadClass {
    /// The class a file names; names are those of MATSim's SF-CHAMP network and of OpenStreetMap.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "freeway" | "expressway" | "ramp" | "fwy_fwy_cnctr" | "motorway" | "motorway_link" | "trunk" => {
                Self::Freeway
            }
            "arterial" | "super_arterial" | "maj_arterial" | "minor_arterial" | "primary" | "secondary" => {
                Self::Arterial
            }
            "residential" | "alley" | "living_street" => Self::Residential,
            _ => Self::Street,
        }
    }
}

impl BoundingBox {
    /// The middle of the rectangle.
    #[must_use]
    pub fn centre(&self) -> LatLng {
        self.min.towards(self.max, 0.5)
    }

    pub(crate) fn around(positions: &[LatLng]) -> Self {
        let first = positions[0];
        positions.iter().fold(Self { min: first, max: first }, |bounds, position| Self {
            min: LatLng { lat: bounds.min.lat.min(position.lat), lon: bounds.min.lon.min(position.lon) },
            max: LatLng { lat: bounds.max.lat.max(position.lat), lon: bounds.max.lon.max(position.lon) },
        })
    }
}
