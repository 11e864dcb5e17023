//! Where the archive is.

use std::fmt;

/// Options on MongoDB.
#[derive(clap::Args, Clone)]
pub struct Settings {
    /// Address of MongoDB.
    #[arg(
        long,
        env = "MONGODB_URI",
        value_name = "URI",
        default_value = "mongodb://127.0.0.1:27017/?directConnection=true",
        hide_env_values = true
    )]
    pub mongodb_uri: String,
}

impl fmt::Debug for Settings {
    /// Without the address: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings { mongodb_uri: (not shown) }")
    }
}

/// The database of a run without a namespace.
const DEFAULT_DATABASE: &str = "hailstorm";

/// MongoDB refuses longer names (manual, "Naming Restrictions": fewer than 64 bytes).
const MAX_NAME_BYTES: usize = 63;

/// The database of a namespace; what MongoDB does not allow in a name becomes an underscore.
pub(crate) fn database_name(namespace: &str) -> String {
    if namespace.is_empty() {
        return DEFAULT_DATABASE.to_owned();
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let letters = namespace.chars().map(|letter| if allowed(letter) { letter } else { '_' });
    letters.take(MAX_NAME_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_becomes_a_database_name() {
        let long = "x".repeat(100);
        for (namespace, name) in
            [("", "hailstorm"), ("run-7", "run-7"), ("a.b/c $", "a_b_c__"), (&long, &long[..63])]
        {
            assert_eq!(database_name(namespace), name);
        }
    }
}
