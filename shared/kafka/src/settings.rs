//! How a process finds Kafka and names things in it.

use clap::ValueEnum;
use traces::Tracer;

/// Options every process that speaks Kafka has.
#[derive(clap::Args, Clone, Debug)]
pub struct Settings {
    /// Kafka brokers, host:port, comma-separated
    #[arg(long, env = "KAFKA_BOOTSTRAP_SERVERS", default_value = "127.0.0.1:9092")]
    pub kafka_bootstrap_servers: String,
    /// Prefix of topics, groups, keys and the database, so that runs can share servers
    #[arg(long, env = "HAILSTORM_NAMESPACE", default_value = "", value_parser = parse_namespace)]
    pub namespace: String,
    /// Group protocol: `consumer` is the one of Kafka 4 (KIP-848), `classic` the one before
    #[arg(long, env = "HAILSTORM_GROUP_PROTOCOL", value_enum, default_value_t = GroupProtocol::Consumer)]
    pub group_protocol: GroupProtocol,
    /// Who takes spans. Unless somebody does, no header is read or written.
    #[arg(skip)]
    pub tracer: Tracer,
}

/// Which protocol the members of a group speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GroupProtocol {
    /// The broker assigns (KIP-848).
    Consumer,
    /// A member assigns.
    Classic,
}

impl Settings {
    /// Settings for these brokers and this namespace.
    #[must_use]
    pub fn new(bootstrap_servers: &str, namespace: &str) -> Self {
        Self {
            kafka_bootstrap_servers: bootstrap_servers.to_owned(),
            namespace: namespace.to_owned(),
            group_protocol: GroupProtocol::Consumer,
            tracer: Tracer::default(),
        }
    }

    /// What a reader's spans tell: in the name of which group it reads, if it has one.
    pub(crate) fn tracer_of(&self, group: &str) -> Tracer {
        let tracer = self.tracer.telling("messaging.system", "kafka");
        tracer.telling("messaging.consumer.group.name", group.to_owned())
    }

    /// The name of a topic or group as the broker knows it.
    #[must_use]
    pub fn full_name(&self, name: &str) -> String {
        if self.namespace.is_empty() { name.to_owned() } else { format!("{}.{name}", self.namespace) }
    }

    /// The name of a topic without the namespace.
    #[must_use]
    pub fn base_name<'a>(&self, full_name: &'a str) -> &'a str {
        if self.namespace.is_empty() {
            return full_name;
        }
        full_name.strip_prefix(&self.namespace).and_then(|rest| rest.strip_prefix('.')).unwrap_or(full_name)
    }
}

fn parse_namespace(text: &str) -> Result<String, String> {
    let valid = text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
    if valid && text.len() <= 40 {
        Ok(text.to_owned())
    } else {
        Err("a namespace is up to 40 letters, digits, - and _".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_namespace_and_lose_it_again() {
        for (namespace, full) in [("", "trips"), ("t1", "t1.trips")] {
            let settings = Settings::new("localhost:9092", namespace);
            assert_eq!(settings.full_name("trips"), full);
            assert_eq!(settings.base_name(full), "trips");
        }
        assert!(parse_namespace("a.b").is_err());
    }
}
