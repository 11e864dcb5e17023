//! The only way in for people and programs: a documented API, live streams, and the pages of the city.
//!
//! Read in this order: `feed` (what comes from Kafka), `view` (the city as this instance sees it), `live` (the map's
//! socket), `api` (requests in, records out), `run` (wiring). What is absent on purpose: rules. The gateway asks the
//! authorities by records and tells what they decided.

pub mod api;
pub mod config;
pub mod feed;
pub mod live;
pub mod metrics;
pub mod roads_file;
pub mod view;

mod run;
mod trace_url;

pub use config::Config;
pub use run::run;
pub use trace_url::TraceUrl;
