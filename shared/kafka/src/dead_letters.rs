//! Dead letters: what can never be used, kept with where it came from and why.

use anyhow::Context;
use events::contract::MAX_PAYLOAD_BYTES;
use pipeline::{Rejected, Sink};
use rdkafka::message::{Header, Headers, OwnedHeaders};

use crate::{Outbox, Settings, trace_header};

const TOPIC: &str = "origin-topic";
const PARTITION: &str = "origin-partition";
const OFFSET: &str = "origin-offset";
const TIMESTAMP: &str = "origin-timestamp-ms";
const REASON: &str = "reason";
const DETAIL: &str = "detail";
const SERVICE: &str = "service";
const TRUNCATED: &str = "truncated-from-bytes";

/// Where a dead letter came from and why, as its headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterHeaders {
    /// Topic it was read from, without the namespace.
    pub topic: String,
    /// Its partition there.
    pub partition: i32,
    /// Its offset there.
    pub offset: i64,
    /// The stable code of the reason.
    pub reason: String,
    /// The service that could not use it.
    pub service: String,
}

impl DeadLetterHeaders {
    /// Reads them from a record's headers.
    pub(crate) fn read<H: Headers>(headers: &H) -> anyhow::Result<Self> {
        let text = |name: &str| {
            let found = headers.iter().find(|header| header.key == name);
            let value =
                found.and_then(|header| header.value).with_context(|| format!("header {name} is missing"))?;
            std::str::from_utf8(value).with_context(|| format!("header {name} is no text"))
        };
        Ok(Self {
            topic: text(TOPIC)?.to_owned(),
            partition: text(PARTITION)?.parse().context("origin-partition is no number")?,
            offset: text(OFFSET)?.parse().context("origin-offset is no number")?,
            reason: text(REASON)?.to_owned(),
            service: text(SERVICE)?.to_owned(),
        })
    }
}

/// A sink that writes rejected records to the dead-letter topic of their topic.
pub struct DeadLetterSink {
    outbox: Outbox,
    settings: Settings,
    service: String,
}

impl DeadLetterSink {
    /// A sink for the rejects of a service.
    ///
    /// # Errors
    /// If the client can't be made with these settings.
    pub fn new(settings: &Settings, service: &str) -> anyhow::Result<Self> {
        let outbox = Outbox::new(settings, &format!("{service}-dead-letters"), 0)?;
        Ok(Self { outbox, settings: settings.clone(), service: service.to_owned() })
    }
}

impl Sink for DeadLetterSink {
    type Item = Rejected;

    async fn apply(&mut self, rejected: &[Rejected]) -> anyhow::Result<()> {
        send(&self.outbox, &self.settings, &self.service, rejected)?;
        self.outbox.settled().await
    }
}

/// Hands rejected records to an outbox.
pub(crate) fn send(
    outbox: &Outbox,
    settings: &Settings,
    service: &str,
    rejected: &[Rejected],
) -> anyhow::Result<()> {
    for letter in rejected {
        let topic = settings.full_name(&format!("{}.dlq", letter.topic));
        // A huge record is what made it a dead letter: its beginning is enough to see what it was.
        let payload =
            letter.payload.as_deref().map(|payload| &payload[..payload.len().min(MAX_PAYLOAD_BYTES)]);
        while !outbox.send_raw(&topic, letter.key.as_deref(), payload, headers(letter, service))? {
            std::thread::park_timeout(std::time::Duration::from_millis(1));
        }
    }
    Ok(())
}

fn headers(letter: &Rejected, service: &str) -> OwnedHeaders {
    let header =
        |headers: OwnedHeaders, key: &str, value: &str| headers.insert(Header { key, value: Some(value) });
    let mut headers = OwnedHeaders::new_with_capacity(9);
    headers = header(headers, TOPIC, &letter.topic);
    headers = header(headers, PARTITION, &letter.partition.to_string());
    headers = header(headers, OFFSET, &letter.offset.to_string());
    headers = header(headers, TIMESTAMP, &letter.timestamp_ms.to_string());
    headers = header(headers, REASON, letter.reject.code);
    headers = header(headers, DETAIL, &letter.reject.detail.chars().take(500).collect::<String>());
    headers = header(headers, SERVICE, service);
    if let Some(span) = letter.traceparent {
        headers = trace_header::with(headers, span);
    }
    match letter.payload.as_deref().map(<[u8]>::len) {
        Some(length) if length > MAX_PAYLOAD_BYTES => header(headers, TRUNCATED, &length.to_string()),
        _ => headers,
    }
}
