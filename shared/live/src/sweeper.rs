//! Takes silent drivers out of all sets.

use anyhow::Context;
use redis::Script;
use redis::aio::ConnectionManager;

use crate::keys::Keys;
use crate::{SILENCE_MS, Settings, connection};

/// Drivers in one go: the server is busy with it for about 2 ms at most.
const SLICE: i64 = 500;

/// One script, so that a driver who reports at the same moment is either not silent or reports after it.
const SWEEP: &str = "
local silent = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
if #silent > 0 then
  redis.call('ZREM', KEYS[2], unpack(silent))
  redis.call('ZREM', KEYS[3], unpack(silent))
  redis.call('ZREM', KEYS[1], unpack(silent))
end
return #silent";

/// The cleaning end. Several at once do no harm; readers pass over silent drivers even without one.
#[derive(Clone)]
pub struct Sweeper {
    keys: Keys,
    connection: ConnectionManager,
    script: Script,
}

impl std::fmt::Debug for Sweeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sweeper").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Sweeper {
    /// A sweeper that connects when it is first used.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn new(settings: &Settings, namespace: &str) -> anyhow::Result<Self> {
        let connection = connection::shared(&settings.client()?)?;
        Ok(Self { keys: Keys::new(namespace), connection, script: Script::new(SWEEP) })
    }

    /// Removes everybody silent for longer than [`SILENCE_MS`]; returns how many those were.
    ///
    /// # Errors
    /// If Redis can't be reached or refuses.
    pub async fn sweep(&mut self, now_ms: i64) -> anyhow::Result<u64> {
        let mut invocation = self.script.prepare_invoke();
        invocation.key(&self.keys.seen).key(&self.keys.idle).key(&self.keys.busy);
        invocation.arg(now_ms - SILENCE_MS).arg(SLICE);
        let mut swept = 0;
        loop {
            let count: i64 = invocation
                .invoke_async(&mut self.connection)
                .await
                .context("failed to sweep silent drivers in redis")?;
            swept += count.unsigned_abs();
            if count < SLICE {
                return Ok(swept);
            }
        }
    }
}
