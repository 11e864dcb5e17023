//! Supply, demand, speed and surge of every zone, in two stages with a repartition topic between them.
//!
//! Stage one (`observer`) sums where the reports lie, by driver partition; its totals go to `zone-observations`.
//! Stage two (`zone_window`, `zone_book`) merges them by zone, adds requests, and publishes `zones`. `pace` holds
//! all spans of time; `neighbourhood` is the table of all zones, for neighbours and for what was published last.
//! What is absent on purpose: clocks, clients, anything asynchronous but `run`.

mod config;
mod driver_table;
mod handler;
mod neighbourhood;
mod observer;
mod pace;
mod run;
mod seen_driver;
mod zone_book;
mod zone_window;

pub use config::Config;
pub use handler::ZonesHandler;
pub use pace::Pace;
pub use run::{LINGER, MAX_RECORDS, TOPICS, run};
