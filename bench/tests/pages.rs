//! What the pages show is what the saved runs hold.

use std::path::Path;

use bench::{Repository, stale};

#[test]
fn the_tables_in_the_pages_are_those_of_the_saved_runs_they_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository");
    let found = stale(&Repository::at(root)).unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
