//! Ports for our servers: fixed ones checked, others free and outside the range of outgoing connections.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, ensure};

/// Where free ports are sought: above the well-known ones and below 32768, where Linux begins to number outgoing
/// connections. A port in that upper range could be taken by a client's connection while its server is down for a restart;
/// a client that keeps dialling it could even end up connected to itself.
const SOUGHT: std::ops::Range<u16> = 20_000..32_000;

/// Whether a server could listen on this loopback port now.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Picks a free port for each request without a fixed one, all different.
///
/// # Errors
///
/// If a fixed one is taken, or none is free.
pub fn pick<const N: usize>(fixed: [Option<u16>; N]) -> Result<[u16; N]> {
    for port in fixed.into_iter().flatten() {
        ensure!(is_free(port), "port {port} is taken; give another one, or leave it out for a free one");
    }
    let mut candidates = candidates();
    let mut picked = [0; N];
    for (slot, fixed_port) in picked.iter_mut().zip(fixed) {
        let free = || candidates.find(|port| !fixed.contains(&Some(*port)) && is_free(*port));
        let Some(port) = fixed_port.or_else(free) else {
            anyhow::bail!("no free port from {} to {}", SOUGHT.start, SOUGHT.end);
        };
        *slot = port;
    }
    Ok(picked)
}

/// All sought ports once, from a random one on, so that two runs that start together rarely meet.
fn candidates() -> impl Iterator<Item = u16> {
    let span = u64::from(SOUGHT.end - SOUGHT.start);
    let first = RandomState::new().hash_one(std::process::id()) % span;
    let first = u16::try_from(first).expect("less than the span, which is a u16");
    (SOUGHT.start + first..SOUGHT.end).chain(SOUGHT.start..SOUGHT.start + first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn picked_ports_are_free_and_different() {
        let picked: BTreeSet<u16> = pick([None; 8]).unwrap().into_iter().collect();
        assert_eq!(picked.len(), 8);
        assert!(picked.iter().all(|port| SOUGHT.contains(port)));
    }

    #[test]
    fn a_fixed_port_is_kept_and_a_taken_one_refused() {
        let [free] = pick([None]).unwrap();
        assert_eq!(pick([Some(free)]).unwrap(), [free]);
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(pick([None, Some(port)]).unwrap_err().to_string().contains("is taken"));
    }

    #[test]
    fn every_sought_port_is_a_candidate_once() {
        let all: BTreeSet<u16> = candidates().collect();
        assert_eq!(all.len(), candidates().count());
        assert_eq!(all.len(), usize::from(SOUGHT.end - SOUGHT.start));
    }
}
