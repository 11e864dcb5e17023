//! What is the same for all requests: shapes, methods, limits, health, pages.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use domain::CityClock;
use serde_json::json;

use super::super::problem_kind;
use super::gate::{CITY, Gate, KEY, place, trip_of, wish};
use crate::view::{News, View};

#[tokio::test]
async fn bodies_are_json_of_the_documented_shape_and_not_too_large() {
    let gate = Gate::new();
    let ride = |content_type: &'static str| [("content-type", content_type), ("idempotency-key", KEY)];
    let json = "application/json";
    for (headers, body, status, slug) in [
        (ride("text/plain"), wish().to_string(), 415, "unsupported-media-type"),
        (ride(""), wish().to_string(), 415, "unsupported-media-type"),
        (ride(json), String::new(), 400, "malformed-json"),
        (ride(json), "{".to_owned(), 400, "malformed-json"),
        (ride(json), "[".repeat(4000), 400, "malformed-json"),
        (ride(json), "\u{0}".to_owned(), 400, "malformed-json"),
        (ride(json), "null".to_owned(), 400, "invalid-body"),
        (ride(json), "{}".to_owned(), 400, "invalid-body"),
        (ride(json), " ".repeat(4097), 413, "body-too-large"),
    ] {
        let answer = gate.ask("POST", "/v1/rides", &headers, Body::from(body.clone())).await;
        assert_eq!((answer.status.as_u16(), answer.slug().as_str()), (status, slug), "{body:.40}");
    }
    for (rider, slug) in [
        (json!(-1), "invalid-body"),
        (json!(1.5), "invalid-body"),
        (json!(9_007_199_254_740_992_u64), "invalid-body"),
        (json!(u64::MAX), "invalid-body"),
        (json!("17"), "invalid-body"),
        (json!(null), "invalid-body"),
    ] {
        let mut body = wish();
        body["rider"] = rider;
        let answer = gate.ask_for_ride(KEY, &body).await;
        assert_eq!(answer.slug(), slug, "{body}");
        assert_eq!(answer.json()["errors"][0]["field"], "rider");
    }
    let mut largest = wish();
    largest["rider"] = json!(9_007_199_254_740_991_u64);
    assert_eq!(gate.ask_for_ride(KEY, &largest).await.status, 202);
    let latin1 = gate.ask("POST", "/v1/quotes", &[("content-type", json)], vec![b'"', 0xe4, b'"']).await;
    assert_eq!(latin1.slug(), "malformed-json");
}

#[tokio::test]
async fn other_methods_and_paths_are_refused_as_problems() {
    let gate = Gate::new();
    let ride = format!("/v1/rides/{}", trip_of(KEY));
    for (method, path, allow) in [
        ("DELETE", "/v1/rides", "POST,GET,HEAD"),
        ("OPTIONS", "/v1/quotes", "POST"),
        ("PATCH", ride.as_str(), "GET,HEAD"),
        ("TRACE", "/livez", "GET,HEAD"),
        ("POST", "/v1/drivers/nearby", "GET,HEAD"),
        ("GET", "/v1/drivers/7/shift", "POST"),
        ("POST", "/", "GET,HEAD"),
        ("PUT", "/openapi.json", "GET,HEAD"),
        ("QUERY", "/v1/city", "GET,HEAD"),
    ] {
        let answer = gate.ask(method, path, &[], Body::empty()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.slug().as_str()),
            (405, "method-not-allowed"),
            "{method} {path}"
        );
        let allowed = answer.header("allow").unwrap();
        assert!(allow.split(',').all(|method| allowed.contains(method)), "{method} {path}: {allowed}");
    }
    for path in [
        "/v1",
        "/v1/rides/",
        "/V1/rides",
        "/v1/rides/a/b",
        "/assets/",
        "/assets/none.js",
        "//",
        "/..",
        "/%2e%2e/x",
    ] {
        assert_eq!(gate.get(path).await.slug(), "not-found", "{path}");
    }
    let head = gate.ask("HEAD", "/livez", &[], Body::empty()).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back_and_pages_are_free() {
    let gate = Gate::with(1, 10);
    let path = "/v1/drivers/nearby?lat=1&lon=1";
    let statuses = [gate.get(path).await, gate.get(path).await].map(|answer| answer.status.as_u16());
    assert_eq!(statuses, [200, 200]);
    let refused = gate.get(path).await;
    assert_eq!((refused.slug().as_str(), refused.header("retry-after")), ("too-many-requests", Some("1")));
    for path in ["/", "/livez", "/readyz", "/openapi.json", "/problems"] {
        assert_eq!(gate.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for_for_ever() {
    let gate = Gate::new();
    let never = futures::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let headers = [("content-type", "application/json")];
    let answer = gate.ask("POST", "/v1/quotes", &headers, Body::from_stream(never)).await;
    assert_eq!((answer.status.as_u16(), answer.slug().as_str()), (408, "too-slow"));
    let broken = futures::stream::iter([Ok(vec![b'{']), Err(std::io::Error::other("the client has gone"))]);
    let answer = gate.ask("POST", "/v1/quotes", &headers, Body::from_stream(broken)).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn readiness_names_what_is_missing() {
    for (tables, kafka, redis, mongodb, status, word) in [
        (true, true, true, true, 200, "ready"),
        (true, true, false, true, 200, "degraded"),
        (true, true, true, false, 200, "degraded"),
        (true, true, false, false, 200, "degraded"),
        (true, false, true, true, 503, "not_ready"),
        (false, true, true, true, 503, "not_ready"),
    ] {
        let view = Arc::new(View::new(CityClock::REAL));
        if tables {
            view.apply(&[News::TablesAreRead]);
        }
        let gate = Gate::of(view, 1000, 10);
        gate.log.is_up.store(kafka, Ordering::Relaxed);
        gate.redis_is_up.store(redis, Ordering::Relaxed);
        gate.history.is_away.store(!mongodb, Ordering::Relaxed);
        let answer = gate.get("/readyz").await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), &body["status"]), (status, &json!(word)));
        let up = ["tables", "kafka", "redis", "mongodb"]
            .map(|name| body["dependencies"][name]["up"] == json!(true));
        assert_eq!(up, [tables, kafka, redis, mongodb], "{body}");
        assert_eq!(gate.get("/livez").await.json(), json!({"status": "up"}));
    }
}

#[tokio::test]
async fn the_roads_come_once_and_are_kept_by_their_tag() {
    let gate = Gate::new();
    let answer = gate.get("/v1/city").await;
    assert_eq!((answer.status.as_u16(), &answer.bytes[..4]), (200, b"HCTY".as_slice()));
    assert_eq!(answer.bytes, CITY.roads_file.bytes);
    let etag = answer.header("etag").unwrap().to_owned();
    let again = gate.ask("GET", "/v1/city", &[("if-none-match", &etag)], Body::empty()).await;
    assert_eq!(
        (again.status.as_u16(), again.bytes.len(), again.header("etag")),
        (304, 0, Some(etag.as_str()))
    );
    let compressed = gate.ask("GET", "/v1/city", &[("accept-encoding", "gzip")], Body::empty()).await;
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    assert!(compressed.bytes.len() < answer.bytes.len());
    assert_eq!(gate.get("/v1/live").await.slug(), "upgrade-required");
}

#[tokio::test]
async fn documents_and_pages_are_served_as_what_they_are() {
    let gate = Gate::new();
    assert_eq!(gate.get("/openapi.json").await.json()["openapi"], "3.1.0");
    assert_eq!(gate.get("/asyncapi.json").await.json()["asyncapi"], "3.0.0");
    for path in ["/", "/ride", "/drive", "/docs"] {
        let page = gate.get(path).await;
        assert_eq!(
            (page.status.as_u16(), page.header("content-type")),
            (200, Some("text/html; charset=utf-8"))
        );
    }
    let kinds = gate.get("/problems").await.json();
    assert_eq!(kinds.as_array().unwrap().len(), problem_kind::ALL.len());
    for kind in problem_kind::ALL {
        assert_eq!(gate.get(&kind.path()).await.json()["status"], kind.status, "{kind:?}");
    }
    assert_eq!(gate.get("/problems/none").await.slug(), "unknown-problem");
    assert_eq!(gate.get("/problems/%FF").await.slug(), "unknown-problem");
}

#[tokio::test]
async fn a_mistake_ends_its_own_request_only() {
    let gate = Gate::new();
    gate.history.panics.store(true, Ordering::Relaxed);
    let answer = gate.get(&format!("/v1/rides/{}", trip_of(KEY))).await;
    assert_eq!((answer.status.as_u16(), answer.slug().as_str()), (500, "internal"));
    let body = json!({"pickup": place(1), "dropoff": place(2000)});
    assert_eq!(gate.post("/v1/quotes", &body).await.status, 200);
}
