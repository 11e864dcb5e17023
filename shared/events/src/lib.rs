//! Topic contracts: one file a topic with its name, key, partitioning, retention, payload and an example.
//!
//! Services meet only here. Payloads are lean JSON; unknown fields are ignored, missing ones rejected.

pub mod asyncapi;
pub mod contract;
pub mod origin;
pub mod topic;

pub mod driver_actions;
pub mod driver_commands;
pub mod driver_locations;
pub mod driver_shifts;
pub mod drivers;
pub mod eta_updates;
pub mod fares;
pub mod reservation_replies;
pub mod ride_requests;
pub mod service_figures;
pub mod service_logs;
pub mod trip_events;
pub mod trips;
pub mod zone_observations;
pub mod zones;

pub use contract::{Contract, Invalid, Moment, OutRecord, Placement, decode, moment};
pub use domain::CityClock;
pub use origin::Origin;
pub use topic::{Cleanup, Family, Topic};

/// Every topic of the project, without the dead-letter topics that belong to them.
pub const ALL: [&Topic; 15] = [
    &driver_locations::TOPIC,
    &driver_shifts::TOPIC,
    &driver_commands::TOPIC,
    &drivers::TOPIC,
    &ride_requests::TOPIC,
    &driver_actions::TOPIC,
    &reservation_replies::TOPIC,
    &trip_events::TOPIC,
    &trips::TOPIC,
    &eta_updates::TOPIC,
    &fares::TOPIC,
    &zone_observations::TOPIC,
    &zones::TOPIC,
    &service_figures::TOPIC,
    &service_logs::TOPIC,
];
