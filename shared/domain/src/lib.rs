//! The rules of the city, pure: no I/O, no clock, no `async`, no randomness.
//!
//! Values first (`ids`, `geo`, `zone`, `clock`, `money`, `surge`), then the rules that use them.
//! What is absent on purpose: anything that knows Kafka, Redis, MongoDB or a wall clock.

pub mod assignment;
pub mod clock;
pub mod driver;
pub mod eta;
pub mod geo;
pub mod ids;
pub mod ignored;
pub mod money;
pub mod surge;
pub mod tariff;
pub mod trip;
pub mod window;
pub mod zone;

pub use clock::{CityClock, CityMs, RealMs};
pub use geo::LatLng;
pub use ids::{DriverId, RiderId, TripId};
pub use ignored::Ignored;
pub use money::{Currency, Money};
pub use zone::Zone;
