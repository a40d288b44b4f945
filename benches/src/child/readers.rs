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
    /// Dropped with the readers: then all hang up.
    tasks: tokio::task::JoinSet<()>,
}

#[derive(Default)]
struct Shared {
    bytes: AtomicU64,
    /// WebSocket frames, or bytes where there are none.
    units: AtomicU64,
    target: AtomicU64,
    reached: Notify,
}

/// What a socket's bytes are counted as.
#[derive(Clone, Copy)]
enum Unit {
    Byte,
    Frame,
}

/// Finds the ends of a server's WebSocket frames in its bytes.
#[derive(Default)]
struct Frames {
    header: Vec<u8>,
    payload: u64,
    /// Pings that are to be answered.
    pings: usize,
}

/// An empty pong, masked with zeros.
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

impl Frames {
    /// How many frames end in these bytes.
    fn ends(&mut self, mut bytes: &[u8]) -> u64 {
        let mut ends = 0;
        while let [first, rest @ ..] = bytes {
            if self.payload > 0 {
                let taken = self.payload.min(bytes.len() as u64);
                self.payload -= taken;
                bytes = bytes.get(usize::try_from(taken).unwrap_or(0)..).unwrap_or_default();
                ends += u64::from(self.payload == 0);
                continue;
            }
            self.header.push(*first);
            bytes = rest;
            self.payload = match self.header.as_slice() {
                [_, 126, a, b] => u64::from(u16::from_be_bytes([*a, *b])),
                [_, 127, length @ ..] if length.len() == 8 => {
                    length.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
                }
                // A ping without a payload; not what is counted.
                [_, 0] => {
                    self.pings += 1;
                    0
                }
                [_, short @ 1..=125] => u64::from(*short),
                _ => continue,
            };
            self.header.clear();
        }
        ends
    }
}

impl Readers {
    /// Opens a gateway connection for each token and identifies on it, thirty-two at a time.
    pub(super) async fn identify(
        &mut self,
        address: SocketAddr,
        tokens: &[String],
        compress: &str,
    ) -> Result<()> {
        for some in tokens.chunks(32) {
            let mut tasks = tokio::task::JoinSet::new();
            for token in some {
                tasks.spawn(open(address, token.clone(), compress.to_owned()));
            }
            while let Some(stream) = tasks.join_next().await {
                self.read(stream??, Unit::Frame);
            }
        }
        // HELLO, READY and the one guild's GUILD_CREATE.
        self.until(3 * self.count as u64).await
    }

    /// Connects, says what a client of the gateway says and reads to the end, over and over.
    pub(super) async fn converse(address: SocketAddr, count: usize) -> Result<()> {
        for _ in 0..count {
            let mut stream = open(address, "x".repeat(70), "none".into()).await?;
            stream.read_to_end(&mut Vec::new()).await?;
        }
        Ok(())
    }

    /// Opens plain connections.
    pub(super) async fn connect(&mut self, address: SocketAddr, count: usize) -> Result<()> {
        for _ in 0..count {
            self.read(TcpStream::connect(address).await?, Unit::Byte);
        }
        Ok(())
    }

    fn read(&mut self, mut stream: TcpStream, unit: Unit) {
        self.count += 1;
        let shared = self.shared.clone();
        self.tasks.spawn(async move {
            let (mut buffer, mut frames) = (vec![0; 16 * 1024], Frames::default());
            while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                shared.bytes.fetch_add(read as u64, Ordering::SeqCst);
                let units = match unit {
                    Unit::Byte => read as u64,
                    Unit::Frame => frames.ends(&buffer[..read]),
                };
                for _ in 0..std::mem::take(&mut frames.pings) {
                    if stream.write_all(&PONG).await.is_err() {
                        return;
                    }
                }
                let total = shared.units.fetch_add(units, Ordering::SeqCst) + units;
                if total >= shared.target.load(Ordering::SeqCst) {
                    shared.reached.notify_one();
                }
            }
        });
    }

    pub(super) fn total(&self) -> u64 {
        self.shared.units.load(Ordering::SeqCst)
    }

    pub(super) fn reset(&self) {
        self.shared.bytes.store(0, Ordering::SeqCst);
    }

    /// How many bytes have come on each socket since the reset.
    pub(super) fn bytes_each(&self) -> u64 {
        self.shared.bytes.load(Ordering::SeqCst) / self.count.max(1) as u64
    }

    /// Waits until so many events have come on every socket since the total was `before`.
    pub(super) async fn wait(&self, before: u64, events: usize) -> Result<()> {
        self.until(before + (self.count * events) as u64).await
    }

    /// Waits until so many bytes have come in all since the last call.
    pub(super) async fn wait_bytes(&self, bytes: u64) -> Result<()> {
        self.until(bytes).await?;
        self.shared.units.fetch_sub(bytes, Ordering::SeqCst);
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
        waited.with_context(|| format!("{} of {target} came", self.total()))
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
        "{{\"op\":2,\"d\":{{\"token\":\"{token}\",\"intents\":33281,\"properties\":{{\"os\":\"linux\",\"browser\":\"discord.py\",\"device\":\"discord.py\"}}}}}}"
    );
    // A client's frames are masked; a mask of zeros leaves the payload as it is.
    let length = u16::try_from(identify.len())?.to_be_bytes();
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend(length);
    frame.extend([0; 4]);
    frame.extend(identify.bytes());
    // To the end of the answer's head and not further: frames may follow at once.
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    ensure!(head.starts_with(b"HTTP/1.1 101"), "refused: {}", String::from_utf8_lossy(&head));
    stream.write_all(&frame).await?;
    Ok(stream)
}
