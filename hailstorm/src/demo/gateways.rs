//! The ways into the city: how many gateways there are, at which addresses, and who uses them.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

use clap::ValueEnum;

use super::options::parse_share;

/// Where people look for the city first.
pub(crate) const DEFAULT_PORT: u16 = 8080;

/// Options on the gateways.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    /// Port of the city's pages and API on 127.0.0.1; the next free one if it is taken
    #[arg(long, default_value_t = DEFAULT_PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// Opens the city in a browser
    #[arg(long)]
    pub(crate) open: bool,
    /// Gateways, each on a port of its own; 0 for none
    #[arg(long = "gateways", default_value_t = 1, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(0..=16))]
    pub(crate) count: u8,
    /// How the apps of the city's drivers and riders send
    #[arg(long, value_enum, default_value_t = Via::Kafka)]
    pub(crate) via: Via,
    /// Share of drivers and riders whose apps use the API, with --via gateway
    #[arg(long, default_value_t = 0.1, value_name = "SHARE", value_parser = parse_share)]
    pub(crate) via_share: f64,
}

impl Options {
    /// No gateway at all.
    pub(crate) fn none() -> Self {
        Self { port: DEFAULT_PORT, open: false, count: 0, via: Via::Kafka, via_share: 0.0 }
    }

    /// One gateway, on this port or the next free one.
    pub(crate) fn at(port: u16) -> Self {
        Self { port, count: 1, ..Self::none() }
    }
}

/// How apps send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Via {
    /// All of them write to Kafka
    Kafka,
    /// Some of them use the public API
    Gateway,
}

/// The addresses of a run's gateways, reserved for it.
#[derive(Debug)]
pub(super) struct Gateways {
    reserved: Vec<Reserved>,
    wanted: u16,
}

/// A port that no other demo takes while this one lives, whether its gateway listens or is just being started again.
#[derive(Debug)]
struct Reserved {
    port: u16,
    /// UDP knows the same numbers, nobody needs them, and a port is free again at once when the socket is gone.
    _claim: UdpSocket,
}

impl Gateways {
    /// Reserves free ports, from the wanted one on.
    ///
    /// # Errors
    /// If there are not enough, or none are there although apps shall use them.
    pub(super) fn reserve(options: &Options) -> anyhow::Result<Self> {
        if options.via == Via::Gateway && options.count == 0 {
            anyhow::bail!("--via gateway needs a gateway, but --gateways is 0");
        }
        let free = (options.port..=u16::MAX).filter_map(Reserved::take);
        let reserved: Vec<Reserved> = free.take(usize::from(options.count)).collect();
        if reserved.len() < usize::from(options.count) {
            anyhow::bail!("fewer than {} free ports from {} on", options.count, options.port);
        }
        Ok(Self { reserved, wanted: options.port })
    }

    /// What is said first of all: where the city will be.
    pub(super) fn announcement(&self) -> Option<String> {
        let port = self.reserved.first()?.port;
        let taken =
            if port == self.wanted { String::new() } else { format!("port {} is taken; ", self.wanted) };
        let others: Vec<String> = self.urls().skip(1).collect();
        let also = if others.is_empty() { String::new() } else { format!("also {}; ", others.join(", ")) };
        Some(format!("the city: {}  ({taken}{also}opens in about ten seconds)", self.urls().next()?))
    }

    /// Where each gateway listens.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.reserved.iter().map(|reserved| SocketAddr::from((Ipv4Addr::LOCALHOST, reserved.port)))
    }

    /// The addresses as people write them; the first is the one that is shown.
    pub(super) fn urls(&self) -> impl Iterator<Item = String> + '_ {
        self.addresses().map(|address| format!("http://{address}/"))
    }
}

impl Reserved {
    fn take(port: u16) -> Option<Self> {
        let claim = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        is_free(port).then_some(Self { port, _claim: claim })
    }
}

/// Whether a gateway could listen on this port now.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        options: Options,
    }

    fn parse(arguments: &[&str]) -> Options {
        Command::parse_from(std::iter::once(&"demo").chain(arguments)).options
    }

    /// Gateways from a port on that nobody listens on; other tests may take the ones behind it.
    fn reserve(port: u16, count: u8) -> Gateways {
        Gateways::reserve(&Options { port, count, ..parse(&[]) }).unwrap()
    }

    fn ports(gateways: &Gateways) -> Vec<u16> {
        gateways.addresses().map(|address| address.port()).collect()
    }

    #[test]
    fn a_taken_port_is_passed_over_and_told() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port().min(u16::MAX - 100);
        let gateways = reserve(port, 2);
        let found = ports(&gateways);
        assert!(found.len() == 2 && port < found[0] && found[0] < found[1], "{port} {found:?}");
        let said = gateways.announcement().unwrap();
        let start = format!("the city: http://127.0.0.1:{}/  (port {port} is taken; also http", found[0]);
        assert!(said.starts_with(&start), "{said}");
    }

    #[test]
    fn a_port_belongs_to_one_run_even_while_nobody_listens_and_is_free_afterwards() {
        let first = reserve(23_000, 1);
        let port = ports(&first)[0];
        assert!(is_free(port), "its own gateway can listen");
        assert!(!ports(&reserve(port, 3)).contains(&port));
        drop(first);
        // A process that another test is just starting has a copy of the socket until it runs.
        let deadline = Instant::now() + Duration::from_secs(10);
        while ports(&reserve(port, 1)) != [port] {
            assert!(Instant::now() < deadline, "port {port} is still taken");
            std::thread::yield_now();
        }
    }

    #[test]
    fn without_gateways_nothing_is_announced_and_nobody_can_use_them() {
        assert_eq!(reserve(23_500, 0).announcement(), None);
        let error = Gateways::reserve(&parse(&["--gateways=0", "--via=gateway"])).unwrap_err();
        assert!(error.to_string().contains("needs a gateway"), "{error}");
    }
}
