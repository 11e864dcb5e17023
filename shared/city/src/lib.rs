//! What processes are told about the city: its roads and its rates. Whoever needs them flattens these options into its
//! own, so that all processes of a run understand the same words and variables.
//!
//! What is absent on purpose: the city's clock (`domain::CityClock` is its own option) and everything that moves.

mod rates;
mod roads_options;

pub use rates::Rates;
pub use roads_options::Roads;
