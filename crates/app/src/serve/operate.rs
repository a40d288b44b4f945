//! What monitoring asks: `/healthz`, `/readyz`, `/metrics`.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use guildhall_infra::telemetry::Metrics;
use tokio_util::sync::CancellationToken;

use crate::hall::Hall;

#[derive(Clone)]
struct Monitor {
    hall: Hall,
    metrics: Metrics,
    stop: CancellationToken,
}

/// The routes.
pub(super) fn routes(hall: &Hall, metrics: Metrics, stop: CancellationToken) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(measurements))
        .with_state(Monitor { hall: hall.clone(), metrics, stop })
}

/// Whether requests should be sent here: not while stopping, and only if the database answers.
async fn ready(State(monitor): State<Monitor>) -> (StatusCode, &'static str) {
    if monitor.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match monitor.hall.reach_database().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

/// For this machine, and for who knows the token.
async fn measurements(
    State(monitor): State<Monitor>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Response {
    let local = peer.is_some_and(|peer| peer.0.0.ip().to_canonical().is_loopback());
    let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let sent = sent.and_then(|value| value.strip_prefix("Bearer "));
    let token = monitor.hall.settings.metrics.token.as_deref();
    let knows = matches!((sent, token), (Some(sent), Some(token)) if same(sent, token));
    if !(local && token.is_none() || knows) {
        return StatusCode::NOT_FOUND.into_response();
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], monitor.metrics.render()).into_response()
}

/// Compares without telling by the time taken how much of it was right.
fn same(sent: &str, token: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(sent.as_bytes(), token.as_bytes()).into()
}
