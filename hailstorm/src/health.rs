//! `hailstorm health`: asks a process how it is, as a container's health check does without a shell.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Whoever does not answer by then is not well.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// An answer is one line; who sends more is somebody else.
const MOST_BYTES: u64 = 16 * 1024;

/// Which process, and what to ask.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Address at which it tells metrics and health
    #[arg(long, env = runtime::METRICS_ADDRESS, default_value = runtime::DEFAULT_ADDRESS, value_name = "ADDRESS")]
    address: String,
    /// Ask only whether it lives, not whether it is ready
    #[arg(long)]
    live: bool,
}

/// Prints what the process answers; fails if that is not what is hoped for.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let address = reachable(&options.address);
    let path = if options.live { "/livez" } else { "/readyz" };
    let asked = timeout(PATIENCE, ask(&address, path)).await;
    let asked = asked.with_context(|| format!("{address} does not answer in time"))?;
    let answer = asked.with_context(|| format!("failed to ask {address}"))?;
    println!("{}", answer.line);
    Ok(if answer.status == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    line: String,
}

/// What listens on all addresses is asked at the local one.
fn reachable(address: &str) -> String {
    let local = [("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:")];
    let found = local.iter().find_map(|(all, local)| Some(format!("{local}{}", address.strip_prefix(all)?)));
    found.unwrap_or_else(|| address.to_owned())
}

async fn ask(address: &str, path: &str) -> anyhow::Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut text = Vec::new();
    stream.take(MOST_BYTES).read_to_end(&mut text).await?;
    read(&String::from_utf8_lossy(&text))
}

fn read(text: &str) -> anyhow::Result<Answer> {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { bail!("the answer is not one of HTTP") };
    let status = head.split_ascii_whitespace().nth(1).and_then(|status| status.parse().ok());
    let status: u16 = status.context("the answer has no status")?;
    // Whatever else listens there may answer with a page.
    let line = body.lines().next().unwrap_or_default().chars().take(200).collect();
    match status {
        200 | 503 => Ok(Answer { status, line }),
        other => bail!("the answer is {other}: does a process of hailstorm listen there?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_listens_everywhere_is_asked_at_home() {
        for (told, asked) in [
            ("0.0.0.0:9100", "127.0.0.1:9100"),
            ("[::]:9100", "[::1]:9100"),
            ("10.0.0.7:9100", "10.0.0.7:9100"),
            ("trips:9100", "trips:9100"),
        ] {
            assert_eq!(reachable(told), asked);
        }
    }

    #[test]
    fn answers_are_read_or_refused() {
        let answer =
            read("HTTP/1.1 503 Service Unavailable\r\na: b\r\n\r\nnot ready, waits for x\n").unwrap();
        assert_eq!(answer, Answer { status: 503, line: "not ready, waits for x".to_owned() });
        for (text, error) in [
            ("SSH-2.0\r\n", "not one of HTTP"),
            ("HTTP/1.1 404 Not Found\r\n\r\n", "is 404"),
            ("HTTP/1.1\r\n\r\n", "no status"),
        ] {
            assert!(read(text).unwrap_err().to_string().contains(error), "{text}");
        }
    }
}
