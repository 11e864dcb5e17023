//! The document of the topics that is checked in is the one that the contracts make.

use std::path::Path;

use serde_json::Value;

#[test]
fn the_document_that_is_checked_in_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/asyncapi.json");
    let made = format!("{:#}\n", events::asyncapi::document());
    if std::env::var_os("UPDATE_CONTRACTS").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let checked_in = std::fs::read_to_string(&file).unwrap_or_default();
    let same = checked_in.lines().zip(made.lines()).take_while(|(old, new)| old == new).count();
    assert!(
        checked_in == made,
        "docs/asyncapi.json is not what the contracts say (line {}); renew it with \
         `UPDATE_CONTRACTS=1 cargo test -p events --test asyncapi` and look at the difference",
        same + 1
    );
}

#[test]
fn every_reference_within_the_document_leads_somewhere() {
    let document = events::asyncapi::document();
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
