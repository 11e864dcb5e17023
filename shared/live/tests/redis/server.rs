//! A Redis server for one test: on a Unix socket in a folder of its own, gone with the test.

use std::time::{Duration, Instant};

use live::Settings;
use tempfile::TempDir;
use tokio::process::{Child, Command};

pub(crate) struct Server {
    folder: TempDir,
    _process: Child,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let process = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(folder.path().join("redis.sock"))
            .arg("--dir")
            .arg(folder.path())
            .stdout(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect(
                "these tests need `redis-server` in PATH: install Redis 7 (Debian: apt install redis-server)",
            );
        let server = Self { folder, _process: process };
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let client = redis::Client::open(server.settings().redis_url).expect("a URL");
            if let Ok(mut connection) = client.get_multiplexed_async_connection().await
                && redis::cmd("PING").query_async::<String>(&mut connection).await.is_ok()
            {
                return server;
            }
            assert!(Instant::now() < deadline, "redis-server did not answer within 20 s");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings { redis_url: format!("redis+unix://{}", self.folder.path().join("redis.sock").display()) }
    }

    /// Any command, with its answer as text.
    pub(crate) async fn command(&self, words: &[&str]) -> String {
        let client = redis::Client::open(self.settings().redis_url).expect("a URL");
        let mut connection = client.get_multiplexed_async_connection().await.expect("the server answers");
        let mut cmd = redis::cmd(words[0]);
        cmd.arg(&words[1..]);
        let answer: redis::Value = cmd.query_async(&mut connection).await.expect("the command is right");
        redis::from_redis_value(answer).unwrap_or_default()
    }
}
