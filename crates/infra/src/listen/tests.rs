//! The server loop over real sockets.

use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

fn start(router: Router, change: impl FnOnce(&mut Options)) -> Server {
    let mut options = Options {
        head_within: Duration::from_secs(30),
        per_address: 0,
        trusted_proxies: Vec::new(),
        finish_within: Duration::from_secs(30),
    };
    change(&mut options);
    let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let task = tokio::spawn(serve(listener, router, options, stop.clone()));
    Server { address, stop, task }
}

async fn say(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Everything until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

fn whoami() -> Router {
    Router::new()
        .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }))
}

#[tokio::test]
async fn requests_know_who_asks_and_believe_only_trusted_proxies() {
    let request = "GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\nx-forwarded-for: 203.0.113.9\r\n\r\n";
    let server = start(whoami(), |_| ());
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    say(&mut stream, request).await;
    let answer = rest(&mut stream).await;
    assert!(answer.ends_with(&stream.local_addr().unwrap().to_string()), "{answer}");

    let server = start(whoami(), |options| options.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    say(&mut stream, request).await;
    assert!(rest(&mut stream).await.ends_with("203.0.113.9:0"));
}

#[tokio::test]
async fn an_upgraded_connection_is_the_bare_socket() {
    let upgrade = get(|mut request: axum::extract::Request| async move {
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let parts = upgrade.await.unwrap().downcast::<TokioIo<TcpStream>>().unwrap();
            let mut socket = parts.io.into_inner();
            socket.write_all(b"bare").await.unwrap();
        });
        (StatusCode::SWITCHING_PROTOCOLS, [("connection", "upgrade"), ("upgrade", "test")])
    });
    let server = start(Router::new().route("/", upgrade), |_| ());
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    say(&mut stream, "GET / HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: test\r\n\r\n").await;
    assert!(rest(&mut stream).await.ends_with("\r\n\r\nbare"));
}

#[tokio::test]
async fn stopping_lets_a_running_request_finish_and_takes_no_other() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let route = {
        let (entered, leave) = (Arc::clone(&entered), Arc::clone(&leave));
        get(|| async move {
            entered.notify_one();
            leave.notified().await;
            "done"
        })
    };
    let server = start(Router::new().route("/", route), |_| ());
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    say(&mut stream, "GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
    entered.notified().await;
    server.stop.cancel();
    leave.notify_one();
    let answer = rest(&mut stream).await;
    assert!(answer.contains("connection: close") && answer.ends_with("done"), "{answer}");
    server.task.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let server = start(whoami(), |options| options.head_within = Duration::from_millis(50));
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    say(&mut stream, "GET / HTTP/1.1\r\nhost:").await;
    assert!(!rest(&mut stream).await.contains("200"));
}

#[tokio::test]
async fn too_many_connections_of_one_address_are_closed() {
    let server = start(whoami(), |options| options.per_address = 1);
    let mut first = TcpStream::connect(server.address).await.unwrap();
    say(&mut first, "GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
    let mut byte = [0];
    first.read_exact(&mut byte).await.unwrap();
    let mut second = TcpStream::connect(server.address).await.unwrap();
    assert!(matches!(second.read(&mut byte).await, Ok(0) | Err(_)));
}

#[tokio::test]
async fn bodies_are_limited_announced_or_not() {
    let router = Router::new()
        .route("/", post(|body: axum::body::Bytes| async move { body.len().to_string() }))
        .layer(from_fn_with_state(MaxBody(4), limit_body));
    let server = start(router, |_| ());
    for (head, body, status) in [
        ("content-length: 4", "abcd", "200"),
        ("content-length: 5", "", "413"),
        ("transfer-encoding: chunked", "5\r\nabcde\r\n0\r\n\r\n", "413"),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        say(&mut stream, &format!("POST / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{head}\r\n\r\n{body}"))
            .await;
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{head}: {answer}");
    }
}
