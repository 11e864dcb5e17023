//! Serves connections until it is told to stop, and then sees to it that all of them end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::{Router, response::Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::patient_socket::PatientSocket;
use super::state::AppState;

/// A head of a request takes at most so long, and so does the pause before the next request of a connection.
const HEAD_PATIENCE: Duration = Duration::from_secs(75);

/// After this time of shutdown connections are broken off.
const GOODBYE: Duration = Duration::from_secs(8);

/// After a connection can't be accepted (no more files, as a rule) it is tried again this much later.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How often limits are tidied up.
const TIDY: Duration = Duration::from_secs(30);

/// Serves the API until the state's `stop`; then no more connections are taken, requests under way are answered,
/// streams and sockets end, and after eight seconds at most all is over.
pub async fn serve(listener: TcpListener, state: AppState) {
    let (connections, broken_off) = (TaskTracker::new(), CancellationToken::new());
    let router = super::router(state.clone());
    let stop = state.stop.clone();
    let mut tidy = interval(TIDY);
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            _ = tidy.tick() => {
                state.tidy();
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                let connection = connection(stream, address, router.clone(), stop.clone());
                let until = broken_off.clone();
                connections.spawn(async move {
                    tokio::select! {
                        () = connection => (),
                        () = until.cancelled() => (),
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection can't be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    state.sockets().close();
    let all_gone = async {
        connections.wait().await;
        state.sockets().wait().await;
    };
    if timeout(GOODBYE, all_gone).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            sockets = state.sockets().len(),
            "connections did not end in time and are broken off"
        );
    }
    broken_off.cancel();
}

/// Serves one connection.
async fn connection(stream: TcpStream, address: SocketAddr, router: Router, stop: CancellationToken) {
    // Events are small and shall not wait for each other.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection broke before it began");
        return;
    }
    let has_asked = AtomicBool::new(false);
    let service = service_fn(|request: Request<Incoming>| {
        has_asked.store(true, Ordering::Relaxed);
        answer(router.clone(), address, request)
    });
    let io = TokioIo::new(PatientSocket::new(stream));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(io, service)
        .with_upgrades();
    let mut served = std::pin::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        // Browsers connect in advance: who has not asked for anything yet is not waited for.
        () = stop.cancelled() => if has_asked.load(Ordering::Relaxed) {
            served.as_mut().graceful_shutdown();
            served.await
        } else {
            Ok(())
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection broke");
    }
}

async fn answer(
    router: Router,
    address: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(address));
    router.oneshot(request).await
}
