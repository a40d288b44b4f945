//! Opening connections. The way in that costs least leads past the HTTP server: the listener shows every
//! connection's first request before HTTP sees it, and a proper handshake is answered right away, together with HELLO.
//! Everything else, refusals among them, goes through HTTP and `api`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::{header, request};
use guildhall_accounts::{same_origin, session_cookie};
use guildhall_infra::listen::{Door, Welcome};
use tokio::net::TcpStream;

use crate::compression::Encoding;
use crate::link::{Connection, LINGER, Link};
use crate::protocol::Close;
use crate::websocket::handshake;
use crate::{Gateway, links};

/// What a client asks for in the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    encoding: Encoding,
    /// Why it cannot be had.
    refusal: Option<Close>,
}

impl Wish {
    pub(crate) fn read(query: &str) -> Self {
        let mut wish = Self { encoding: Encoding::Plain, refusal: None };
        for (key, value) in query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
            match (key, value) {
                ("compress", "zlib-stream") => wish.encoding = Encoding::Zlib,
                ("compress", "zstd-stream") => wish.encoding = Encoding::Zstd,
                ("v", "" | "9" | "10") | ("encoding", "json") => {}
                ("v", _) => wish.refusal = Some(Close::InvalidVersion),
                // `etf` is not spoken.
                ("encoding", _) => wish.refusal = Some(Close::Decode),
                _ => {}
            }
        }
        wish
    }
}

impl Gateway {
    /// For [`guildhall_infra::listen::serve_with`]: takes WebSockets at `/`, `/gateway` and `/gateway/`.
    pub fn door(&self) -> Door {
        let gateway = self.clone();
        Arc::new(move |head, peer| gateway.answer(head, peer))
    }

    fn answer(&self, head: &request::Parts, peer: SocketAddr) -> Option<Welcome> {
        if !matches!(head.uri.path(), "/gateway" | "/" | "/gateway/") || self.is_draining() {
            return None;
        }
        let greeting = handshake::greeting(handshake::proper_key(head)?);
        let most = self.config().connections_per_address;
        let place = self.links().enter(peer.ip().to_canonical(), most)?;
        metrics::counter!("http_requests_total", "method" => "GET", "route" => "/gateway", "status" => "101")
            .increment(1);
        let wish = Wish::read(head.uri.query().unwrap_or_default());
        let gateway = self.clone();
        Some(Box::new(move |head, stream, early| {
            Box::pin(gateway.open(stream, wish, &greeting, Self::visitor(&head), place).run(early))
        }))
    }

    /// A connection over a socket that has become a WebSocket; `greeting` goes out before HELLO, in the same write.
    pub(crate) fn open(
        &self,
        stream: TcpStream,
        wish: Wish,
        greeting: &[u8],
        visitor: Option<Box<str>>,
        mut place: links::Place,
    ) -> Connection {
        let deadline = self.now().after(self.config().identify_within);
        let link = Arc::new(Link::new(stream, wish.encoding, deadline));
        place.taken_by(&link);
        link.open_with(&[greeting, self.hello(wish.encoding)].concat());
        if let Some(refusal) = wish.refusal {
            link.close(refusal, self.now().after(LINGER));
        }
        Connection::new(self.clone(), link, visitor, place)
    }

    /// The session that a browser's cookie carries. A page of another site does not get to use it.
    pub(crate) fn visitor(parts: &request::Parts) -> Option<Box<str>> {
        if !parts.headers.contains_key(header::COOKIE) || !same_origin(parts) {
            return None;
        }
        session_cookie(&parts.headers).map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_of_real_libraries_are_understood() {
        for (query, encoding, refusal) in [
            ("", Encoding::Plain, None),
            ("v=10", Encoding::Plain, None),
            ("v=10&encoding=json&compress=zlib-stream", Encoding::Zlib, None),
            ("encoding=json&v=9&compress=zstd-stream", Encoding::Zstd, None),
            ("v=10&encoding=etf", Encoding::Plain, Some(Close::Decode)),
            ("v=6&encoding=json", Encoding::Plain, Some(Close::InvalidVersion)),
        ] {
            assert_eq!(Wish::read(query), Wish { encoding, refusal }, "{query}");
        }
    }
}
