//! Looks after the servers of a run: one that ends by itself is started again.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use backends::{Backends, ManagedServer, Server, free_disk_mib};
use futures::future::select_all;

use super::board::Board;
use super::lives::Lives;

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(500);

/// First pause before a server is started again; doubled each time. Clients wait for two minutes at least.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// With less than this left a disk is as good as full.
const LITTLE_MIB: u64 = 64;

/// Lines of its log that are looked at when a server is given up, how many are shown, and characters of each.
const LOG_LINES: usize = 100;
const SHOWN_LINES: usize = 5;
const SHOWN_COLUMNS: usize = 300;

/// Goes on until one of the servers is given up; the error says what is known of it. Servers that we have not started,
/// and containers, are left to those who have.
pub(super) async fn look_after(backends: &Backends, board: &Board) -> anyhow::Error {
    let ours = Server::ALL.into_iter().filter_map(|server| backends.server(server).ok());
    let each: Vec<_> = ours.map(|managed| Box::pin(keep_alive(managed, backends.folder(), board))).collect();
    if each.is_empty() {
        return std::future::pending().await;
    }
    select_all(each).await.0
}

async fn keep_alive(managed: &ManagedServer, folder: Option<&Path>, board: &Board) -> anyhow::Error {
    let server = managed.server();
    let mut lives = Lives::begin(FIRST_PAUSE, Instant::now());
    let mut look = tokio::time::interval(LOOK);
    // When it was there last: a start that fails does not bring it back.
    let mut seen = Instant::now();
    loop {
        look.tick().await;
        let Some(status) = managed.ended() else {
            seen = Instant::now();
            continue;
        };
        let room = folder.map(room_in).unwrap_or_default();
        let Some(pause) = lives.end(Instant::now()) else {
            let (times, log) = (lives.ended(), last_words(managed).await);
            let remedy = if room.is_empty() { "" } else { ": make room there, or choose another --data-dir" };
            return anyhow!(
                "{server} ended {times} times in a row ({status}){room}{remedy}; the end of its log:\n    {log}"
            );
        };
        board.notice(format!(
            "{server} ended by itself ({status}){room}; starting it again in {} s",
            pause.as_secs()
        ));
        tokio::time::sleep(pause).await;
        lives.begin_again(Instant::now());
        match managed.start().await {
            Ok(_) => board.notice(format!("{server} is back after {:.1} s", seen.elapsed().as_secs_f64())),
            Err(error) => tracing::debug!(%server, error = format!("{error:#}"), "not started again"),
        }
    }
}

/// How much room there is for data, if that is little.
fn room_in(folder: &Path) -> String {
    match free_disk_mib(folder) {
        Some(mib) if mib < LITTLE_MIB => format!(", {mib} MiB are left on the disk of {}", folder.display()),
        _ => String::new(),
    }
}

async fn last_words(managed: &ManagedServer) -> String {
    told(&managed.last_log_lines(LOG_LINES).await).join("\n    ")
}

/// The last lines that say something: not where in Java an exception came from.
fn told(lines: &[String]) -> Vec<String> {
    let telling: Vec<&String> = lines
        .iter()
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("at "))
        .collect();
    let last = &telling[telling.len().saturating_sub(SHOWN_LINES)..];
    last.iter().map(|line| line.chars().take(SHOWN_COLUMNS).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_log_the_last_lines_are_told_without_where_they_came_from() {
        let lines =
            ["one", "two", "java.io.IOException: No space left on device", "\tat java.base/Write.now", ""];
        let lines = lines.map(str::to_owned);
        assert_eq!(told(&lines), lines[..3]);
        let long = vec!["x".repeat(1000); 9];
        assert_eq!(told(&long), vec!["x".repeat(SHOWN_COLUMNS); SHOWN_LINES]);
    }
}
