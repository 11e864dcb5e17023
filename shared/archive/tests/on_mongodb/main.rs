//! The archive on a real server: what it promises, and what people ask it.

#![expect(clippy::unwrap_used, reason = "a test")]

mod promises;
mod queries;
mod server;
