//! Where the three servers are reached.

/// The addresses that clients are given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// `host:port[,host:port…]`.
    pub kafka_bootstrap_servers: String,
    /// `redis://…`.
    pub redis_url: String,
    /// `mongodb://…`.
    pub mongodb_uri: String,
}

impl Endpoints {
    /// The variables by which services and external servers are told of the addresses.
    pub const VARIABLES: [&str; 3] = ["KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL", "MONGODB_URI"];

    /// The addresses of servers of ours on one host; ports in the order of [`crate::Server::ALL`].
    pub fn on(host: &str, ports: [u16; 3]) -> Self {
        let [kafka, redis, mongodb] = ports;
        Self {
            kafka_bootstrap_servers: format!("{host}:{kafka}"),
            redis_url: format!("redis://{host}:{redis}"),
            // The one member's own name need not be reachable from here, so the client must not go looking for it.
            mongodb_uri: format!("mongodb://{host}:{mongodb}/?directConnection=true"),
        }
    }

    /// Variable and value of each address: what a service process is started with.
    pub fn environment(&self) -> [(&'static str, &str); 3] {
        let [kafka, redis, mongodb] = Self::VARIABLES;
        [(kafka, &self.kafka_bootstrap_servers), (redis, &self.redis_url), (mongodb, &self.mongodb_uri)]
    }
}
