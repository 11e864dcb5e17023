//! Spans as OpenTelemetry knows them, and their way to a collector: OTLP, protobuf over HTTP.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use opentelemetry::trace::{Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _, SpanLinks};
use traces::{Kind, Span, TraceParent, Value};

/// A collector that has not taken a batch after this long, attempts together, does not get it.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way to a collector.
#[derive(Debug)]
pub(crate) struct Exporter {
    client: SpanExporter,
    scope: InstrumentationScope,
}

impl Exporter {
    /// A way to the collector at this address, for the spans of one process.
    ///
    /// # Errors
    /// If no client can be made.
    pub(crate) fn new(url: &str, service: &'static str, member: &str) -> anyhow::Result<Self> {
        let what = || format!("failed to make a client for the collector at {url}");
        // The collector is beside the city, whatever the environment says of proxies.
        let http = reqwest::Client::builder().no_proxy().build().with_context(what)?;
        let mut client = SpanExporter::builder()
            .with_http()
            .with_http_client(http)
            .with_endpoint(url)
            .with_timeout(PATIENCE)
            .build()
            .with_context(what)?;
        let resource = Resource::builder()
            .with_service_name(service)
            .with_attribute(KeyValue::new("service.namespace", "hailstorm"))
            .with_attribute(KeyValue::new("service.instance.id", member.to_owned()))
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        client.set_resource(&resource);
        let scope =
            InstrumentationScope::builder("hailstorm").with_version(env!("CARGO_PKG_VERSION")).build();
        Ok(Self { client, scope })
    }

    /// Sends spans, and some of them again while the collector asks for that.
    ///
    /// # Errors
    /// If the collector did not take them.
    pub(crate) async fn send(&self, spans: Vec<Span>) -> anyhow::Result<()> {
        let spans = spans.into_iter().map(|span| self.data(span)).collect();
        self.client.export(spans).await.context("the collector did not take spans")
    }

    fn data(&self, span: Span) -> SpanData {
        let mut links = SpanLinks::default();
        links.links = span.links.into_iter().map(|link| Link::new(context(link), vec![], 0)).collect();
        SpanData {
            span_context: context(span.context),
            parent_span_id: span.parent.map_or(SpanId::INVALID, |parent| parent.get().into()),
            parent_span_is_remote: span.kind == Kind::Consumer,
            span_kind: match span.kind {
                Kind::Producer => SpanKind::Producer,
                Kind::Consumer => SpanKind::Consumer,
                Kind::Internal => SpanKind::Internal,
            },
            name: span.name.into(),
            start_time: moment(span.start_ns),
            end_time: moment(span.end_ns),
            attributes: span.attributes.into_iter().map(attribute).collect(),
            dropped_attributes_count: 0,
            events: Default::default(),
            links,
            status: span.error.map_or(Status::Unset, Status::error),
            instrumentation_scope: self.scope.clone(),
        }
    }
}

fn context(place: TraceParent) -> SpanContext {
    let (trace_id, span_id) = (TraceId::from(place.trace_id.get()), SpanId::from(place.span_id.get()));
    SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, false, TraceState::NONE)
}

fn moment(ns: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(ns)
}

fn attribute((name, value): (&'static str, Value)) -> KeyValue {
    match value {
        Value::Text(text) => KeyValue::new(name, text),
        Value::Number(number) => KeyValue::new(name, number),
    }
}
