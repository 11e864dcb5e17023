//! The message and the fields of an event.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use tracing::field::{Field, Visit};

use super::secrets::without_secrets;

/// Longer texts are cut: an error that quotes a whole batch shall not fill the log.
const MOST_BYTES: usize = 4096;

/// What an event says.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) message: String,
    /// The module, if the event came from a library that logs by other means.
    pub(super) target: Option<String>,
    pub(super) values: BTreeMap<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        let name = field.name();
        match (name, value) {
            ("message", Value::String(text)) => self.message = text,
            ("log.target", Value::String(text)) => self.target = Some(text),
            // Where in a library's source: nobody looks there.
            (name, _) if name.starts_with("log.") => {}
            (name, value) => {
                self.values.insert(name.strip_prefix("r#").unwrap_or(name).to_owned(), value);
            }
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::String(told(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, Value::String(told(&format!("{value:?}"))));
    }
}

/// A text as it may be told: not too long, without secrets.
fn told(text: &str) -> String {
    // Secrets first: half of an address would not be known as one.
    let text = without_secrets(text);
    if text.len() <= MOST_BYTES {
        return text.into_owned();
    }
    let mut end = MOST_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_letters_and_tell_no_secret() {
        assert_eq!(told("short"), "short");
        assert_eq!(told("redis://:secret@host/"), "redis://***@host/");
        let long = told(&"ü".repeat(MOST_BYTES));
        assert!(long.len() <= MOST_BYTES + '…'.len_utf8() && long.ends_with("ü…"), "{}", long.len());
        let at_the_end = format!("{}redis://:secret@host/", "x ".repeat(MOST_BYTES / 2 - 6));
        assert!(!told(&at_the_end).contains("secret"));
    }
}
