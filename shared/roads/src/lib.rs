//! The road network: a generated city or one read from files, routes on it, and who wants to go where.
//!
//! Read in this order: `parts` and `network` (the graph), `search` over `landmarks` (a route), `route` (driving along it),
//! `streets` (which one a position lies on, and what lies ahead), `generate` and `load` (where a network comes from), `districts` (demand), `table_file` (tolerant CSV) and
//! `trips_file` (recorded trips). What is absent on purpose: clocks, drivers, riders, anything asynchronous.

pub mod districts;
pub mod generate;
pub mod load;
pub mod network;
pub mod parts;
pub mod route;
pub mod streets;
pub mod table_file;
pub mod trips_file;

mod component;
mod grid;
mod landmarks;
mod lines;
mod search;

pub use districts::{DistrictKind, Districts};
pub use generate::CityOptions;
pub use load::{LoadError, LoadReport};
pub use network::RoadNetwork;
pub use parts::{BoundingBox, Edge, EdgeId, EdgeSpec, NetworkParts, NodeId, RoadClass};
pub use route::{Projection, Route, RoutePoint};
pub use streets::{Place, Streets};
pub use table_file::{BrokenRow, BrokenRows, TableError};
pub use trips_file::{RecordedTrip, TripsFile};
