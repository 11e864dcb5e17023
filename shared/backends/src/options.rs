//! What the user may choose: where the servers come from, their ports, and where they keep data.

use std::path::PathBuf;

use crate::server::Server;

/// Where the servers come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Choice {
    /// External if all three variables are set, else Docker if an engine answers, else native.
    #[default]
    Auto,
    /// Servers that run already: KAFKA_BOOTSTRAP_SERVERS, REDIS_URL, MONGODB_URI.
    External,
    /// Containers of the local Docker engine.
    Docker,
    /// Processes of this machine, on loopback.
    Native,
}

/// Options on the servers, for any command that needs them.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// Where Kafka, Redis and MongoDB come from.
    #[arg(long = "backends", value_enum, env = "HAILSTORM_BACKENDS", default_value_t = Choice::Auto)]
    pub choice: Choice,
    /// Port of the Kafka broker [default: a free one].
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub kafka_port: Option<u16>,
    /// Port of the Redis server [default: a free one].
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub redis_port: Option<u16>,
    /// Port of the MongoDB server [default: a free one].
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub mongodb_port: Option<u16>,
    /// Where the servers keep data and logs [default: a temporary folder, removed at the end].
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

impl Options {
    /// The fixed port of a server, if the user gave one.
    pub(crate) fn port(&self, server: Server) -> Option<u16> {
        match server {
            Server::Kafka => self.kafka_port,
            Server::Redis => self.redis_port,
            Server::Mongodb => self.mongodb_port,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn options_are_read_from_the_command_line() {
        let line = "x --backends native --kafka-port 9092 --data-dir d";
        let options = Line::try_parse_from(line.split(' ')).unwrap().options;
        assert_eq!(options.choice, Choice::Native);
        assert_eq!(options.port(Server::Kafka), Some(9092));
        assert_eq!(options.port(Server::Redis), None);
        assert_eq!(options.data_dir, Some(PathBuf::from("d")));
    }

    #[test]
    fn an_impossible_choice_or_port_is_refused() {
        for line in ["x --backends cloud", "x --redis-port 0", "x --mongodb-port 70000"] {
            assert!(Line::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
