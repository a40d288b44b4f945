//! A gateway client that says what it is told to and remembers what it saw.

#![allow(dead_code, reason = "every test program uses a part of this")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Longer than anything here takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Every intent that Discord documents.
const INTENTS: u64 = 0x331_FFFF;

/// One connection.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) session: String,
    pub(crate) last: u64,
    pub(crate) resume_url: String,
    /// The code it was closed with.
    pub(crate) goodbye: Option<u16>,
}

impl Socket {
    /// Connects and reads HELLO.
    async fn open(url: &str) -> Self {
        let (stream, _) = connect_async(format!("{url}?v=10&encoding=json")).await.unwrap();
        let mut socket =
            Self { stream, session: String::new(), last: 0, resume_url: String::new(), goodbye: None };
        let hello = socket.next().await.unwrap();
        assert_eq!(hello["op"], 10, "{hello}");
        socket
    }

    /// Begins a session and reads READY.
    pub(crate) async fn identify(url: &str, token: &str) -> Self {
        let mut socket = Self::open(url).await;
        let properties = json!({ "os": "linux", "browser": "test", "device": "test" });
        let identity = json!({ "token": token, "intents": INTENTS, "properties": properties });
        socket.say(json!({ "op": 2, "d": identity })).await;
        let ready = socket.until("READY").await;
        socket.session = ready["session_id"].as_str().unwrap().to_owned();
        socket.resume_url = ready["resume_gateway_url"].as_str().unwrap().to_owned();
        socket
    }

    /// Goes on where a connection ended.
    pub(crate) async fn resume(url: &str, token: &str, session: &str, last: u64) -> Self {
        let mut socket = Self::open(url).await;
        socket.session = session.to_owned();
        socket.last = last;
        socket.say(json!({ "op": 6, "d": { "token": token, "session_id": session, "seq": last } })).await;
        socket
    }

    pub(crate) async fn say(&mut self, payload: Value) {
        self.stream.send(Message::text(payload.to_string())).await.unwrap();
    }

    /// The next payload; none when the connection has ended.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.stream.next()).await.unwrap();
            match frame {
                Some(Ok(Message::Text(text))) => {
                    let payload: Value = serde_json::from_str(&text).unwrap();
                    if let Some(s) = payload["s"].as_u64() {
                        self.last = s;
                    }
                    return Some(payload);
                }
                Some(Ok(Message::Close(frame))) => {
                    self.goodbye = frame.map(|frame| frame.code.into());
                    return None;
                }
                Some(Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The `d` of the next event of this name; what comes before is passed over.
    pub(crate) async fn until(&mut self, name: &str) -> Value {
        loop {
            let Some(payload) = self.next().await else {
                panic!("the connection ended before {name}: {:?}", self.goodbye)
            };
            if payload["t"] == name {
                return payload["d"].clone();
            }
            assert_ne!(payload["op"], 9, "invalid session before {name}");
        }
    }

    /// Waits for a payload of an opcode.
    pub(crate) async fn until_op(&mut self, op: u64) -> Value {
        loop {
            let Some(payload) = self.next().await else { panic!("the connection ended before op {op}") };
            if payload["op"] == op {
                return payload;
            }
        }
    }
}
