//! Many sockets that are read as fast as they fill, and counted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sockets whose bytes are counted together.
#[derive(Default)]
pub(super) struct Readers {
    count: usize,
    shared: Arc<Shared>,
    /// Bytes of one event on one socket.
    size: u64,
}

#[derive(Default)]
struct Shared {
    bytes: AtomicU64,
    target: AtomicU64,
    reached: Notify,
}

impl Readers {
    /// Opens gateway connections and identifies on each, thirty-two at a time.
    pub(super) async fn identify(
        &mut self,
        address: SocketAddr,
        token: &str,
        count: usize,
        compress: &str,
    ) -> Result<()> {
        let mut left = count;
        while left > 0 {
            let step = left.min(32);
            let mut tasks = tokio::task::JoinSet::new();
            for _ in 0..step {
                tasks.spawn(open(address, token.to_owned(), compress.to_owned()));
            }
            while let Some(stream) = tasks.join_next().await {
                self.read(stream??);
            }
            left -= step;
        }
        self.settle().await;
        Ok(())
    }

    /// Opens plain connections.
    pub(super) async fn connect(&mut self, address: SocketAddr, count: usize) -> Result<()> {
        for _ in 0..count {
            self.read(TcpStream::connect(address).await?);
        }
        Ok(())
    }

    fn read(&mut self, mut stream: TcpStream) {
        self.count += 1;
        let shared = self.shared.clone();
        tokio::spawn(async move {
            let mut buffer = vec![0; 16 * 1024];
            while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                let total = shared.bytes.fetch_add(read as u64, Ordering::SeqCst) + read as u64;
                if total >= shared.target.load(Ordering::SeqCst) {
                    shared.reached.notify_one();
                }
            }
        });
    }

    pub(super) fn total(&self) -> u64 {
        self.shared.bytes.load(Ordering::SeqCst)
    }

    pub(super) fn reset(&self) {
        self.shared.bytes.store(0, Ordering::SeqCst);
    }

    /// Waits until nothing has come for a while; then what has come is one event on each socket.
    pub(super) async fn settle(&mut self) -> u64 {
        let mut last = self.total();
        loop {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let now = self.total();
            if now == last {
                break;
            }
            last = now;
        }
        self.size = last / self.count.max(1) as u64;
        self.size
    }

    /// Waits until so many events have come on every socket since the total was `before`.
    pub(super) async fn wait(&self, before: u64, events: usize) -> Result<()> {
        self.until(before + self.size * (self.count * events) as u64).await
    }

    /// Waits until so many bytes have come in all since the last call.
    pub(super) async fn wait_bytes(&self, bytes: u64) -> Result<()> {
        self.until(bytes).await?;
        self.shared.bytes.fetch_sub(bytes, Ordering::SeqCst);
        Ok(())
    }

    async fn until(&self, target: u64) -> Result<()> {
        self.shared.target.store(target, Ordering::SeqCst);
        let waiting = async {
            while self.total() < target {
                self.shared.reached.notified().await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.with_context(|| format!("{} of {target} bytes came", self.total()))
    }
}

/// One identified gateway connection, after READY.
async fn open(address: SocketAddr, token: String, compress: String) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let compress = if compress == "none" { String::new() } else { format!("&compress={compress}") };
    let request = format!(
        "GET /gateway?v=10&encoding=json{compress} HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let identify = format!(
        "{{\"op\":2,\"d\":{{\"token\":\"{token}\",\"intents\":33281,\"properties\":{{\"os\":\"linux\"}}}}}}"
    );
    // A client's frames are masked; a mask of zeros leaves the payload as it is.
    let length = u16::try_from(identify.len())?.to_be_bytes();
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend(length);
    frame.extend([0; 4]);
    frame.extend(identify.bytes());
    let mut buffer = vec![0; 64 * 1024];
    let read = stream.read(&mut buffer).await?;
    ensure!(buffer.starts_with(b"HTTP/1.1 101"), "refused: {}", String::from_utf8_lossy(&buffer[..read]));
    stream.write_all(&frame).await?;
    Ok(stream)
}
