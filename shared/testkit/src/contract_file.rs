//! Checked-in documents that the code makes.

use std::path::Path;

use serde_json::Value;

/// Fails if a file is not what the code makes; with `UPDATE_CONTRACTS` in the environment it is written first.
///
/// # Panics
/// When they differ; says the line, and the command that renews the file.
pub fn assert_checked_in(file: &Path, made: &str, renewed_by: &str) {
    if std::env::var_os("UPDATE_CONTRACTS").is_some() {
        std::fs::write(file, made).expect("the file can be written");
    }
    let checked_in = std::fs::read_to_string(file).unwrap_or_default();
    let same = checked_in.lines().zip(made.lines()).take_while(|(old, new)| old == new).count();
    assert!(
        checked_in == made,
        "{} is not what the code says (line {}); renew it with `UPDATE_CONTRACTS=1 {renewed_by}` and look at the \
         difference",
        file.display(),
        same + 1
    );
}

/// Fails if a reference within a document leads nowhere.
///
/// # Panics
/// When one does, or when the document has hardly any.
pub fn assert_references_lead_somewhere(document: &Value) {
    let mut references = Vec::new();
    collect_references(document, &mut references);
    assert!(references.len() > 100, "there are {} references", references.len());
    for reference in references {
        let target = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
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
