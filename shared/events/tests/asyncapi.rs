//! The document of the topics that is checked in is the one that the contracts make.

use std::path::Path;

use testkit::{assert_checked_in, assert_references_lead_somewhere};

#[test]
fn the_document_that_is_checked_in_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/asyncapi.json");
    let made = format!("{:#}\n", events::asyncapi::document());
    assert_checked_in(&file, &made, "cargo test --release -p events --test asyncapi");
}

#[test]
fn every_reference_within_the_document_leads_somewhere() {
    assert_references_lead_somewhere(&events::asyncapi::document());
}
