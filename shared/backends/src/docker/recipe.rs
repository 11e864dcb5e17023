//! What a container of a server is made of, whoever starts it: `--backends docker` or docker-compose.yml.

use crate::kafka_settings::{self, CLUSTER_ID, HEAP, JVM};
use crate::native::{mongodb, redis};
use crate::server::Server;

/// The image of a server, and what it is told in every place.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// The image, with its tag.
    pub image: &'static str,
    /// Variables and their values; a broker has some more, of where it is.
    pub environment: Vec<(String, String)>,
    /// What follows the image.
    pub arguments: Vec<String>,
}

impl Recipe {
    /// The recipe of a server.
    pub fn of(server: Server) -> Self {
        let owned = |texts: &[&str]| -> Vec<String> { texts.iter().map(|text| (*text).to_owned()).collect() };
        match server {
            Server::Kafka => {
                Self { image: "apache/kafka:4.3.1", environment: kafka_environment(), arguments: Vec::new() }
            }
            Server::Redis => Self {
                image: "redis:7.4",
                environment: Vec::new(),
                arguments: [owned(&["redis-server"]), owned(&redis::ARGUMENTS)].concat(),
            },
            Server::Mongodb => Self {
                image: "mongo:7.0",
                environment: Vec::new(),
                arguments: [owned(&["--bind_ip_all"]), owned(&mongodb::ARGUMENTS)].concat(),
            },
        }
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
