//! The other side: many connections that read everything and understand nothing.

use std::io::Read;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// `ADDRESS TOKENS QUERY`: identified sessions, one for each line of the file.
pub(crate) async fn sessions(arguments: &[String]) {
    let [address, tokens, query] = arguments else { panic!("wrong arguments") };
    for token in std::fs::read_to_string(tokens).unwrap().lines() {
        let identify = format!(r#"{{"op":2,"d":{{"token":"{token}","intents":33281,"properties":{{}}}}}}"#);
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /gateway?v=10&encoding=json{query} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut buffer = vec![0; 16 << 10];
        assert!(stream.read(&mut buffer).await.unwrap() > 0);
        let mut frame = vec![0x81, 0x80 | 126];
        frame.extend((identify.len() as u16).to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(identify.as_bytes());
        stream.write_all(&frame).await.unwrap();
        // Guilds are told of once a ping after READY has been answered.
        let mut got = 0;
        while !buffer[..got].ends_with(&[0x89, 0]) {
            got = stream.read(&mut buffer).await.unwrap();
            assert!(got > 0);
        }
        stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await.unwrap();
        tokio::spawn(drain(stream));
    }
    // Everybody has been answered when the last one has; it costs nothing to wait a little longer.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    stay().await;
}

/// `ADDRESS COUNT`: bare connections.
pub(crate) async fn raw(arguments: &[String]) {
    let [address, count] = arguments else { panic!("wrong arguments") };
    for _ in 0..count.parse().unwrap() {
        tokio::spawn(drain(TcpStream::connect(address).await.unwrap()));
    }
    stay().await;
}

async fn drain(mut stream: TcpStream) {
    let mut buffer = vec![0; 64 << 10];
    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}

async fn stay() {
    println!("ready");
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
}
