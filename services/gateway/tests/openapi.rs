//! The checked-in description of the API is the one that the code gives.

use std::path::Path;

use testkit::{assert_checked_in, assert_references_lead_somewhere};

#[test]
fn the_checked_in_openapi_document_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let mut text = serde_json::to_string_pretty(&gateway::api::openapi()).unwrap();
    text.push('\n');
    assert_checked_in(&path, &text, "cargo test --release -p gateway --test openapi");
}

#[test]
fn every_reference_within_the_document_leads_somewhere() {
    assert_references_lead_somewhere(&serde_json::to_value(gateway::api::openapi()).unwrap());
}
