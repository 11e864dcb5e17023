//! How Redis is reached.

use std::fmt;
use std::time::Duration;

use anyhow::Context;
use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client};

/// A large pipeline counts as one response, and its server may be busy: the client's own 500 ms are too few.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Connecting is quick or does not happen.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(2);

/// Where Redis is.
#[derive(clap::Args, Clone)]
pub struct Settings {
    /// URL of the Redis server
    #[arg(long, env = "REDIS_URL", default_value = "redis://127.0.0.1:6379", hide_env_values = true)]
    pub redis_url: String,
}

impl fmt::Debug for Settings {
    /// Without the URL: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings { redis_url: (not shown) }")
    }
}

impl Settings {
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        Client::open(self.redis_url.as_str())
            .context("REDIS_URL is no URL of a Redis server: expected redis://[user:password@]host:port[/db]")
    }
}

/// A connection that may be shared and comes back by itself; it is opened at the first request.
pub(crate) fn shared(client: &Client) -> anyhow::Result<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_connection_timeout(Some(CONNECTION_TIMEOUT))
        .set_number_of_retries(1);
    ConnectionManager::new_lazy_with_config(client.clone(), config)
        .context("failed to set up a connection to redis")
}

/// A connection of one's own that never comes back by itself: `WATCH` is a promise of one connection, and must not
/// be followed by `EXEC` on the next.
pub(crate) async fn dedicated(client: &Client) -> anyhow::Result<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_connection_timeout(Some(CONNECTION_TIMEOUT));
    client.get_multiplexed_async_connection_with_config(&config).await.context("failed to connect to redis")
}
