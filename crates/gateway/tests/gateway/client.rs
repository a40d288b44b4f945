//! A client that insists on what real libraries insist on.

use std::time::Duration;

use flate2::{Decompress, FlushDecompress};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::house::{House, Somebody};

/// All unprivileged intents and the privileged ones.
pub(crate) const ALL: u64 = 0x0001_ffff | 0b11 << 20 | 0b11 << 24;

pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The latest number; the next one must be the next, or repeat it where the event is not counted.
    pub(crate) s: u64,
    pub(crate) session: String,
    /// For `zlib-stream`: one for all that comes.
    inflater: Option<Decompress>,
}

impl Client {
    /// Connects and reads HELLO.
    pub(crate) async fn connect(house: &House) -> Self {
        Self::connect_to(&format!("ws://{}/gateway?v=10&encoding=json", house.address)).await
    }

    pub(crate) async fn connect_to(url: &str) -> Self {
        let mut client = Self::open(url).await;
        let hello = client.next().await.unwrap();
        assert_eq!(hello["op"], 10);
        assert!(hello["d"]["heartbeat_interval"].as_u64().unwrap() > 0);
        client
    }

    /// Connects and reads nothing.
    pub(crate) async fn open(url: &str) -> Self {
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let inflater = url.contains("zlib-stream").then(|| Decompress::new(true));
        Self { socket, s: 0, session: String::new(), inflater }
    }

    /// Connects by a request that was made by hand.
    pub(crate) async fn connect_with(
        request: tokio_tungstenite::tungstenite::handshake::client::Request,
    ) -> Self {
        let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let mut client = Self { socket, s: 0, session: String::new(), inflater: None };
        assert_eq!(client.next().await.unwrap()["op"], 10);
        client
    }

    /// Connects, identifies and reads READY and as many GUILD_CREATE as it announces.
    pub(crate) async fn ready(house: &House, who: &Somebody, intents: u64) -> (Self, Vec<Value>) {
        let mut client = Self::connect(house).await;
        client.identify(who, json!({ "intents": intents })).await;
        let ready = client.event("READY").await;
        assert_eq!(client.s, 1);
        client.session = ready["session_id"].as_str().unwrap().to_owned();
        let mut guilds = Vec::new();
        if intents & 1 != 0 {
            for _ in ready["guilds"].as_array().unwrap() {
                guilds.push(client.event("GUILD_CREATE").await);
            }
            assert_eq!(client.s, 1, "GUILD_CREATE after READY is not counted");
        }
        (client, guilds)
    }

    pub(crate) async fn identify(&mut self, who: &Somebody, more: Value) {
        let mut d =
            json!({ "token": who.token, "properties": { "os": "linux", "browser": "test", "device": "" } });
        d.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.send(json!({ "op": 2, "d": d })).await;
    }

    /// Connects and resumes what another client began.
    pub(crate) async fn resume(house: &House, who: &Somebody, session: &str, s: u64) -> Self {
        let mut client = Self::connect(house).await;
        client.s = s;
        client.session = session.to_owned();
        client.send(json!({ "op": 6, "d": { "token": who.token, "session_id": session, "seq": s } })).await;
        client
    }

    pub(crate) async fn send(&mut self, payload: Value) {
        self.say(&payload.to_string()).await;
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next payload, or the code that the server closed with (0: without one).
    pub(crate) async fn next(&mut self) -> Result<Value, u16> {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(20), self.socket.next());
            match message.await.unwrap() {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    let text = self.text(message);
                    let payload: Value = serde_json::from_str(&text).unwrap();
                    for key in ["op", "d", "s", "t"] {
                        assert!(payload.get(key).is_some(), "every frame carries {key}: {payload}");
                    }
                    if payload["op"] == 0 {
                        let s = payload["s"].as_u64().unwrap();
                        assert!(s == self.s || s == self.s + 1, "{s} after {}: {}", self.s, payload["t"]);
                        self.s = s;
                    }
                    return Ok(payload);
                }
                Some(Ok(Message::Close(frame))) => return Err(frame.map_or(0, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(0),
            }
        }
    }

    fn text(&mut self, message: Message) -> String {
        match (&mut self.inflater, message) {
            (None, message) => message.into_text().unwrap().to_string(),
            (Some(inflater), Message::Binary(bytes)) => {
                assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]), "clients wait for this");
                let mut text = Vec::with_capacity(1 << 20);
                inflater.decompress_vec(&bytes, &mut text, FlushDecompress::Sync).unwrap();
                String::from_utf8(text).unwrap()
            }
            (Some(_), message) => panic!("{message:?} is not compressed"),
        }
    }

    /// The next dispatch, which must be this one.
    pub(crate) async fn event(&mut self, name: &str) -> Value {
        let payload = self.next().await.unwrap();
        assert_eq!(payload["t"], name, "{payload}");
        payload["d"].clone()
    }

    /// What the server closes with; everything before is passed over.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }

    /// Beats, and passes over everything up to the answer: after it, everything sent before it has come.
    pub(crate) async fn beat(&mut self) -> Vec<Value> {
        self.send(json!({ "op": 1, "d": self.s })).await;
        let mut events = Vec::new();
        loop {
            let payload = self.next().await.unwrap();
            if payload["op"] == 11 {
                return events;
            }
            events.push(payload);
        }
    }

    pub(crate) async fn close(mut self, code: u16) {
        use tokio_tungstenite::tungstenite::protocol::CloseFrame;
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        self.socket.close(Some(frame)).await.unwrap();
        while let Some(Ok(_)) = self.socket.next().await {}
    }
}
