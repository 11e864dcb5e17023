//! How much one client, and all of them together, may ask for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use runtime::Gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::problem::Problem;
use super::problem_kind as kinds;
use super::state::AppState;

/// The longest that a request may take to come in and be answered; streams only have to begin in it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who found no place may look again after this long.
const PLACE_RETRY_AFTER_S: u64 = 10;

/// How much is too much.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of one body.
    pub max_body_bytes: usize,
    /// Of one client address; for a moment twice as many.
    pub requests_per_second: NonZeroU32,
    /// Sockets and streams open at a time.
    pub max_sockets: usize,
}

/// Counts requests by client address.
pub(crate) struct RateLimit {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

/// Room for sockets and streams.
pub(crate) struct Places {
    free: Arc<Semaphore>,
    most: usize,
    taken: Gauge,
}

/// Room for one socket or stream, given back when dropped.
pub(crate) struct Place {
    permit: Option<OwnedSemaphorePermit>,
    free: Arc<Semaphore>,
    most: usize,
    taken: Gauge,
}

impl RateLimit {
    pub(crate) fn new(per_second: NonZeroU32) -> Self {
        let burst = per_second.saturating_mul(NonZeroU32::MIN.saturating_add(1));
        let quota = Quota::per_second(per_second).allow_burst(burst);
        Self { by_address: RateLimiter::keyed(quota), clock: DefaultClock::default() }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait, if there were too many.
    fn count(&self, address: IpAddr) -> Result<(), Duration> {
        let counted = self.by_address.check_key(&household(address));
        counted.map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }

    /// Forgets addresses that were not heard of lately.
    pub(crate) fn tidy(&self) {
        self.by_address.retain_recent();
        self.by_address.shrink_to_fit();
    }
}

/// Whoever has one IPv6 address has 2^64 of them.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

impl Places {
    pub(crate) fn new(most: usize, taken: Gauge) -> Self {
        Self { free: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))), most, taken }
    }

    /// Takes a place for as long as the answer is held.
    pub(crate) fn take(&self) -> Result<Place, Problem> {
        let permit = Arc::clone(&self.free).try_acquire_owned().map_err(|_| {
            let detail = "as many sockets and streams are open as this instance holds";
            Problem::new(&kinds::TOO_MANY_SOCKETS, detail).retry_after_s(PLACE_RETRY_AFTER_S)
        })?;
        let place = Place {
            permit: Some(permit),
            free: Arc::clone(&self.free),
            most: self.most,
            taken: self.taken.clone(),
        };
        place.tell();
        Ok(place)
    }
}

impl Place {
    fn tell(&self) {
        let taken = self.most.saturating_sub(self.free.available_permits());
        self.taken.set(i64::try_from(taken).unwrap_or(i64::MAX));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.permit.take());
        self.tell();
    }
}

/// Answers 429 to an address that asks too often.
pub(crate) async fn limit_rate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = address.map_or(Ipv4Addr::UNSPECIFIED.into(), |ConnectInfo(address)| address.ip());
    match state.rate.count(address) {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            let problem =
                Problem::new(&kinds::TOO_MANY_REQUESTS, "this address sends more requests than it may");
            // Rounded up: who comes back at that moment is let in.
            problem.retry_after_s(wait.as_secs() + 1).into_response()
        }
    }
}

/// Answers 408 to a request that does not come in in time.
pub(crate) async fn limit_time(request: Request, next: Next) -> Response {
    let answer = timeout(PATIENCE, next.run(request)).await;
    answer.unwrap_or_else(|_elapsed| {
        let detail = format!("not received and answered within {} s", PATIENCE.as_secs());
        Problem::new(&kinds::TOO_SLOW, detail).into_response()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_limit_and_neighbours_in_one_ipv6_network_share_theirs() {
        let limit = RateLimit::new(NonZeroU32::new(1).unwrap());
        for (address, allowed) in [
            ("10.0.0.1", true),
            ("10.0.0.1", true),
            ("10.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("10.0.0.2", true),
            ("2001:db8::1", true),
            ("2001:db8::2", true),
            ("2001:db8::3", false),
            ("2001:db8:0:1::1", true),
        ] {
            let counted = limit.count(address.parse().unwrap());
            assert_eq!(counted.is_ok(), allowed, "{address}");
            assert!(counted.err().unwrap_or_default() <= Duration::from_secs(1));
        }
    }

    #[test]
    fn a_place_is_free_again_when_it_is_given_back() {
        let gauge = Gauge::default();
        let places = Places::new(2, gauge.clone());
        let held = [places.take().unwrap(), places.take().unwrap()];
        assert_eq!(places.take().err().unwrap().kind.slug, "too-many-sockets");
        assert_eq!(gauge.get(), 2);
        drop(held);
        assert_eq!(gauge.get(), 0);
        assert!(places.take().is_ok());
    }
}
