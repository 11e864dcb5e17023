//! The checked-in description of the API is the one that the code gives.

use std::path::Path;

use serde_json::Value;

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

#[test]
fn every_reference_within_the_document_leads_somewhere() {
    let document = serde_json::to_value(gateway::api::openapi()).unwrap();
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 100, "there are {} references", references.len());
    for reference in references {
        let target = document.pointer(reference.strip_prefix('#').unwrap());
        assert!(target.is_some(), "{reference} leads nowhere");
    }
}

fn collect_references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|inner| collect_references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect_references(inner, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
