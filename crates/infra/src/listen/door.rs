//! A way past HTTP for connections that are to speak something else. Their first request is looked at while it still
//! lies in the kernel, so that HTTP finds it untouched where the door does not want it.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::ready;

use axum::http::header::{HeaderName, HeaderValue, UPGRADE};
use axum::http::{Method, Request, request};
use bytes::Bytes;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;

use super::address;

/// Longest head that is looked at, in bytes. A longer one, or one that comes in pieces, is HTTP's.
const HEAD_BYTES: usize = 4096;
/// Most headers that are looked at.
const HEADERS: usize = 48;

/// Decides by the head of a connection's first request, which asks for another protocol, and by the client's address,
/// as HTTP would have it, whether to take the connection.
pub type Door = Arc<dyn Fn(&request::Parts, SocketAddr) -> Option<Welcome> + Send + Sync>;

/// Takes it: the head, the socket without it, and what came right behind it. Nothing has been answered.
pub type Welcome = Box<dyn FnOnce(request::Parts, TcpStream, Bytes) -> Guest + Send>;

/// A connection that was taken, until it ends.
pub type Guest = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Waits for the first bytes and shows them to the door; the stream is given back where it does not want it.
pub(super) async fn knock(
    door: &Door,
    stream: TcpStream,
    peer: SocketAddr,
    trusted: bool,
) -> io::Result<Result<Guest, TcpStream>> {
    let wanted = poll_fn(|cx| {
        // Here and not in the future, which would be as large.
        let mut buffer = [0; HEAD_BYTES];
        let mut buffer = ReadBuf::new(&mut buffer);
        ready!(stream.poll_peek(cx, &mut buffer))?;
        let Some((head, length)) = upgrade(buffer.filled()) else { return io::Result::Ok(None).into() };
        let client = if trusted { address::forwarded(&head.headers, peer) } else { peer };
        Ok(door(&head, client).map(|welcome| (welcome, head, length))).into()
    });
    let Some((welcome, head, length)) = wanted.await? else { return Ok(Err(stream)) };
    let mut buffer = [0; HEAD_BYTES];
    let read = stream.try_read(&mut buffer)?;
    let early = buffer.get(length..read).map(Bytes::copy_from_slice).unwrap_or_default();
    Ok(Ok(welcome(head, stream, early)))
}

/// The head of a GET that is all there and has an `Upgrade` header, and how many bytes it takes.
fn upgrade(bytes: &[u8]) -> Option<(request::Parts, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = parsed.parse(bytes).ok()? else { return None };
    let is_upgrade = parsed.headers.iter().any(|header| header.name.eq_ignore_ascii_case(UPGRADE.as_str()));
    if !is_upgrade || parsed.method != Some("GET") || parsed.version != Some(1) {
        return None;
    }
    let (mut head, ()) = Request::builder().method(Method::GET).uri(parsed.path?).body(()).ok()?.into_parts();
    head.headers.reserve(parsed.headers.len());
    for header in parsed.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        head.headers.append(name, HeaderValue::from_bytes(header.value).ok()?);
    }
    Some((head, length))
}
