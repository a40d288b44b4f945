//! One connection: a TCP stream whose writing side anybody may use, and what waits where the client reads slowly.
//!
//! Nothing is held while nothing waits: no read buffer, no write buffer. Whoever has something to send writes it at
//! once; only what the kernel does not take is copied to the queue, which the connection's own task empties.

mod drive;
mod outbox;
mod quota;

use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use guildhall_base::Timestamp;
use parking_lot::Mutex;
use tokio::net::TcpStream;

pub(crate) use drive::{Connection, Said};
use outbox::{Outbox, State};

use crate::compression::{Encoding, Press};
use crate::protocol::Close;
use crate::websocket::{Opcode, put_close, put_frame};

/// How long a client may take to answer a close frame.
pub(crate) const LINGER: Duration = Duration::from_secs(5);

/// A connection, shared by its task, its session and the fan-out.
#[derive(Debug)]
pub(crate) struct Link {
    stream: TcpStream,
    pub(crate) encoding: Encoding,
    out: Mutex<Outbox>,
    /// When it is given up, in milliseconds since 1970.
    deadline: AtomicI64,
}

/// Why a connection's task is awake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// There may be bytes to read.
    Readable,
    /// The connection is over.
    Ended,
}

impl Link {
    pub(crate) fn new(stream: TcpStream, encoding: Encoding, deadline: Timestamp) -> Self {
        let deadline = AtomicI64::new(deadline.millis());
        Self { stream, encoding, out: Mutex::default(), deadline }
    }

    /// Puts off the time at which it is given up.
    pub(crate) fn expect_by(&self, deadline: Timestamp) {
        self.deadline.store(deadline.millis(), Ordering::Relaxed);
    }

    /// Whether its time is over.
    pub(crate) fn is_overdue(&self, now: Timestamp) -> bool {
        self.deadline.load(Ordering::Relaxed) <= now.millis()
    }

    /// Sends whole frames now, or queues what the kernel does not take. False if more than `most` bytes would wait,
    /// or if the connection is closing: then nothing was queued, and a reader that is too slow has been cut off.
    pub(crate) fn send(&self, frames: &[u8], most: usize) -> bool {
        let mut out = self.out.lock();
        if out.state != State::Open {
            return false;
        }
        let sent = if out.is_empty() {
            // Past tokio, which would look up what it knows of the socket: a cache miss per message for nothing.
            match socket2::SockRef::from(&self.stream).send(frames) {
                Ok(sent) => sent,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                Err(_) => {
                    out.end();
                    return false;
                }
            }
        } else {
            0
        };
        let rest = frames.get(sent..).unwrap_or_default();
        if rest.is_empty() {
            return true;
        }
        if out.waiting() + rest.len() > most {
            metrics::counter!("gateway_slow_readers_total").increment(1);
            out.end();
            return false;
        }
        out.push(rest);
        true
    }

    /// Sends payloads that are meant for this connection alone in one write, however much waits.
    pub(crate) fn say(&self, payloads: &[impl AsRef<[u8]>], press: &Mutex<Press>) -> bool {
        let mut frames = Vec::new();
        let mut first = !std::mem::replace(&mut self.out.lock().opened, true);
        for payload in payloads {
            let first = std::mem::take(&mut first);
            match self.encoding {
                Encoding::Zlib => {
                    self.encoding.put(&mut frames, payload.as_ref(), first, &mut press.lock());
                }
                // The others compress nothing.
                Encoding::Plain | Encoding::Zstd => {
                    self.encoding.put(&mut frames, payload.as_ref(), first, &mut Press::default());
                }
            }
        }
        self.send(&frames, usize::MAX)
    }

    /// Sends what begins a connection: bytes that end with its first frame.
    pub(crate) fn open_with(&self, bytes: &[u8]) -> bool {
        self.out.lock().opened = true;
        self.send(bytes, usize::MAX)
    }

    /// Asks for a sign of life.
    fn ping(&self) {
        let mut frame = Vec::new();
        put_frame(&mut frame, Opcode::Ping, b"");
        self.send(&frame, usize::MAX);
    }

    /// Answers a ping.
    fn pong(&self, payload: &[u8]) {
        let mut frame = Vec::new();
        put_frame(&mut frame, Opcode::Pong, payload);
        self.send(&frame, usize::MAX);
    }

    /// Sends a close frame after what waits; nothing is sent after it. The client has until `linger` to close too.
    pub(crate) fn close(&self, close: Close, linger: Timestamp) {
        let mut frame = Vec::new();
        put_close(&mut frame, close.code(), close.reason());
        if self.send(&frame, usize::MAX) {
            self.expect_by(linger);
            self.out.lock().close();
        }
    }

    /// Ends it without a word.
    pub(crate) fn cut(&self) {
        self.out.lock().end();
    }

    /// Whether it has neither ended nor begun to.
    pub(crate) fn is_open(&self) -> bool {
        self.out.lock().state == State::Open
    }

    /// Waits until there is something to read, and empties the queue meanwhile.
    pub(crate) fn poll_wake(&self, cx: &mut Context<'_>) -> Poll<Wake> {
        if self.poll_flush(cx, 0).is_ready() {
            match self.out.lock().state {
                State::Open => {}
                // Everything is said: let the client see the end, and hear it out until it closes too.
                State::Closing => drop(socket2::SockRef::from(&self.stream).shutdown(Shutdown::Write)),
                State::Ended => return Poll::Ready(Wake::Ended),
            }
        }
        self.stream.poll_read_ready(cx).map(|ready| if ready.is_ok() { Wake::Readable } else { Wake::Ended })
    }

    /// Waits until no more than `most` bytes wait, or the connection is over.
    pub(crate) fn poll_flush(&self, cx: &mut Context<'_>, most: usize) -> Poll<()> {
        let mut out = self.out.lock();
        loop {
            if out.state == State::Ended {
                return Poll::Ready(());
            }
            if out.waiting() <= most && (most > 0 || out.is_empty()) {
                out.wake_on_push(cx);
                return Poll::Ready(());
            }
            match self.stream.poll_write_ready(cx) {
                Poll::Ready(Ok(())) => match out.write_to(&self.stream) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => out.end(),
                },
                Poll::Ready(Err(_)) => out.end(),
                Poll::Pending => {
                    out.wake_on_push(cx);
                    return Poll::Pending;
                }
            }
        }
    }

    /// Reads what there is into `buffer`.
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.try_read(buffer)
    }
}
