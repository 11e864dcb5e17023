//! The `hailstorm` command: thin glue between the services, the servers and whoever watches.

pub mod audit;
mod bench;
pub mod cli;
pub mod demo;
mod doctor;
mod fleet;
mod health;
mod load;
mod log_sender;
mod logs;
pub mod metrics;
mod publisher;
mod replay;
mod service;
mod topics;
