//! The Docker engine, through its own command line, which knows DOCKER_HOST, contexts and credentials.

use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{Command, capture, find_program};

/// An engine that does not answer within this is none.
const ANSWER_WAIT: Duration = Duration::from_secs(3);

/// Where ports of a local engine are published.
pub const LOCAL: &str = "127.0.0.1";

/// The engine's version, if one answers.
pub async fn version() -> Option<String> {
    find_program("docker")?;
    let question = docker(["info", "--format", "{{.ServerVersion}}"]);
    let version = tokio::time::timeout(ANSWER_WAIT, question).await.ok()?.ok()?;
    (!version.is_empty()).then_some(version)
}

/// Runs one docker command and returns what it says.
pub(super) async fn docker<A: Into<String>>(arguments: impl IntoIterator<Item = A>) -> Result<String> {
    let arguments: Vec<String> = arguments.into_iter().map(Into::into).collect();
    let what = arguments.first().cloned().unwrap_or_default();
    let captured =
        capture(&Command::new("docker", "docker").args(arguments)).await.context("could not run docker")?;
    if !captured.status.success() {
        bail!("docker {what} failed: {}", captured.last_lines(10));
    }
    Ok(captured.stdout.trim().to_owned())
}

/// The last lines of a container's log, which the command splits over both its outputs as the server did.
pub(super) async fn log(container: &str, lines: usize) -> Result<String> {
    let tail = lines.to_string();
    let captured =
        capture(&Command::new("docker", "docker").args(["logs", "--tail", &tail, container])).await?;
    Ok(captured.last_lines(lines))
}

/// Whether an image is here already.
pub(super) async fn has_image(image: &str) -> bool {
    docker(["image", "inspect", "--format", "{{.Id}}", image]).await.is_ok()
}

/// The host on which published ports are reached.
pub fn host() -> String {
    host_of(std::env::var("DOCKER_HOST").ok().as_deref())
}

fn host_of(engine: Option<&str>) -> String {
    let remote =
        engine.and_then(|address| address.strip_prefix("tcp://").or_else(|| address.strip_prefix("ssh://")));
    let Some(remote) = remote else { return LOCAL.into() };
    let host = remote.rsplit('@').next().unwrap_or_default().split([':', '/']).next().unwrap_or_default();
    match host {
        "" | "localhost" => LOCAL.into(),
        host => host.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_ports_are_reached_on_the_engines_host() {
        let cases = [
            (None, "127.0.0.1"),
            (Some("unix:///var/run/docker.sock"), "127.0.0.1"),
            (Some("tcp://localhost:2375"), "127.0.0.1"),
            (Some("tcp://10.0.0.7:2376"), "10.0.0.7"),
            (Some("ssh://me@build:22"), "build"),
        ];
        for (engine, expected) in cases {
            assert_eq!(host_of(engine), expected, "{engine:?}");
        }
    }
}
