//! The `hailstorm` command.
fn main() {}
