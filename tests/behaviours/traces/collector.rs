//! A collector that keeps the spans it is sent.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span as Sent;
use prost::Message;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A span as it was sent.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) service: String,
    pub(super) name: String,
    pub(super) trace: u128,
    pub(super) id: u64,
    /// 0 if there is none.
    pub(super) parent: u64,
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
    pub(super) links: Vec<(u128, u64)>,
    numbers: Vec<(String, i64)>,
}

impl Span {
    fn of(service: &str, sent: &Sent) -> Self {
        let number = |attribute: &KeyValue| Some((attribute.key.clone(), number(attribute)?));
        Self {
            service: service.to_owned(),
            name: sent.name.clone(),
            trace: trace(&sent.trace_id),
            id: id(&sent.span_id),
            parent: id(&sent.parent_span_id),
            start_ns: sent.start_time_unix_nano,
            end_ns: sent.end_time_unix_nano,
            links: sent.links.iter().map(|link| (trace(&link.trace_id), id(&link.span_id))).collect(),
            numbers: sent.attributes.iter().filter_map(number).collect(),
        }
    }

    /// An attribute that is a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.numbers.iter().find(|(found, _)| found == name).map(|(_, number)| *number)
    }
}

fn trace(bytes: &[u8]) -> u128 {
    u128::from_be_bytes(bytes.try_into().expect("a trace id has 16 bytes"))
}

fn id(bytes: &[u8]) -> u64 {
    if bytes.is_empty() { 0 } else { u64::from_be_bytes(bytes.try_into().expect("a span id has 8 bytes")) }
}

fn number(attribute: &KeyValue) -> Option<i64> {
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::IntValue(number) => Some(*number),
        _ => None,
    }
}

fn text(attribute: &KeyValue) -> Option<&str> {
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

/// Takes spans by OTLP over HTTP until it is dropped.
pub(super) struct Collector {
    url: String,
    spans: Arc<Mutex<Vec<Span>>>,
    _runtime: Runtime,
}

impl Collector {
    pub(super) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let spans = Arc::default();
        let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&spans));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { url, spans, _runtime: runtime }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What it was sent so far.
    pub(super) fn spans(&self) -> Vec<Span> {
        self.spans.lock().expect("nobody panics while holding it").clone()
    }
}

async fn take(State(spans): State<Arc<Mutex<Vec<Span>>>>, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body).expect("a request of OTLP");
    let mut spans = spans.lock().expect("nobody panics while holding it");
    for process in &request.resource_spans {
        let attributes = process.resource.iter().flat_map(|resource| &resource.attributes);
        let service = attributes.filter(|attribute| attribute.key == "service.name").find_map(text);
        let sent = process.scope_spans.iter().flat_map(|scope| &scope.spans);
        spans.extend(sent.map(|sent| Span::of(service.expect("a service"), sent)));
    }
}
