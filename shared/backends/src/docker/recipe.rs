//! What a container of a server is made of, whoever starts it: `--backends docker`, docker-compose.yml or tests.

use crate::kafka_settings::{self, CLUSTER_ID, HEAP, JVM, Place};
use crate::native::{mongodb, redis};
use crate::server::Server;

/// The image of a server, and what it is told in every place.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// The image, with its tag.
    pub image: &'static str,
    /// Variables and their values; a broker has some more, of where it is ([`Recipe::reached_at`]).
    pub environment: Vec<(String, String)>,
    /// What follows the image.
    pub arguments: Vec<String>,
    /// The port it listens on within its container.
    pub port: u16,
    /// The folder of its data within its container.
    pub data: &'static str,
    /// Limit of its memory in MiB: heap or cache, what it needs besides, and room for page cache.
    pub memory_mib: u32,
}

impl Recipe {
    /// The recipe of a server, wherever it is.
    pub fn of(server: Server) -> Self {
        let owned = |texts: &[&str]| -> Vec<String> { texts.iter().map(|text| (*text).to_owned()).collect() };
        match server {
            Server::Kafka => Self {
                image: "apache/kafka:4.3.1",
                environment: kafka_environment(),
                arguments: Vec::new(),
                port: 9092,
                data: "/var/lib/kafka/data",
                memory_mib: 768,
            },
            Server::Redis => Self {
                image: "redis:7.4",
                environment: Vec::new(),
                arguments: [owned(&["redis-server"]), owned(&redis::ARGUMENTS)].concat(),
                port: 6379,
                data: "/data",
                memory_mib: 384,
            },
            Server::Mongodb => Self {
                image: "mongo:7.0",
                environment: Vec::new(),
                arguments: [owned(&["--bind_ip_all"]), owned(&mongodb::ARGUMENTS)].concat(),
                port: 27017,
                data: "/data/db",
                memory_mib: 1024,
            },
        }
    }

    /// The recipe of a server alone in its container, which clients reach at this address, `host:port`.
    pub fn reached_at(server: Server, address: &str) -> Self {
        let mut recipe = Self::of(server);
        if server == Server::Kafka {
            let placed = kafka_settings::placed(&Place {
                bind: "0.0.0.0",
                port: recipe.port,
                controller_port: 9093,
                advertised: address.to_owned(),
                own_port: Some(9094),
                data: recipe.data.to_owned(),
            });
            recipe.environment.extend(kafka_settings::as_environment(&placed));
        }
        recipe
    }
}

fn kafka_environment() -> Vec<(String, String)> {
    let mut variables = kafka_settings::as_environment(&kafka_settings::common());
    for (variable, value) in [
        ("CLUSTER_ID", CLUSTER_ID.to_owned()),
        ("KAFKA_HEAP_OPTS", HEAP.join(" ")),
        ("KAFKA_JVM_PERFORMANCE_OPTS", JVM.join(" ")),
        ("KAFKA_LOG4J_ROOT_LOGLEVEL", "WARN".to_owned()),
    ] {
        variables.push((variable.to_owned(), value));
    }
    variables
}
