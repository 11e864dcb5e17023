//! A record of the topic: a line, or what is none.

use jiff::Timestamp;
use pipeline::Record;
use runtime::LogLine;
use serde_json::json;

/// A record of the topic, and where it belongs among the others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// When it was logged, or else written, in microseconds since the Unix epoch.
    pub(super) at_us: i64,
    pub(super) partition: i32,
    pub(super) offset: i64,
    /// The key: which service.
    pub(super) service: String,
    pub(super) content: Content,
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    Line(Box<LogLine>),
    /// No line of ours: shown as it is.
    Other(String),
}

impl Entry {
    pub(super) fn of(record: &Record<'_>) -> Self {
        let payload = record.payload.unwrap_or_default();
        let content = match serde_json::from_slice::<LogLine>(payload) {
            Ok(line) => Content::Line(Box::new(line)),
            Err(_) => Content::Other(String::from_utf8_lossy(payload).into_owned()),
        };
        let logged = match &content {
            Content::Line(line) => line.timestamp.parse().ok(),
            Content::Other(_) => None,
        };
        Self {
            at_us: logged.map_or(record.timestamp_ms.saturating_mul(1000), Timestamp::as_microsecond),
            partition: record.partition,
            offset: record.offset,
            service: String::from_utf8_lossy(record.key.unwrap_or_default()).into_owned(),
            content,
        }
    }

    /// The entry as a person reads it, with colours if it is for a terminal.
    pub(super) fn readable(&self, on: Medium) -> String {
        match (&self.content, on) {
            (Content::Line(line), Medium::Terminal) => format!("{line:#}"),
            (Content::Line(line), Medium::File) => line.to_string(),
            (Content::Other(text), _) => format!("{}: {}", self.place(), in_one_line(text)),
        }
    }

    /// The entry as a program reads it.
    pub(super) fn json(&self) -> String {
        match &self.content {
            Content::Line(line) => line.to_json(),
            Content::Other(text) => {
                let Self { partition, offset, .. } = self;
                json!({ "partition": partition, "offset": offset, "no_line": text }).to_string()
            }
        }
    }

    fn place(&self) -> String {
        format!("service-logs/{}@{}", self.partition, self.offset)
    }
}

/// Text that stays in its line, and can't order a terminal about.
fn in_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            line.extend(letter.escape_default());
        } else {
            line.push(letter);
        }
    }
    line
}

/// What somebody reads from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Medium {
    Terminal,
    File,
}

#[cfg(test)]
mod tests {
    use events::service_logs::EXAMPLE;

    use super::*;

    fn entry(payload: &[u8]) -> Entry {
        Entry::of(&Record {
            topic: "service-logs",
            partition: 3,
            offset: 17,
            timestamp_ms: 1_800_000_000_000,
            key: Some(b"trips"),
            payload: Some(payload),
            traceparent: None,
        })
    }

    #[test]
    fn a_line_is_shown_as_its_service_wrote_it_at_its_own_time() {
        let entry = entry(EXAMPLE.as_bytes());
        assert_eq!(entry.at_us, 1_795_308_005_123_456);
        assert_eq!(entry.json(), EXAMPLE);
        let text = entry.readable(Medium::File);
        let start =
            "2026-11-22T00:40:05.123456Z DEBUG trips-1 trips::handler: trip goes on driver=4711 event=";
        assert!(text.starts_with(start), "{text}");
        assert!(entry.readable(Medium::Terminal).contains("\x1b["));
    }

    #[test]
    fn what_is_no_line_is_shown_as_it_is_with_its_place() {
        for (payload, shown) in [
            (&b"hello\nworld"[..], "service-logs/3@17: hello\\nworld"),
            (br#"{"level":"INFO"}"#, r#"service-logs/3@17: {"level":"INFO"}"#),
            (b"\xff\x1b[2J", "service-logs/3@17: \u{fffd}\\u{1b}[2J"),
            (b"", "service-logs/3@17: "),
        ] {
            let entry = entry(payload);
            assert_eq!(entry.readable(Medium::File), shown);
            assert_eq!(entry.at_us, 1_800_000_000_000_000);
            assert!(entry.json().contains(r#""no_line":"#), "{}", entry.json());
        }
    }
}
