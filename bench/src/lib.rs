//! The benchmark: what our way costs beside the same clients in a bare loop, beside Kafka's own tools, and beside what
//! one would write first.
//!
//! Read `run` (a run), `turns` (contenders take turns), `services` (the scenario that matters most), then `worker`
//! (the processes that are measured). `saved` and `render` keep what came out. What is absent on purpose: any figure
//! that is not measured in the same run as what it is compared with.

mod batches;
mod batching;
mod city;
mod clients;
mod consume;
mod cpu;
mod crew;
mod direct;
mod figure;
mod ground;
mod growth;
mod guard;
mod inputs;
mod kafka_tool;
mod keeper;
mod lab;
mod machine;
mod options;
mod outcome;
mod peer;
mod plot;
mod plots;
mod produce;
mod render;
mod reports;
mod repository;
mod run;
mod saved;
mod scenario;
mod services;
mod settings;
mod software;
mod spread;
mod table;
mod turns;
mod tutorial;
mod waits;
mod windows;
mod worker;

pub use figure::{Figure, Figures};
pub use machine::Machine;
pub use options::Options;
pub use outcome::{Part, Rounds, Series};
pub use render::{Region, fill, region, regions, render, stale};
pub use repository::{Checkout, Repository};
pub use run::{Running, run};
pub use saved::{Conditions, SavedRun, Versions};
pub use scenario::{Plan, Scenario};
pub use settings::Settings;
pub use software::Software;
pub use spread::Spread;
pub use table::{markdown, text};
pub use windows::{Supply, run as run_windows};
pub use worker::{WorkerOptions, work};
