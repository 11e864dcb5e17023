//! The checked-in description of the API is the one that the code gives.

use std::path::Path;

#[test]
fn the_checked_in_openapi_document_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let mut text = serde_json::to_string_pretty(&gateway::api::openapi()).unwrap();
    text.push('\n');
    if std::env::var_os("UPDATE_CONTRACTS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == text,
        "docs/openapi.json is not what the code says: renew it with \
         UPDATE_CONTRACTS=1 cargo test --release -p gateway --test openapi"
    );
}
