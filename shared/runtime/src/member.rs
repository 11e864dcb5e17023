//! The name of a member that was not given one.

/// Where Linux tells the name of this host, which in a container is the container's own.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";

/// The process that a container begins with.
const FIRST_PROCESS: u32 = 1;

/// Told apart by host and process: members on two hosts, or of two containers, must not meet under one name, or each
/// would end the other's transactions.
pub(crate) fn name(service: &str) -> String {
    let host = std::fs::read_to_string(HOST_NAME).unwrap_or_default();
    name_on(service, host.trim(), std::process::id())
}

/// A container is one process, and keeps its host name when it is started again: it is the same member then.
fn name_on(service: &str, host: &str, process: u32) -> String {
    match (host, process) {
        ("", process) => format!("{service}-{process}"),
        (host, FIRST_PROCESS) => format!("{service}-{host}"),
        (host, process) => format!("{service}-{host}-{process}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_apart_by_host_and_process_and_a_container_keeps_its_name() {
        for (host, process, expected) in [
            ("3f2a9c1b7d4e", 1, "matching-3f2a9c1b7d4e"),
            ("laptop", 4711, "matching-laptop-4711"),
            ("", 4711, "matching-4711"),
        ] {
            assert_eq!(name_on("matching", host, process), expected);
        }
        assert!(name("matching").ends_with(&format!("-{}", std::process::id())));
    }
}
