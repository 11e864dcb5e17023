//! Many viewers and many ride requests against a running gateway: latencies, processor time, memory.
//!
//! `cargo run --release -p gateway --example load -- --gateway http://127.0.0.1:8080 --viewers 1000 --rides-per-second 200`

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use futures::{SinkExt, StreamExt};
use hdrhistogram::Histogram;
use serde_json::{Value, json};
use tokio::sync::{Mutex, Semaphore};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

/// Requests that may be under way at a time; more than are needed at any sensible latency.
const MOST_UNDER_WAY: usize = 2_000;

/// Longer answers count as this: a minute.
const LONGEST_MICROS: u64 = 60_000_000;

/// Clock ticks a second in `/proc/<pid>/stat` (`sysconf(_SC_CLK_TCK)`, 100 on Linux).
const TICKS_PER_SECOND: f64 = 100.0;

#[derive(Parser)]
struct Options {
    /// Address of the gateway
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    gateway: String,
    /// Process of the gateway, whose processor time and memory are shown
    #[arg(long)]
    pid: Option<u32>,
    /// Sockets that watch the whole city
    #[arg(long, default_value_t = 100)]
    viewers: u32,
    /// Ride requests sent a second, on schedule whatever the answers
    #[arg(long, default_value_t = 0)]
    rides_per_second: u32,
    /// How long, seconds
    #[arg(long, default_value_t = 30)]
    seconds: u64,
}

#[derive(Default)]
struct Seen {
    frames: AtomicU64,
    bytes: AtomicU64,
    closed: AtomicU64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let client = reqwest::Client::new();
    let bounds = bounds(&options).await?;
    let seen = Arc::new(Seen::default());
    for _ in 0..options.viewers {
        let socket = watch(&options.gateway, &bounds, Arc::clone(&seen)).await?;
        tokio::spawn(socket);
    }
    println!("{} viewers are connected", options.viewers);
    let (before, began) = (options.pid.map(usage).transpose()?, Instant::now());
    let (frames, bytes) = (seen.frames.load(Ordering::Relaxed), seen.bytes.load(Ordering::Relaxed));
    let asked = ask(&options, &client, &bounds).await;
    let took_s = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "for display")]
    let per_second = |now: u64, then: u64| (now - then) as f64 / took_s;
    println!(
        "viewers: {:.0} frames/s, {:.1} MB/s, {} closed",
        per_second(seen.frames.load(Ordering::Relaxed), frames),
        per_second(seen.bytes.load(Ordering::Relaxed), bytes) / 1e6,
        seen.closed.load(Ordering::Relaxed)
    );
    let asked = asked.lock().await;
    let quantile = |share| asked.micros.value_at_quantile(share) / 1000;
    println!(
        "rides: {} accepted, {} refused; p50 {} ms, p99 {} ms, p99.9 {} ms, at most {} ms",
        asked.accepted,
        asked.refused,
        quantile(0.5),
        quantile(0.99),
        quantile(0.999),
        asked.micros.max() / 1000
    );
    if let (Some(pid), Some((cpu_s, _))) = (options.pid, before) {
        let (now_s, rss_mib) = usage(pid)?;
        println!("gateway: {:.1} % of a core, {rss_mib:.1} MiB", (now_s - cpu_s) / took_s * 100.0);
    }
    Ok(())
}

/// The rectangle of the city, from the greeting of the live socket.
async fn bounds(options: &Options) -> anyhow::Result<Value> {
    let (mut socket, _) = tokio_tungstenite::connect_async(live_address(&options.gateway)).await?;
    while let Some(message) = socket.next().await {
        if let Message::Text(text) = message? {
            let hello: Value = serde_json::from_str(&text)?;
            return Ok(hello["bounds"].clone());
        }
    }
    anyhow::bail!("the live socket was closed without a greeting")
}

fn live_address(gateway: &str) -> String {
    format!("{}/v1/live", gateway.trim_end_matches('/').replacen("http", "ws", 1))
}

/// Opens a socket that shows the whole city; gives what reads it to its end.
async fn watch(
    gateway: &str,
    bounds: &Value,
    seen: Arc<Seen>,
) -> anyhow::Result<impl Future<Output = ()> + use<>> {
    let (mut socket, _) = tokio_tungstenite::connect_async(live_address(gateway))
        .await
        .context("failed to open a live socket")?;
    let mut view = bounds.clone();
    view["type"] = json!("view");
    view["zoom"] = json!(14);
    socket.send(Message::text(view.to_string())).await?;
    Ok(async move {
        while let Some(Ok(message)) = socket.next().await {
            seen.frames.fetch_add(1, Ordering::Relaxed);
            seen.bytes.fetch_add(message.len() as u64, Ordering::Relaxed);
        }
        seen.closed.fetch_add(1, Ordering::Relaxed);
    })
}

struct Asked {
    micros: Histogram<u64>,
    accepted: u64,
    refused: u64,
}

/// Asks for rides on schedule. A time counts from when the request was due, so that waiting is not left out.
async fn ask(options: &Options, client: &reqwest::Client, bounds: &Value) -> Arc<Mutex<Asked>> {
    let micros = Histogram::new_with_bounds(1, LONGEST_MICROS, 3).expect("the bounds are valid");
    let asked = Arc::new(Mutex::new(Asked { micros, accepted: 0, refused: 0 }));
    let room = Arc::new(Semaphore::new(MOST_UNDER_WAY));
    let (began, end) = (Instant::now(), Duration::from_secs(options.seconds));
    let mut number: u64 = 0;
    while began.elapsed() < end {
        if options.rides_per_second == 0 {
            tokio::time::sleep(end).await;
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "a short run")]
        let due = began + Duration::from_secs_f64(number as f64 / f64::from(options.rides_per_second));
        tokio::time::sleep_until(due.into()).await;
        let permit = Arc::clone(&room).acquire_owned().await.expect("it is never closed");
        let (request, asked) = (request(options, client, bounds, number), Arc::clone(&asked));
        tokio::spawn(async move {
            let answer = request.send().await;
            let micros = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
            let mut asked = asked.lock().await;
            asked.micros.saturating_record(micros);
            if answer.is_ok_and(|answer| answer.status() == reqwest::StatusCode::ACCEPTED) {
                asked.accepted += 1;
            } else {
                asked.refused += 1;
            }
            drop(permit);
        });
        number += 1;
    }
    let all = u32::try_from(MOST_UNDER_WAY).expect("a small number");
    drop(room.acquire_many(all).await);
    asked
}

/// A ride between two places well inside the city, each time others.
fn request(
    options: &Options,
    client: &reqwest::Client,
    bounds: &Value,
    number: u64,
) -> reqwest::RequestBuilder {
    let side = |low: &str, high: &str, share: f64| {
        let (low, high) = (bounds[low].as_f64().unwrap_or(0.0), bounds[high].as_f64().unwrap_or(0.0));
        low + (high - low) * (0.2 + 0.6 * share)
    };
    // Steps of the golden ratio fill the square evenly.
    #[expect(clippy::cast_precision_loss, reason = "a short run")]
    let share = |step: f64| (number as f64 * step).fract();
    let place =
        |a, b| json!({"lat": side("south", "north", share(a)), "lon": side("west", "east", share(b))});
    client
        .post(format!("{}/v1/rides", options.gateway.trim_end_matches('/')))
        .header("Idempotency-Key", Uuid::now_v7().to_string())
        .json(&json!({
            "rider": 5_000_000_000_u64 + number,
            "pickup": place(0.618_033_988, 0.754_877_666),
            "dropoff": place(0.569_840_291, 0.414_213_562),
        }))
}

/// Processor time (s) and memory (MiB) of a process.
fn usage(pid: u32) -> anyhow::Result<(f64, f64)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("there is no such process")?;
    // Fields behind the name, which may hold blanks: utime and stime are the 12th and 13th (proc(5)).
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = rss.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0.0);
    Ok(((ticks(11) + ticks(12)) / TICKS_PER_SECOND, kib / 1024.0))
}
