//! Spans on their way out: they wait here for company, and never is anybody kept waiting by them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use figures::Stats;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use traces::{Span, SpanSink, Tracer};

use crate::export::Exporter;
use crate::{Counter, clock, metrics};

/// Spans that wait at most, half a KiB each; what comes on top of them is dropped.
const MOST_WAITING: usize = 16_384;

/// Spans of one request at most.
const MOST_TOGETHER: usize = 512;

/// A request with fewer spans leaves after this long.
const LINGER: Duration = Duration::from_millis(500);

/// At the end the last spans have this long.
const GOODBYE: Duration = Duration::from_secs(2);

/// Takes the spans of a process and sends them; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct SpanQueue {
    entrance: Entrance,
    ending: CancellationToken,
    ended: watch::Receiver<bool>,
}

/// What becomes of spans.
#[derive(Clone, Debug)]
pub(crate) struct Fates {
    sent: Counter,
    dropped: Counter,
}

impl Fates {
    /// Counted among the figures of a process.
    pub(crate) fn of(stats: &Stats) -> Self {
        Self { sent: stats.counter(&metrics::SPANS), dropped: stats.counter(&metrics::DROPPED_SPANS) }
    }
}

/// Where spans come in.
#[derive(Clone, Debug)]
struct Entrance {
    spans: mpsc::Sender<Span>,
    fates: Fates,
    /// It was told that spans are dropped.
    told: Arc<AtomicBool>,
}

impl SpanSink for Entrance {
    fn now_ns(&self) -> u64 {
        clock::now_ns()
    }

    fn take(&self, span: Span) {
        if self.spans.try_send(span).is_ok() {
            return;
        }
        self.fates.dropped.add(1);
        if !self.told.swap(true, Ordering::Relaxed) {
            let most = MOST_WAITING;
            tracing::warn!(most, "spans are dropped, too many wait; from now on only a metric counts them");
        }
    }
}

impl SpanQueue {
    /// Begins to send spans to a collector. One that is away costs spans, and nothing else.
    ///
    /// # Errors
    /// If no client can be made.
    pub(crate) fn start(
        url: String,
        service: &'static str,
        member: &str,
        fates: Fates,
    ) -> anyhow::Result<Self> {
        let exporter = Exporter::new(&url, service, member)?;
        let (entrance, exit) = mpsc::channel(MOST_WAITING);
        let (ending, (done, ended)) = (CancellationToken::new(), watch::channel(false));
        let way = Way { exporter, url, fates: fates.clone(), is_away: false };
        let until = ending.clone();
        tokio::spawn(async move {
            way.send_all(exit, until).await;
            // Nobody may wait for it any more.
            let _ = done.send(true);
        });
        let entrance = Entrance { spans: entrance, fates, told: Arc::default() };
        Ok(Self { entrance, ending, ended })
    }

    /// A tracer whose spans go this way.
    pub(crate) fn tracer(&self) -> Tracer {
        Tracer::to(Arc::new(self.entrance.clone()))
    }

    /// Lets what waits go; what does not get there in two seconds is dropped.
    pub(crate) async fn finish(&self) {
        self.ending.cancel();
        if timeout(GOODBYE, self.ended.clone().wait_for(|ended| *ended)).await.is_err() {
            tracing::debug!("the last spans did not leave in time");
        }
    }
}

/// The way from the queue to the collector.
struct Way {
    exporter: Exporter,
    url: String,
    fates: Fates,
    /// The collector did not take the last request.
    is_away: bool,
}

impl Way {
    async fn send_all(mut self, mut spans: mpsc::Receiver<Span>, ending: CancellationToken) {
        loop {
            let mut together = Vec::new();
            let gathered = gather(&mut spans, &mut together);
            tokio::select! {
                () = gathered => (),
                () = ending.cancelled() => spans.close(),
            }
            // At the end this is what is left.
            while together.len() < MOST_TOGETHER
                && let Ok(span) = spans.try_recv()
            {
                together.push(span);
            }
            if together.is_empty() && spans.is_closed() {
                return;
            }
            self.send(together).await;
        }
    }

    async fn send(&mut self, spans: Vec<Span>) {
        let (count, url) = (spans.len() as u64, self.url.as_str());
        match self.exporter.send(spans).await {
            Ok(()) => {
                self.fates.sent.add(count);
                if std::mem::take(&mut self.is_away) {
                    tracing::info!(url, "the collector takes spans again");
                }
            }
            Err(error) => {
                self.fates.dropped.add(count);
                if !std::mem::replace(&mut self.is_away, true) {
                    let error = format!("{error:#}");
                    tracing::warn!(url, error, "spans are dropped until the collector takes them again");
                }
            }
        }
    }
}

/// Waits for a span, and then a little for more of them. What it has is kept if it is not waited for any more.
async fn gather(spans: &mut mpsc::Receiver<Span>, together: &mut Vec<Span>) {
    if spans.recv_many(together, MOST_TOGETHER).await == 0 {
        return;
    }
    let fill = async {
        while together.len() < MOST_TOGETHER {
            if spans.recv_many(together, MOST_TOGETHER - together.len()).await == 0 {
                return;
            }
        }
    };
    // Time being up is as good as the request being full.
    let _ = timeout(LINGER, fill).await;
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use prost::Message;
    use tokio::time::Instant;
    use traces::{Kind, TraceParent};

    use super::*;

    /// A collector that keeps what it is sent.
    async fn collector() -> (String, mpsc::UnboundedReceiver<ExportTraceServiceRequest>) {
        let (requests, received) = mpsc::unbounded_channel();
        let take = async move |body: axum::body::Bytes| {
            requests.send(ExportTraceServiceRequest::decode(body).unwrap()).unwrap();
        };
        let router = axum::Router::new().route("/v1/traces", axum::routing::post(take));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (url, received)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn spans_get_to_the_collector_as_they_are_and_the_last_ones_too() {
        let (url, mut received) = collector().await;
        let stats = Stats::default();
        let queue = SpanQueue::start(url, "trips", "trips-1", Fates::of(&stats)).unwrap();
        let tracer = queue.tracer().telling("messaging.system", "kafka");
        let cause = TraceParent::of("x");
        let context = cause.child(1);
        let name = "process ride-requests".to_owned();
        let mut span = tracer.begin(context, Some(cause.span_id), Kind::Consumer, name).unwrap();
        span.tell("hailstorm.waited_ms", 12);
        span.links.push(TraceParent::of("y"));
        span.error = Some("malformed_json: x".to_owned());
        tracer.end([span]);
        queue.finish().await;
        let request = received.recv().await.unwrap();
        let resource = request.resource_spans[0].resource.as_ref().unwrap();
        let told: Vec<&str> = resource.attributes.iter().map(|attribute| attribute.key.as_str()).collect();
        assert!(["service.name", "service.instance.id"].iter().all(|name| told.contains(name)), "{told:?}");
        let span = &request.resource_spans[0].scope_spans[0].spans[0];
        assert_eq!(span.trace_id, cause.trace_id.get().to_be_bytes());
        assert_eq!(span.span_id, context.span_id.get().to_be_bytes());
        assert_eq!(span.parent_span_id, cause.span_id.get().to_be_bytes());
        assert!(span.start_time_unix_nano > 1_700_000_000_000_000_000, "{span:?}");
        assert_eq!((span.attributes.len(), span.links.len()), (2, 1), "{span:?}");
        assert_eq!(span.status.as_ref().unwrap().message, "malformed_json: x");
        assert!(stats.exposition(&[]).contains("hailstorm_exported_spans_total 1"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_collector_that_is_away_costs_spans_and_nothing_else() {
        let stats = Stats::default();
        let nowhere = "http://127.0.0.1:9/v1/traces".to_owned();
        let queue = SpanQueue::start(nowhere, "trips", "trips-1", Fates::of(&stats)).unwrap();
        let tracer = queue.tracer();
        let began = Instant::now();
        for number in 0..MOST_WAITING * 2 {
            let span = tracer.begin(TraceParent::of(number), None, Kind::Internal, "work".to_owned());
            tracer.end(span);
        }
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        queue.finish().await;
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        let text = stats.exposition(&[]);
        assert!(text.contains("hailstorm_exported_spans_total 0"), "{text}");
        assert!(!text.contains("hailstorm_dropped_spans_total 0"), "{text}");
    }
}
