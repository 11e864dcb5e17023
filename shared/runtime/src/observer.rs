//! What whoever looks after a process can ask it: its metrics, whether it lives, whether it is ready.

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::{Readiness, Stats};

/// The variable with the address to listen on.
pub const METRICS_ADDRESS: &str = "HAILSTORM_METRICS_ADDRESS";

/// Where a process is asked if nobody says where.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:9100";

/// What Prometheus knows this form of text by.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is told.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    pub(crate) service: &'static str,
    pub(crate) member: String,
    pub(crate) stats: Stats,
    pub(crate) readiness: Readiness,
}

/// Answers on an address until the process ends; gives the address, which matters for port 0.
///
/// # Errors
/// If nothing can listen there.
pub(crate) fn listen(address: SocketAddr, observed: Observed) -> anyhow::Result<SocketAddr> {
    let listen = || {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        tokio::net::TcpListener::from_std(listener)
    };
    let listener = listen().with_context(|| format!("failed to listen on {address} for metrics"))?;
    let address = listener.local_addr().context("a socket has no address")?;
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router(observed)).await {
            tracing::error!(%error, "metrics are not told any more");
        }
    });
    Ok(address)
}

fn router(observed: Observed) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(async || told(StatusCode::OK, "alive")))
        .route("/readyz", get(readyz))
        .with_state(observed)
}

async fn metrics(State(observed): State<Observed>) -> Response {
    // Some figures are asked of Kafka, which may take its time.
    let told = tokio::task::spawn_blocking(move || {
        let Observed { service, member, stats, .. } = observed;
        stats.exposition(&[("service", service), ("member", &member)])
    });
    match told.await {
        Ok(text) => ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be told");
            told_error()
        }
    }
}

async fn readyz(State(observed): State<Observed>) -> Response {
    match observed.readiness.waiting_for() {
        None => told(StatusCode::OK, "ready"),
        Some(what) => told(StatusCode::SERVICE_UNAVAILABLE, &format!("not ready, waits for {what}")),
    }
}

fn told_error() -> Response {
    told(StatusCode::INTERNAL_SERVER_ERROR, "the metrics could not be told, see the log")
}

fn told(status: StatusCode, line: &str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], format!("{line}\n")).into_response()
}

#[cfg(test)]
mod tests {
    use figures::Metric;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    static TRIPS: Metric = Metric::counter("trips_total", "Trips");

    async fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_process_tells_how_it_is() {
        let (stats, readiness) = (Stats::default(), Readiness::default());
        stats.counter(&TRIPS).add(3);
        let observed =
            Observed { service: "eta", member: "eta-1".to_owned(), stats, readiness: readiness.clone() };
        let address = listen("127.0.0.1:0".parse().unwrap(), observed.clone()).unwrap();

        let metrics = ask(address, "/metrics").await;
        assert!(metrics.contains("trips_total{service=\"eta\",member=\"eta-1\"} 3"), "{metrics}");
        assert!(metrics.contains(OPENMETRICS), "{metrics}");
        assert!(ask(address, "/livez").await.starts_with("HTTP/1.1 200 OK"));
        assert!(ask(address, "/nothing").await.starts_with("HTTP/1.1 404"));
        readiness.ask(|| Some("its tables".to_owned()));
        let answer = ask(address, "/readyz").await;
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(answer.ends_with("\r\n\r\nnot ready, waits for its tables\n"), "{answer}");
        readiness.set_ready();
        assert!(ask(address, "/readyz").await.starts_with("HTTP/1.1 200 OK"));

        let error = format!("{:#}", listen(address, observed).unwrap_err());
        assert!(error.starts_with(&format!("failed to listen on {address} for metrics: ")), "{error}");
    }
}
