//! The endpoint under test: says back what it hears, with the crate's own handshake, decoder and encoder.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use guildhall_gateway::websocket::handshake::Handshake;
use guildhall_gateway::websocket::{Decoder, Message, Opcode, put_close, put_frame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Largest message, in bytes.
pub(crate) const LIMIT: usize = 16 << 20;

pub(crate) async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, Router::new().route("/", get(endpoint))).await });
    address
}

async fn endpoint(request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    match Handshake::accept(&mut parts) {
        Ok(handshake) => {
            let response = handshake.response();
            tokio::spawn(async move {
                let (stream, early) = handshake.stream().await.unwrap();
                // A client that tests violations may be gone before it is told about them.
                let _ = echo(stream, &early).await;
            });
            response
        }
        Err(refusal) => refusal,
    }
}

async fn echo(mut stream: TcpStream, early: &[u8]) -> std::io::Result<()> {
    let mut decoder = Decoder::new(LIMIT);
    let mut buffer = vec![0; 64 << 10];
    buffer[..early.len()].copy_from_slice(early);
    let mut length = early.len();
    loop {
        let (out, over) = answer(&mut decoder, &buffer[..length]);
        stream.write_all(&out).await?;
        if over {
            return stream.shutdown().await;
        }
        length = stream.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
    }
}

fn answer(decoder: &mut Decoder, mut input: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    loop {
        match decoder.next(&mut input) {
            Ok(None) => return (out, false),
            Ok(Some(Message::Text(text))) => put_frame(&mut out, Opcode::Text, text.as_bytes()),
            Ok(Some(Message::Binary(bytes))) => put_frame(&mut out, Opcode::Binary, bytes),
            Ok(Some(Message::Ping(payload))) => put_frame(&mut out, Opcode::Pong, payload),
            Ok(Some(Message::Pong(_))) => {}
            Ok(Some(Message::Close(None))) => {
                put_frame(&mut out, Opcode::Close, &[]);
                return (out, true);
            }
            Ok(Some(Message::Close(Some((code, reason))))) => {
                put_close(&mut out, code, reason);
                return (out, true);
            }
            Err(violation) => {
                put_close(&mut out, violation.close_code(), violation.reason());
                return (out, true);
            }
        }
    }
}
