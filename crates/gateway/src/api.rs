//! The gateway over HTTP: where it is, how often one may begin a session, and the WebSocket itself.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use guildhall_accounts::Actor;
use guildhall_infra::http::{ApiResult, Json};
use serde_json::{Value, json};

use crate::door::Wish;
use crate::websocket::handshake::{self, Handshake};
use crate::{Gateway, links};

/// How long the answer to the handshake may take to go out.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

impl Gateway {
    /// `GET /gateway` and `GET /gateway/bot`, without the prefix `/api/v10`.
    pub fn api_routes(&self) -> Router {
        Router::new()
            .route("/gateway", get(address))
            .route("/gateway/bot", get(address_for_bots))
            .with_state(self.clone())
    }

    /// The WebSocket at `/gateway`.
    pub fn routes(&self) -> Router {
        // Some libraries put a slash before the query.
        Router::new().route("/gateway", get(open)).route("/gateway/", get(open)).with_state(self.clone())
    }
}

/// A middleware that serves the WebSocket also at `/`, where libraries look for it that are given only a host.
pub async fn at_root(State(gateway): State<Gateway>, request: Request, next: Next) -> Response {
    if request.uri().path() == "/" && handshake::is_wanted(request.headers()) {
        return open(State(gateway), request).await;
    }
    next.run(request).await
}

async fn address(State(gateway): State<Gateway>) -> Json<Value> {
    Json(json!({ "url": gateway.config().url }))
}

async fn address_for_bots(State(gateway): State<Gateway>, actor: Actor) -> ApiResult<Json<Value>> {
    let config = gateway.config();
    let starts = gateway.starts(actor.id()).await?;
    Ok(Json(json!({
        "url": config.url,
        "shards": 1,
        "session_start_limit": {
            "total": config.identifies_per_day,
            "remaining": config.identifies_per_day.saturating_sub(starts.count),
            "reset_after": u64::try_from(gateway.reset_after(starts)).unwrap_or(u64::MAX),
            "max_concurrency": config.max_concurrency,
        },
    })))
}

async fn open(State(gateway): State<Gateway>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let handshake = match Handshake::accept(&mut parts) {
        Ok(handshake) => handshake,
        Err(refusal) => return refusal,
    };
    if gateway.is_draining() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>().copied() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let Some(place) =
        gateway.links().enter(peer.ip().to_canonical(), gateway.config().connections_per_address)
    else {
        return too_many();
    };
    let wish = Wish::read(parts.uri.query().unwrap_or_default());
    let visitor = Gateway::visitor(&parts);
    let response = handshake.response();
    tokio::spawn(begin(gateway, handshake, wish, visitor, peer, place));
    response
}

async fn begin(
    gateway: Gateway,
    handshake: Handshake,
    wish: Wish,
    visitor: Option<Box<str>>,
    peer: SocketAddr,
    place: links::Place,
) {
    let (stream, early) = match tokio::time::timeout(HANDSHAKE_WITHIN, handshake.stream()).await {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => return tracing::debug!(%error, %peer, "a handshake failed"),
        Err(_) => return,
    };
    if let Err(error) = stream.set_nodelay(true) {
        return tracing::debug!(%error, %peer, "a connection was gone at once");
    }
    let connection = gateway.open(stream, wish, b"", visitor, place);
    // A task of its own, so that nothing of the handshake is kept for as long as the connection lasts.
    tokio::spawn(connection.run(early));
}

fn too_many() -> Response {
    let mut response =
        (StatusCode::TOO_MANY_REQUESTS, "Too many connections from this address.").into_response();
    let headers = response.headers_mut();
    headers.insert(header::VIA, HeaderValue::from_static("1.1 guildhall"));
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}
