//! Where events become lines, and lines go.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::Context;

use super::fields::Fields;
use super::tap::Tap;
use super::{LogLine, trace_id};

/// The field that names the trip that a line is about.
const TRIP: &str = "trip";

/// How lines are written on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Readable,
}

impl Form {
    /// The form that a variable asks for; none if it asks for something else.
    pub(super) fn of(told: Option<&str>) -> Option<Self> {
        match told {
            Some("json") => Some(Self::Json),
            None | Some("text" | "") => Some(Self::Readable),
            Some(_) => None,
        }
    }
}

/// The lines of a process: who says them, and where they go.
#[derive(Debug)]
pub(super) struct Lines {
    service: String,
    member: String,
    form: Form,
    has_colours: bool,
    pub(super) tap: Tap,
    /// How many there were of each level, the gravest first.
    counts: [(Level, AtomicU64); 5],
}

/// The lines as a layer of `tracing`.
pub(super) struct Shared(pub(super) Arc<Lines>);

impl Lines {
    pub(super) fn new(service: &str, member: &str, form: Form) -> Self {
        let levels = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];
        Self {
            service: service.to_owned(),
            member: member.to_owned(),
            form,
            has_colours: std::io::stderr().is_terminal(),
            tap: Tap::default(),
            counts: levels.map(|level| (level, AtomicU64::new(0))),
        }
    }

    /// A line of this process, now.
    pub(super) fn line(
        &self,
        level: Level,
        target: &str,
        message: &str,
        fields: BTreeMap<String, Value>,
    ) -> LogLine {
        LogLine {
            timestamp: timestamp(),
            level: level.to_string(),
            service: self.service.clone(),
            member: self.member.clone(),
            target: target.to_owned(),
            message: message.to_owned(),
            trace_id: fields.get(TRIP).and_then(Value::as_str).and_then(trace_id),
            fields,
        }
    }

    /// How many lines there were of each level.
    pub(super) fn counted(&self) -> Vec<(&'static str, u64)> {
        let counts = self.counts.iter();
        counts.map(|(level, count)| (level.as_str(), count.load(Ordering::Relaxed))).collect()
    }

    fn text(&self, line: &LogLine) -> String {
        match self.form {
            Form::Json => format!("{}\n", line.to_json()),
            Form::Readable if self.has_colours => format!("{line:#}\n"),
            Form::Readable => format!("{line}\n"),
        }
    }
}

impl<S: Subscriber> Layer<S> for Shared {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let lines = &self.0;
        let (mut told, level) = (Fields::default(), *event.metadata().level());
        event.record(&mut told);
        let target = told.target.as_deref().unwrap_or(event.metadata().target());
        let line = lines.line(level, target, &told.message, told.values);
        if let Some((_, count)) = lines.counts.iter().find(|(counted, _)| *counted == level) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        // In one piece, so that lines of several threads do not mix; whoever closed our standard error wants none.
        let _closed = std::io::stderr().lock().write_all(lines.text(&line).as_bytes());
        lines.tap.offer(line);
    }
}

/// The present, RFC 3339 in UTC to the microsecond.
fn timestamp() -> String {
    let mut text = String::with_capacity("2026-11-22T00:40:05.123456Z".len());
    // A clock before 1970 has no such text; the line is worth more than its time.
    let _wrong = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// What becomes of events, for whoever takes the lines.
    fn logged(say: impl FnOnce()) -> Vec<LogLine> {
        let lines = Arc::new(Lines::new("trips", "trips-1", Form::Json));
        let mut taken = lines.tap.open(100, &[]);
        let subscriber = tracing_subscriber::registry().with(Shared(Arc::clone(&lines)));
        tracing::subscriber::with_default(subscriber, say);
        lines.tap.close();
        std::iter::from_fn(|| taken.try_recv().ok()).collect()
    }

    #[test]
    fn an_event_becomes_a_line_with_all_that_programs_look_for() {
        let trip = "8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab";
        let lines = logged(|| {
            tracing::warn!(trip, attempt = 2u32, late = true, share = 0.5, what = ?[1, 2], "offer expired");
            tracing::info!(url = "redis://:secret@host/", "store is there");
        });
        let [first, second] = &lines[..] else { panic!("{lines:?}") };
        let json: Value = serde_json::from_str(&first.to_json()).unwrap();
        assert_eq!(json["level"], "WARN");
        assert_eq!((&json["service"], &json["member"]), (&"trips".into(), &"trips-1".into()));
        assert_eq!(json["message"], "offer expired");
        assert_eq!(json["trace_id"], "0192f0c123457abc8def0123456789ab");
        assert_eq!(json["fields"]["trip"], trip);
        assert_eq!(json["fields"]["attempt"], 2);
        assert_eq!((&json["fields"]["late"], &json["fields"]["share"]), (&true.into(), &0.5.into()));
        assert_eq!(json["fields"]["what"], "[1, 2]");
        let time = json["timestamp"].as_str().unwrap();
        assert!(time.len() == 27 && time.ends_with('Z') && time.as_bytes()[10] == b'T', "{time}");
        assert!(json["target"].as_str().unwrap().starts_with("runtime::logs"));
        assert_eq!((second.trace_id.as_ref(), &second.fields["url"]), (None, &"redis://***@host/".into()));
    }

    #[test]
    fn a_variable_says_how_lines_are_written() {
        for (told, form) in [
            (None, Some(Form::Readable)),
            (Some("text"), Some(Form::Readable)),
            (Some("json"), Some(Form::Json)),
            (Some("jsn"), None),
        ] {
            assert_eq!(Form::of(told), form, "{told:?}");
        }
    }
}
