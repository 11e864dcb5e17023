//! A line of a log.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A line of a log. As JSON it is what a program reads, its `Display` is what a person does; the alternate form (`{:#}`)
/// has colours for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When, RFC 3339 in UTC, to the microsecond.
    pub timestamp: String,
    /// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
    pub level: String,
    /// Which service.
    pub service: String,
    /// Which of its members.
    pub member: String,
    /// The module that says it.
    pub target: String,
    /// What happened: constant text, what varies is in the fields.
    pub message: String,
    /// The trace of the trip that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// What varies, by name.
    #[serde(default)]
    pub fields: BTreeMap<String, Value>,
}

impl LogLine {
    /// The line as JSON, without an end of line.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a line is plain data with text keys")
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { timestamp, level, member, target, message, fields, .. } = self;
        write!(f, "{} ", Escaped(timestamp))?;
        if f.alternate() {
            write!(f, "\x1b[{}m{:>5}\x1b[0m", colour(level), Escaped(level))?;
        } else {
            write!(f, "{:>5}", Escaped(level))?;
        }
        write!(f, " {} {}: {}", Escaped(member), Escaped(target), Escaped(message))?;
        for (name, value) in fields {
            write!(f, " {}=", Escaped(name))?;
            match value {
                Value::String(text) if is_word(text) => f.write_str(text)?,
                Value::String(text) => write!(f, "{text:?}")?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

/// Whether a value can be told from what is around it without quotes.
fn is_word(text: &str) -> bool {
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !"\"='\\".contains(letter);
    !text.is_empty() && text.chars().all(plain)
}

/// Text that stays in its line, and can't order a terminal about, whatever is in it.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.contains(char::is_control) {
            return f.pad(self.0);
        }
        for letter in self.0.chars() {
            if letter.is_control() {
                write!(f, "{}", letter.escape_default())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}

/// The number of a terminal's colour.
fn colour(level: &str) -> u8 {
    match level {
        "ERROR" => 31,
        "WARN" => 33,
        "INFO" => 32,
        "DEBUG" => 34,
        _ => 35,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(fields: &[(&str, Value)]) -> LogLine {
        LogLine {
            timestamp: "2026-11-22T00:40:05.123456Z".to_owned(),
            level: "INFO".to_owned(),
            service: "trips".to_owned(),
            member: "trips-1".to_owned(),
            target: "pipeline::run".to_owned(),
            message: "partitions assigned".to_owned(),
            trace_id: None,
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        }
    }

    #[test]
    fn a_line_reads_well_and_stays_one_line() {
        let start = "2026-11-22T00:40:05.123456Z  INFO trips-1 pipeline::run: partitions assigned";
        for (fields, end) in [
            (vec![], ""),
            (vec![("partitions", "[0, 1]".into())], " partitions=\"[0, 1]\""),
            (vec![("count", 3.into()), ("reason", "busy".into())], " count=3 reason=busy"),
            (vec![("empty", "".into()), ("ok", true.into())], " empty=\"\" ok=true"),
            (vec![("what", "one\ntwo \"three\"".into())], " what=\"one\\ntwo \\\"three\\\"\""),
        ] {
            assert_eq!(line(&fields).to_string(), format!("{start}{end}"));
        }
        let wicked = LogLine { message: "a\nb\x1b[2J".to_owned(), ..line(&[]) };
        assert!(wicked.to_string().ends_with(": a\\nb\\u{1b}[2J"), "{wicked}");
        assert!(format!("{:#}", line(&[])).contains(" \x1b[32m INFO\x1b[0m trips-1 "));
    }

    #[test]
    fn a_line_survives_its_json_and_unknown_fields_do_no_harm() {
        let line = LogLine { trace_id: Some("0af7".to_owned()), ..line(&[("count", 3.into())]) };
        let json = line.to_json();
        assert_eq!(serde_json::from_str::<LogLine>(&json).unwrap(), line);
        let more = json.replacen('{', "{\"new\":[1],", 1);
        assert_eq!(serde_json::from_str::<LogLine>(&more).unwrap(), line);
    }
}
