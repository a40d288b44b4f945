//! What waits to be written, and whether more may.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::task::{Context, Waker};

use tokio::net::TcpStream;

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    /// Frames may be sent.
    #[default]
    Open,
    /// A close frame is on its way; nothing goes after it.
    Closing,
    /// Nothing goes in either direction.
    Ended,
}

/// Portions are joined up to this size, lest many small frames cost many allocations.
const PORTION: usize = 16 << 10;
/// Portions that one write takes.
const SLICES: usize = 16;

/// The writing side of one connection.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub(super) state: State,
    /// Whether the first frame has been laid out.
    pub(super) opened: bool,
    queue: VecDeque<Vec<u8>>,
    /// Bytes of the first portion that are already written.
    written: usize,
    bytes: usize,
    waker: Option<Waker>,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Bytes that wait.
    pub(super) fn waiting(&self) -> usize {
        self.bytes
    }

    /// Queues bytes and wakes the task that writes them.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        match self.queue.back_mut() {
            Some(last) if last.len() + bytes.len() <= PORTION => last.extend_from_slice(bytes),
            _ => self.queue.push_back(bytes.to_vec()),
        }
        self.wake();
    }

    /// Nothing more may be sent; what waits still goes.
    pub(super) fn close(&mut self) {
        if self.state == State::Open {
            self.state = State::Closing;
            self.wake();
        }
    }

    /// Nothing goes any more; what waits is dropped.
    pub(super) fn end(&mut self) {
        self.state = State::Ended;
        self.queue = VecDeque::new();
        (self.written, self.bytes) = (0, 0);
        self.wake();
    }

    pub(super) fn wake_on_push(&mut self, cx: &Context<'_>) {
        if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            self.waker = Some(cx.waker().clone());
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Writes as much as the kernel takes at once.
    pub(super) fn write_to(&mut self, stream: &TcpStream) -> io::Result<()> {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let mut skip = self.written;
        for (slice, portion) in slices.iter_mut().zip(&self.queue) {
            *slice = IoSlice::new(portion.get(std::mem::take(&mut skip)..).unwrap_or_default());
        }
        let mut written = stream.try_write_vectored(&slices)?;
        self.bytes -= written;
        written += self.written;
        while let Some(portion) = self.queue.front()
            && portion.len() <= written
        {
            written -= portion.len();
            self.queue.pop_front();
        }
        self.written = written;
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
        Ok(())
    }
}
