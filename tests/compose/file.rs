//! docker-compose.yml as a tool reads it: parsed, merged, and with each variable at its default.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the shared crates");
    shared.parent().expect("the workspace").to_owned()
}

/// The text of a file of the repository.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The file as it is when no variable is set.
pub(crate) fn compose() -> Value {
    serde_saphyr::from_str(&with_defaults(&read("docker-compose.yml"), &|_| None)).expect("it is YAML")
}

/// The file as it is with the variables of an env file.
pub(crate) fn compose_with(env_file: &str) -> Value {
    let variables = variables(env_file);
    let value = |name: &str| variables.get(name).cloned();
    serde_saphyr::from_str(&with_defaults(&read("docker-compose.yml"), &value)).expect("it is YAML")
}

/// The variables of an env file.
pub(crate) fn variables(env_file: &str) -> BTreeMap<String, String> {
    let text = read(env_file);
    let pairs = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Puts in each `${NAME:-default}` what `value` knows, else the default.
pub(crate) fn with_defaults(text: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut parts = text.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inside, rest) = part.split_once('}').expect("a brace that closes");
        let (name, default) = inside.split_once(":-").unwrap_or_else(|| panic!("{inside} has no default"));
        out.push_str(&value(name).unwrap_or_else(|| default.to_owned()));
        out.push_str(rest);
    }
    out
}

/// Services by name.
pub(crate) fn services(compose: &Value) -> impl Iterator<Item = (&str, &Value)> {
    compose["services"].as_object().expect("services").iter().map(|(name, service)| (name.as_str(), service))
}

/// Whether a plain `docker compose up` starts it.
pub(crate) fn is_core(service: &Value) -> bool {
    service["profiles"].is_null()
}

/// A list of texts.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Its memory limit, in MiB.
pub(crate) fn memory_mib(service: &Value) -> u64 {
    let limit = service["mem_limit"].as_str().unwrap_or_default();
    let (number, unit) = limit.split_at(limit.len().saturating_sub(1));
    let number: u64 = number.parse().unwrap_or_else(|_| panic!("no memory limit: {limit:?}"));
    match unit {
        "m" => number,
        "g" => number * 1024,
        _ => panic!("a memory limit in m or g: {limit}"),
    }
}
