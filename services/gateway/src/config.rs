//! What the `gateway` service can be told.

use std::net::SocketAddr;

use domain::CityClock;

use crate::TraceUrl;

/// Options of the `gateway` service.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// How Kafka is reached.
    #[command(flatten)]
    pub kafka: kafka::Settings,
    /// How Redis is reached.
    #[command(flatten)]
    pub live: ::live::Settings,
    /// How MongoDB is reached.
    #[command(flatten)]
    pub archive: archive::Settings,
    /// The city's clock: `<real ms>,<city ms>,<speed>`
    #[arg(long, env = "HAILSTORM_CITY_CLOCK", default_value_t = CityClock::REAL)]
    pub city_clock: CityClock,
    /// The roads.
    #[command(flatten)]
    pub roads: city::Roads,
    /// What a ride costs; the same as the `fare` service's.
    #[command(flatten)]
    pub rates: city::Rates,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, env = "GATEWAY_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Largest body of a request, KiB
    #[arg(long, env = "GATEWAY_MAX_BODY_KIB", default_value_t = 256,
          value_parser = clap::value_parser!(u32).range(1..=16_384))]
    pub max_body_kib: u32,
    /// Requests a second that one client address may make, for a while twice as many
    #[arg(long, env = "GATEWAY_REQUESTS_PER_SECOND", default_value_t = 1000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub requests_per_second: u32,
    /// Sockets and event streams open at a time
    #[arg(long, env = "GATEWAY_MAX_SOCKETS", default_value_t = 2000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_sockets: u32,
    /// Drivers that one viewer gets one by one; beyond, counts per cell
    #[arg(long, env = "GATEWAY_MAX_POINTS", default_value_t = 150_000,
          value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub max_points: u32,
    /// Page of a trace, with {trace} where its id goes, for a link in the story of a trip [default: no link]
    #[arg(
        long,
        env = "HAILSTORM_TRACE_URL",
        value_name = "URL",
        default_value = "",
        hide_default_value = true
    )]
    pub trace_url: TraceUrl,
}
