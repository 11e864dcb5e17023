//! The API's own document, asked about an operation.

use std::sync::LazyLock;

use serde_json::Value;

use super::super::documents;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(documents::openapi()).unwrap());

/// The operation that a request is for; those without variables in their path come first.
pub(super) fn documented(method: &str, path: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let template =
        paths.keys().filter(|template| is_of(template, path)).min_by_key(|text| text.matches('{').count())?;
    paths[template].get(method.to_ascii_lowercase())
}

fn is_of(template: &str, path: &str) -> bool {
    let (parts, segments) = (template.split('/'), path.split('/'));
    parts.clone().count() == segments.clone().count()
        && parts.zip(segments).all(|(part, segment)| part == segment || part.starts_with('{'))
}
