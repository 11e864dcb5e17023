//! What a run was made of besides the servers: client library, compiler, runtimes of others.

use std::fmt;

use backends::Mode;
use serde::{Deserialize, Serialize};

use crate::peer::Peer;

/// The compiler that the repository asks for, with which this was built unless somebody chose another one.
const TOOLCHAIN: &str = include_str!("../../rust-toolchain.toml");

/// Versions of what has a part in the figures; none of what had no part in a run or can't be found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Software {
    /// The C library below the Kafka clients of services and bare loops.
    pub librdkafka: String,
    /// The compiler that `rust-toolchain.toml` names.
    pub rust: Option<String>,
    /// What the broker and Kafka's own tools run on.
    pub java: Option<String>,
    /// What the tutorial's program runs on.
    pub node: Option<String>,
    /// Its Kafka client, as its lock file says.
    pub kafkajs: Option<String>,
}

impl Software {
    pub(crate) async fn of(mode: Mode, peer: Option<&Peer>) -> Self {
        let (_, librdkafka) = rdkafka::util::get_rdkafka_version();
        // Containers bring a Java of their own, and other people's brokers do not tell.
        let java = if mode == Mode::Native { backends::java_version().await } else { None };
        Self {
            librdkafka,
            rust: channel(TOOLCHAIN).map(str::to_owned),
            java,
            node: peer.map(|peer| peer.node_version().to_owned()),
            kafkajs: peer.and_then(|_| Peer::kafkajs_version()),
        }
    }
}

impl fmt::Display for Software {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "librdkafka {}", self.librdkafka)?;
        let others =
            [("Rust", &self.rust), ("Java", &self.java), ("Node", &self.node), ("kafkajs", &self.kafkajs)];
        for (name, version) in others {
            if let Some(version) = version {
                write!(f, ", {name} {version}")?;
            }
        }
        Ok(())
    }
}

/// The channel in a toolchain file.
fn channel(file: &str) -> Option<&str> {
    let line = file.lines().find_map(|line| line.strip_prefix("channel"))?;
    line.split('"').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn versions_are_found_without_servers() {
        let software = Software::of(Mode::External, None).await;
        assert!(software.librdkafka.starts_with(|letter: char| letter.is_ascii_digit()), "{software:?}");
        assert!(software.to_string().starts_with("librdkafka "), "{software}");
        assert!(software.rust.is_some_and(|rust| rust.starts_with("1.")));
        assert_eq!((software.java, software.node, software.kafkajs), (None, None, None));
        assert!(Peer::kafkajs_version().is_some_and(|version| version.split('.').count() == 3));
    }
}
