//! trips.
