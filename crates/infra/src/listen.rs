//! The HTTP server loop: a listening socket, one task per connection, and an orderly end.
//!
//! Connections are served with `hyper`'s HTTP/1 directly over the socket, so that an upgraded connection can be
//! downcast to `hyper_util::rt::TokioIo<tokio::net::TcpStream>` and driven without another layer between.

mod address;
mod body;
mod connections;
mod door;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tower::Service;

pub use body::{MaxBody, limit_body};
use connections::{Connections, Place};
pub use door::{Door, Guest, Welcome};

/// Connections that the kernel holds while none is accepted; it also takes no more than `net.core.somaxconn`.
const BACKLOG: i32 = 4096;
/// Largest head of a request, and the most that is read ahead of one.
const HEAD_BYTES: usize = 64 * 1024;

/// How connections are treated.
#[derive(Debug, Clone)]
pub struct Options {
    /// A request's head must be complete this long after the connection was made or the previous answer sent.
    pub head_within: Duration,
    /// Connections per address, upgraded ones not counted; 0 is no limit.
    pub per_address: u32,
    /// Peers whose last `X-Forwarded-For` entry is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How long requests that run when the server is stopped may go on.
    pub finish_within: Duration,
}

/// Opens a listening socket; port 0 picks a free one. A socket that a predecessor just closed can be opened again.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Serves `router` until `stop` is cancelled and the running requests have ended or had their time. Every request
/// carries [`ConnectInfo`] with the client's address. Upgraded connections are their new owner's business.
pub async fn serve(listener: TcpListener, router: Router, options: Options, stop: CancellationToken) {
    serve_with(listener, router, None, options, stop).await;
}

/// The same with a door: it is shown every connection's first request, if that asks for another protocol, and may
/// take the connection before HTTP does.
pub async fn serve_with(
    listener: TcpListener,
    router: Router,
    door: Option<Door>,
    options: Options,
    stop: CancellationToken,
) {
    let connections = Connections::new(options.per_address);
    let options = Arc::new(options);
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let trusted = options.trusted_proxies.contains(&peer.ip().to_canonical());
                // Beyond the limit the connection is closed without a word: the answer would cost what it saves.
                let Some(place) = connections.enter(peer.ip(), trusted) else { continue };
                let connection = Connection {
                    peer,
                    trusted,
                    place,
                    router: router.clone(),
                    door: door.clone(),
                    options: Arc::clone(&options),
                    stop: stop.clone(),
                    task: tasks.token(),
                };
                tokio::spawn(connection.run(stream));
            }
            Err(error) => pause_after(&error).await,
        }
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(options.finish_within, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "requests cut off by the deadline of the shutdown");
    }
}

/// A client that went before it was accepted costs nothing; without free descriptors, wait for some.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        return;
    }
    tracing::warn!(%error, "cannot accept connections");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

struct Connection {
    peer: SocketAddr,
    trusted: bool,
    place: Place,
    router: Router,
    door: Option<Door>,
    options: Arc<Options>,
    stop: CancellationToken,
    /// Held as long as the end of the server waits for this connection.
    task: TaskTrackerToken,
}

impl Connection {
    /// Every part is boxed for as long as it runs, so that the task of one that went through the door is small.
    fn run(self, stream: TcpStream) -> impl Future<Output = ()> + Send {
        let received = Box::pin(self.receive(stream));
        async move {
            if let Some(served) = received.await {
                served.await;
            }
        }
    }

    async fn receive(self, stream: TcpStream) -> Option<Guest> {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, peer = %self.peer, "connection lost before its first request");
            return None;
        }
        let Some(door) = self.door.clone() else { return Some(Box::pin(self.speak_http(stream))) };
        let knocked = tokio::select! {
            biased;
            () = self.stop.cancelled() => return None,
            knocked = tokio::time::timeout(
                self.options.head_within,
                door::knock(&door, stream, self.peer, self.trusted),
            ) => knocked,
        };
        match knocked {
            // Its place and what it held of the server go now: it is its new owner's business.
            Ok(Ok(Ok(guest))) => Some(guest),
            Ok(Ok(Err(stream))) => Some(Box::pin(self.speak_http(stream))),
            Ok(Err(_)) | Err(_) => None,
        }
    }

    async fn speak_http(self, stream: TcpStream) {
        let Self { peer, trusted, place, router, options, stop, task, .. } = self;
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            let client = if trusted { address::forwarded(request.headers(), peer) } else { peer };
            request.extensions_mut().insert(ConnectInfo(client));
            let mut router = router.clone();
            async move { Ok::<_, Infallible>(router.call(request).await.unwrap_or_else(|never| match never {})) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(options.head_within)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            biased;
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            ended = connection.as_mut() => ended,
        };
        if let Err(error) = ended {
            tracing::debug!(%error, %peer, "connection ended with an error");
        }
        drop((place, task));
    }
}

#[cfg(test)]
mod tests;
