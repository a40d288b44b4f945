//! Pages of other sites may call what a public client needs (Fetch standard, CORS): no cookie counts there, and whoever
//! brings a token or a code may bring it from anywhere.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What a page may read of an answer besides its body.
const READABLE: &str = "dpop-nonce, www-authenticate, retry-after, ratelimit, ratelimit-policy";
/// What it may send.
const SENDABLE: &str = "authorization, content-type, dpop";

/// Answers a browser's question beforehand, and marks every answer as readable; for `axum::middleware::from_fn`.
pub(crate) async fn open_to_pages(request: Request, next: Next) -> Response {
    let asks = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if asks {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let headers = response.headers_mut();
        put(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        put(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
        put(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, SENDABLE);
        put(headers, header::ACCESS_CONTROL_MAX_AGE, "86400");
        return response;
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    put(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    put(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, READABLE);
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
