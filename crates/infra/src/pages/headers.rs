//! What every page tells the browser about what it may do.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

/// The policy: nothing inline but the import map, which is named by its hash; pictures and media may come from
/// elsewhere by https, because embeds of messages do. Scripts connect to the page's own origin and to `sockets`, the
/// WebSocket origin that the installation announces; old browsers do not count sockets among the page's own.
pub(crate) fn policy(import_map_hash: &str, sockets: Option<&str>) -> HeaderValue {
    let sockets = sockets.map(|origin| format!(" {origin}")).unwrap_or_default();
    let text = format!(
        "default-src 'none'; script-src 'self' '{import_map_hash}'; style-src 'self'; \
         img-src 'self' data: blob: https:; media-src 'self' blob: https:; font-src 'self'; \
         connect-src 'self'{sockets}; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         object-src 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

/// The WebSocket origin that belongs to an address; nothing if that is no address on the web.
pub(crate) fn sockets(public_url: &str) -> Option<String> {
    let url = Url::parse(public_url).ok()?;
    let scheme = match url.scheme() {
        "https" => "wss",
        "http" => "ws",
        _ => return None,
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{scheme}://{}{port}", url.host_str()?))
}

/// Adds what is missing; what a handler set itself stays.
pub(crate) fn secure(headers: &mut HeaderMap, policy: &HeaderValue) {
    let fixed: [(HeaderName, &'static str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| policy.clone());
}
