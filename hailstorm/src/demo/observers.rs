//! Where the processes of a run tell metrics and health: one port each, in the order in which they are started.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;

use super::gateways::is_free;
use super::options::Options;
use crate::fleet::SERVICES;

/// The ports that processes have been given.
#[derive(Debug, Default)]
pub(super) struct Observers {
    first: Option<u16>,
    members: Mutex<Vec<String>>,
}

impl Observers {
    /// Ports from the wanted one on, if any is.
    ///
    /// # Errors
    /// If one of them is taken.
    pub(super) fn prepare(options: &Options) -> anyhow::Result<Self> {
        let Some(first) = options.metrics_port else { return Ok(Self::default()) };
        let members: u32 = SERVICES.iter().map(|service| options.members.of(service.name)).sum();
        // Beside them the gateways and the apps of the city.
        let replay = options.replay.as_ref();
        let apps = replay.map_or(options.processes, |replay| 1 + u32::from(replay.ride_arguments.is_some()));
        let count = members + u32::from(options.gateways.count) + apps;
        for port in (u32::from(first)..).take(count as usize) {
            let port = u16::try_from(port);
            let port = port.map_err(|_| anyhow::anyhow!("fewer than {count} ports from {first} on"))?;
            anyhow::ensure!(
                is_free(port),
                "port {port}, for metrics, is taken: {count} from {first} on are needed"
            );
        }
        Ok(Self { first: Some(first), members: Mutex::default() })
    }

    /// The address of the next process; none if nobody wants to see.
    pub(super) fn next(&self, member: &str) -> Option<SocketAddr> {
        let mut members = self.members.lock().expect("nobody panics while holding it");
        let number = u16::try_from(members.len()).ok()?;
        let port = self.first?.checked_add(number)?;
        members.push(member.to_owned());
        Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    /// Where each process is asked.
    pub(super) fn announcement(&self) -> Option<String> {
        let first = self.first?;
        let members = self.members.lock().expect("nobody panics while holding it");
        let told = (first..).zip(members.iter()).map(|(port, member)| format!("{member} {port}"));
        let told = told.collect::<Vec<_>>().join(", ");
        Some(format!("metrics at http://127.0.0.1:PORT/metrics: {told}"))
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn each_process_gets_a_port_of_its_own() {
        let observers = Observers { first: Some(9300), members: Mutex::default() };
        assert_eq!(observers.next("trips-1"), Some("127.0.0.1:9300".parse().unwrap()));
        assert_eq!(observers.next("fare-1"), Some("127.0.0.1:9301".parse().unwrap()));
        assert!(observers.announcement().unwrap().ends_with("trips-1 9300, fare-1 9301"));
        assert_eq!(Observers::default().next("trips-1"), None);
        assert_eq!(Observers::default().announcement(), None);
    }

    #[test]
    fn a_taken_port_is_told() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let options = Options { metrics_port: Some(port), ..Options::default() };
        let error = Observers::prepare(&options).unwrap_err().to_string();
        assert!(error.contains(&format!("port {port}, for metrics, is taken")), "{error}");
        let options = Options { metrics_port: Some(u16::MAX), ..options };
        assert!(Observers::prepare(&options).is_err());
    }
}
