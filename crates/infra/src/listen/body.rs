//! The largest body that is read at all, whoever asks.

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use guildhall_base::codes::TOO_LARGE;
use http_body_util::Limited;

/// Largest request body, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct MaxBody(pub u64);

/// Refuses an announced body that is too large before a byte of it is read, and cuts off one that grows too large.
/// Use with `axum::middleware::from_fn_with_state`.
pub async fn limit_body(State(MaxBody(max)): State<MaxBody>, request: Request, next: Next) -> Response {
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|length| length > max) {
        let body = serde_json::json!({ "message": TOO_LARGE.text, "code": TOO_LARGE.number });
        return (StatusCode::PAYLOAD_TOO_LARGE, Json(body)).into_response();
    }
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    next.run(request.map(|body| Body::new(Limited::new(body, max)))).await
}
