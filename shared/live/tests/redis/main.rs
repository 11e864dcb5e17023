//! What the crate promises, against a real server.

#![allow(clippy::unwrap_used, reason = "all of this is tests")]

mod ends;
mod searches;
mod server;
mod writes;
