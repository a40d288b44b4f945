//! Received bytes to messages. Takes bytes in any portions; fails at the first byte that shows a violation.

use super::close::read_close;
use super::frame::{Opcode, PartialHead, unmask};
use super::{Violation, frame};

/// What a peer sent. Borrowed from the decoder until its next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// An entire text message, its fragments joined.
    Text(&'a str),
    /// An entire binary message.
    Binary(&'a [u8]),
    /// To be answered by a pong of the same payload.
    Ping(&'a [u8]),
    /// Nothing to be done.
    Pong(&'a [u8]),
    /// To be answered by a close frame of the same code; nothing after it is read.
    Close(Option<(u16, &'a str)>),
}

/// Which of its buffers the decoder gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ready {
    Data(Opcode),
    Control(Opcode),
}

#[derive(Debug)]
struct Payload {
    head: frame::Head,
    done: usize,
}

/// The state of one connection's receiving side. Holds no memory on the heap between messages.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    head: PartialHead,
    frame: Option<Payload>,
    /// What the message being collected is; `None` between messages.
    kind: Option<Opcode>,
    message: Vec<u8>,
    /// This many bytes of `message` are known to be UTF-8.
    checked: usize,
    control: Vec<u8>,
    given: Option<Ready>,
    closed: bool,
}

impl Decoder {
    /// For messages of at most `limit` bytes, over all their fragments.
    pub const fn new(limit: usize) -> Self {
        Self {
            limit,
            head: PartialHead { bytes: [0; 14], have: 0 },
            frame: None,
            kind: None,
            message: Vec::new(),
            checked: 0,
            control: Vec::new(),
            given: None,
            closed: false,
        }
    }

    /// The next message in `input`, which is advanced past what was taken; `None` when all of it was taken.
    /// After an error or a close frame the connection is over: further input is swallowed.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Message<'_>>, Violation> {
        match self.given.take() {
            Some(Ready::Data(_)) => (self.message, self.checked) = (Vec::new(), 0),
            Some(Ready::Control(_)) => self.control = Vec::new(),
            None => {}
        }
        if self.closed {
            *input = &[];
            return Ok(None);
        }
        let outcome = self.advance(input);
        self.closed = matches!(outcome, Err(_) | Ok(Some(Ready::Control(Opcode::Close))));
        let Some(ready) = outcome? else { return Ok(None) };
        self.given = Some(ready);
        Ok(Some(match ready {
            Ready::Data(Opcode::Text) => {
                Message::Text(std::str::from_utf8(&self.message).map_err(|_| Violation::Utf8)?)
            }
            Ready::Data(_) => Message::Binary(&self.message),
            Ready::Control(Opcode::Ping) => Message::Ping(&self.control),
            Ready::Control(Opcode::Pong) => Message::Pong(&self.control),
            Ready::Control(_) => Message::Close(read_close(&self.control)?),
        }))
    }

    fn advance(&mut self, input: &mut &[u8]) -> Result<Option<Ready>, Violation> {
        loop {
            let mut payload = match self.frame.take() {
                Some(payload) => payload,
                None => match self.head.read(input)? {
                    Some(head) => self.begin(head)?,
                    None => return Ok(None),
                },
            };
            let missing = usize::try_from(payload.head.length).unwrap_or(usize::MAX) - payload.done;
            let (now, rest) = input.split_at(missing.min(input.len()));
            *input = rest;
            self.take(&payload, now)?;
            payload.done += now.len();
            if now.len() < missing {
                self.frame = Some(payload);
                return Ok(None);
            }
            let frame::Head { opcode, fin, .. } = payload.head;
            if opcode.is_control() {
                return Ok(Some(Ready::Control(opcode)));
            }
            if fin && let Some(kind) = self.kind.take() {
                if kind == Opcode::Text && self.checked < self.message.len() {
                    return Err(Violation::Utf8);
                }
                return Ok(Some(Ready::Data(kind)));
            }
        }
    }

    /// Checks a frame's head against where the connection stands.
    fn begin(&mut self, head: frame::Head) -> Result<Payload, Violation> {
        match (head.opcode, self.kind) {
            (Opcode::Continuation, None) => return Err(Violation::Protocol("continuation of nothing")),
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(Violation::Protocol("a new message amid a fragmented one"));
            }
            (Opcode::Text | Opcode::Binary, None) => self.kind = Some(head.opcode),
            _ => {}
        }
        let room = (self.limit as u64).saturating_sub(self.message.len() as u64);
        if !head.opcode.is_control() && head.length > room {
            return Err(Violation::TooLarge);
        }
        Ok(Payload { head, done: 0 })
    }

    fn take(&mut self, payload: &Payload, now: &[u8]) -> Result<(), Violation> {
        let control = payload.head.opcode.is_control();
        let buffer = if control { &mut self.control } else { &mut self.message };
        let from = buffer.len();
        buffer.extend_from_slice(now);
        if let Some(new) = buffer.get_mut(from..) {
            unmask(new, payload.head.mask, payload.done);
        }
        if !control && self.kind == Some(Opcode::Text) {
            self.check_utf8()?;
        }
        Ok(())
    }

    /// Checks what has come since the last check; a character cut at the end waits for its rest.
    fn check_utf8(&mut self) -> Result<(), Violation> {
        match std::str::from_utf8(self.message.get(self.checked..).unwrap_or_default()) {
            Ok(text) => self.checked += text.len(),
            Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
            Err(_) => return Err(Violation::Utf8),
        }
        Ok(())
    }
}
