//! One gateway: requests are made of it, its answers timed and counted.

use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Url};
use runtime::{Counter, Histogram, Stats};
use tokio::time::Instant;

use super::call::{Call, Meaning};
use crate::metrics;

/// Longest beginning of an answer that is told when it was no good one.
const MOST_TOLD: usize = 300;

/// Where a gateway is.
pub(super) struct Gateway {
    pub(super) url: Url,
    client: Client,
    figures: Figures,
    /// The last request did not get there, or its answer not back.
    away: AtomicBool,
}

/// What is counted of all gateways together.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// Requests made, each attempt.
    requests: Counter,
    /// Those without a good answer.
    errors: Counter,
    /// Calls that were refused for good.
    pub(super) refused: Counter,
    /// Time until an answer.
    took: Histogram,
}

impl Gateway {
    pub(super) fn new(url: &Url, client: Client, figures: Figures) -> Self {
        Self { url: url.clone(), client, figures, away: AtomicBool::new(false) }
    }

    /// Makes a call once; gives what the answer means and what it was.
    pub(super) async fn attempt(&self, call: &Call) -> (Meaning, String) {
        self.figures.requests.add(1);
        let started = Instant::now();
        let answered = async {
            let response = self.request(call).send().await?;
            let (status, headers) = (response.status(), response.headers().clone());
            Ok::<_, reqwest::Error>((status, headers, response.bytes().await?))
        };
        let (meaning, what) = match answered.await {
            Ok((status, headers, body)) => {
                let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
                self.figures.took.record_ms(took_ms);
                self.is_there();
                let retry_after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                let text: String = String::from_utf8_lossy(&body).chars().take(MOST_TOLD).collect();
                (call.meaning(status.as_u16(), retry_after, &body), format!("{status} {text}"))
            }
            Err(error) => {
                let error = format!("{:#}", anyhow::Error::from(error));
                self.is_away(&error);
                (Meaning::Later(None), error)
            }
        };
        if matches!(meaning, Meaning::Later(_) | Meaning::Refused) {
            self.figures.errors.add(1);
            tracing::debug!(path = call.path, answer = what, "the public API did not take it");
        }
        (meaning, what)
    }

    fn request(&self, call: &Call) -> RequestBuilder {
        let address = format!("{}{}", self.url.as_str().trim_end_matches('/'), call.path);
        let json = HeaderValue::from_static("application/json");
        let request = self.client.post(address).header(CONTENT_TYPE, json).body(call.body.clone());
        match call.key {
            Some(key) => request.header("idempotency-key", key.hyphenated().to_string()),
            None => request,
        }
    }

    fn is_there(&self) {
        if self.away.swap(false, Ordering::Relaxed) {
            tracing::info!(url = %self.url, "the gateway is back");
        }
    }

    fn is_away(&self, error: &str) {
        if !self.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(url = %self.url, error, "the gateway is away, trying again");
        }
    }
}

impl Figures {
    pub(super) fn new(stats: &Stats) -> Self {
        Self {
            requests: stats.counter(&metrics::API_REQUESTS),
            errors: stats.counter(&metrics::API_ERRORS),
            refused: stats.counter(&metrics::API_REFUSED),
            took: stats.histogram(&metrics::API_TIME),
        }
    }
}
