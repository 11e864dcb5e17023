//! Every key in Redis is built here.

/// The keys of one run: prefixed with its namespace, so that runs share a server.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// GEO set: driver -> last position, of drivers who are idle: where matching looks.
    pub(crate) idle: String,
    /// GEO set: driver -> last position, of all others. A driver is in one of the two, so that a report moves one entry.
    pub(crate) busy: String,
    /// Sorted set: driver -> real time of the last report, ms.
    pub(crate) seen: String,
    /// Hash: partition -> token of the member that may write it.
    pub(crate) fences: String,
    /// Hash: partition -> next offset to apply, and when that was written.
    pub(crate) watermarks: String,
}

impl Keys {
    /// The keys of a namespace; those of the empty one begin with `hailstorm:`.
    pub(crate) fn new(namespace: &str) -> Self {
        let prefix = if namespace.is_empty() { "hailstorm" } else { namespace };
        let key = |name| format!("{prefix}:{name}");
        Self {
            idle: key("idle"),
            busy: key("busy"),
            seen: key("seen"),
            fences: key("fences"),
            watermarks: key("watermarks"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_with_different_namespaces_share_no_key() {
        assert_eq!(Keys::new("").idle, "hailstorm:idle");
        assert_eq!(Keys::new("it7").busy, "it7:busy");
    }
}
