//! The opening handshake (RFC 6455, section 4.2), and the way from hyper to the bare TCP stream.

use std::io;

use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, request};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use tokio::net::TcpStream;

/// Whether a request asks for a WebSocket, so that a path can serve both that and something else.
pub fn is_wanted(headers: &HeaderMap) -> bool {
    has_token(headers, &header::UPGRADE, "websocket")
}

/// The key of a request that is a handshake in every respect.
pub(crate) fn proper_key(head: &request::Parts) -> Option<&[u8]> {
    let headers = &head.headers;
    let is_proper = head.method == Method::GET
        && is_wanted(headers)
        && has_token(headers, &header::CONNECTION, "upgrade")
        && headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is_proper)?.as_bytes();
    is_key(key).then_some(key)
}

/// `101 Switching Protocols` as bytes.
pub(crate) fn greeting(key: &[u8]) -> Vec<u8> {
    let mut head = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
        sec-websocket-accept: "
        .to_vec();
    head.extend_from_slice(accept_key(key).as_bytes());
    head.extend_from_slice(b"\r\n\r\n");
    head
}

fn is_key(key: &[u8]) -> bool {
    STANDARD.decode(key).map(|nonce| nonce.len()) == Ok(16)
}

/// An accepted handshake: send [`Handshake::response`], then wait for [`Handshake::stream`].
#[derive(Debug)]
pub struct Handshake {
    accept: HeaderValue,
    upgrade: OnUpgrade,
}

impl Handshake {
    /// Checks a request. What is no proper handshake is answered as it should be.
    #[expect(clippy::result_large_err, reason = "the error is the response itself and is moved once")]
    pub fn accept(parts: &mut request::Parts) -> Result<Self, Response> {
        let headers = &parts.headers;
        if parts.method != Method::GET {
            return Err(StatusCode::METHOD_NOT_ALLOWED.into_response());
        }
        if !is_wanted(headers) || !has_token(headers, &header::CONNECTION, "upgrade") {
            let upgrade = [(header::UPGRADE, "websocket"), (header::CONNECTION, "upgrade")];
            return Err((StatusCode::UPGRADE_REQUIRED, upgrade, "This is a WebSocket.").into_response());
        }
        if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            let version = [(header::SEC_WEBSOCKET_VERSION, "13")];
            return Err((StatusCode::UPGRADE_REQUIRED, version, "Only version 13 is spoken.").into_response());
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes).unwrap_or_default();
        if !is_key(key) {
            return Err(
                (StatusCode::BAD_REQUEST, "Sec-WebSocket-Key must be 16 bytes in base64.").into_response()
            );
        }
        let accept =
            HeaderValue::try_from(accept_key(key)).map_err(|_| StatusCode::BAD_REQUEST.into_response())?;
        let upgrade = parts.extensions.remove::<OnUpgrade>();
        let upgrade = upgrade.ok_or_else(|| StatusCode::HTTP_VERSION_NOT_SUPPORTED.into_response())?;
        Ok(Self { accept, upgrade })
    }

    /// `101 Switching Protocols`.
    pub fn response(&self) -> Response {
        let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
        let headers = response.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept.clone());
        response
    }

    /// The TCP stream once the response is out, and bytes that came right behind the request.
    pub async fn stream(self) -> io::Result<(TcpStream, Bytes)> {
        bare(self.upgrade.await.map_err(io::Error::other)?)
    }
}

/// The answer to a `Sec-WebSocket-Key`.
fn accept_key(key: &[u8]) -> String {
    let digest =
        Sha1::new().chain_update(key).chain_update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").finalize();
    STANDARD.encode(digest)
}

/// Takes the TCP stream out of hyper's wrappers, whichever of its two servers made them.
fn bare(upgraded: Upgraded) -> io::Result<(TcpStream, Bytes)> {
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => Ok((parts.io.into_inner(), parts.read_buf)),
        Err(upgraded) => {
            match hyper_util::server::conn::auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
                Ok(parts) => Ok((parts.io.into_inner(), parts.read_buf)),
                Err(_) => Err(io::Error::other("the connection is not plain TCP")),
            }
        }
    }
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_key_of_the_rfc_is_answered_as_the_rfc_has_it() {
        assert_eq!(super::accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
