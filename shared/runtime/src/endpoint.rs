//! Where spans are sent: the address of a collector, or nowhere.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use anyhow::ensure;
use reqwest::Url;

/// The variable with the address, as OpenTelemetry names it.
pub const OTLP_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Where OTLP over HTTP takes spans, below the address of a collector.
const TRACES: &str = "v1/traces";

/// The address of a collector, as it is written, or nothing: then there are no traces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint(String);

impl FromStr for Endpoint {
    type Err = Infallible;

    /// Takes any text. The variable is there for all programs, and one that suits others must not keep a command from
    /// running.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Endpoint {
    /// Whether none was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where spans are posted; nowhere if no address was given.
    ///
    /// # Errors
    /// If that is no address of a collector, or one with TLS, which is not spoken here.
    pub fn url(&self) -> anyhow::Result<Option<String>> {
        if self.is_empty() {
            return Ok(None);
        }
        let url: Option<Url> = self.0.parse().ok();
        let is_usable = url.is_some_and(|url| url.scheme() == "http" && url.has_host());
        ensure!(is_usable, "{:?} is no address of a collector such as http://127.0.0.1:4318", self.0);
        Ok(Some(format!("{}/{TRACES}", self.0.trim_end_matches('/'))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_used_if_it_can_be_and_nothing_means_no_traces() {
        let url = |given: &str| given.parse::<Endpoint>().unwrap().url();
        for (given, expected) in [
            ("", None),
            (" ", None),
            ("http://127.0.0.1:4318", Some("http://127.0.0.1:4318/v1/traces")),
            ("http://collector/otlp/", Some("http://collector/otlp/v1/traces")),
        ] {
            assert_eq!(url(given).unwrap().as_deref(), expected, "{given:?}");
        }
        for bad in ["https://collector:4318", "127.0.0.1:4318", "collector"] {
            assert!(url(bad).unwrap_err().to_string().contains("such as http://127.0.0.1:4318"), "{bad}");
        }
    }
}
