//! The task of one connection: reads what the client says and has it done.
//!
//! Its future is small, because thousands of them wait: whatever takes a while (IDENTIFY, RESUME, member lists) is
//! boxed for as long as it runs.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::quota::Quota;
use super::{LINGER, Link, Wake};
use crate::Gateway;
use crate::links::Place;
use crate::protocol::{self, Close, Incoming, Outgoing};
use crate::session::Session;
use crate::websocket::{Decoder, Message, Violation};

/// Largest message from a client, in bytes.
const MESSAGE_MAX: usize = 4096;
/// How long a client may take to answer a ping before it is spoken to all the same.
const PONG: Duration = Duration::from_secs(1);

/// A connection as its own task sees it.
pub(crate) struct Connection {
    pub(crate) gateway: Gateway,
    pub(crate) link: Arc<Link>,
    /// The session that the browser's cookie carries. Nobody has looked yet whether it holds.
    pub(crate) visitor: Option<Box<str>>,
    pub(crate) session: Option<Arc<Session>>,
    decoder: Decoder,
    quota: Quota,
    /// Given back when the task ends, however it ends.
    _place: Place,
}

/// What a client said, once it is out of the read buffer.
pub(crate) enum Said {
    Message(Incoming),
    Ping(Vec<u8>),
    Pong,
    /// It closed, or must be closed.
    End(Close),
}

impl Connection {
    pub(crate) fn new(gateway: Gateway, link: Arc<Link>, visitor: Option<Box<str>>, place: Place) -> Self {
        let quota = Quota::new(gateway.now());
        let decoder = Decoder::new(MESSAGE_MAX);
        Self { gateway, link, visitor, session: None, decoder, quota, _place: place }
    }

    /// Runs until the connection is over. HELLO has been said.
    pub(crate) async fn run(mut self, early: Bytes) {
        if !early.is_empty() {
            let said = self.decode(&early);
            Box::pin(self.do_all(said)).await;
        }
        // Empty or not, it holds the HTTP layer's read buffer: 8 KiB that must not live as long as this task.
        drop(early);
        loop {
            match poll_fn(|cx| self.link.poll_wake(cx)).await {
                Wake::Ended => break,
                Wake::Readable => match self.read() {
                    Ok(said) if said.is_empty() => {}
                    Ok(said) => Box::pin(self.do_all(said)).await,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => break,
                },
            }
        }
        self.link.cut();
        if let Some(session) = self.session.take() {
            self.gateway.link_lost(&session, &self.link);
        }
    }

    fn read(&mut self) -> io::Result<Vec<Said>> {
        let mut buffer = [0; MESSAGE_MAX];
        match self.link.read(&mut buffer)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(self.decode(buffer.get(..read).unwrap_or_default())),
        }
    }

    fn decode(&mut self, mut input: &[u8]) -> Vec<Said> {
        let mut all = Vec::new();
        if !self.link.is_open() {
            return all;
        }
        let now = self.gateway.now();
        loop {
            let said = match self.decoder.next(&mut input) {
                Ok(None) => return all,
                Ok(Some(Message::Pong(_))) => Said::Pong,
                Ok(Some(Message::Close(reason))) => {
                    Said::End(Close::Answer(reason.map_or(1000, |(code, _)| code)))
                }
                Ok(Some(_)) if !self.quota.take(now) => Said::End(Close::RateLimited),
                Ok(Some(Message::Ping(payload))) => Said::Ping(payload.to_vec()),
                Ok(Some(Message::Text(text))) => protocol::read(text).map_or_else(Said::End, Said::Message),
                Ok(Some(Message::Binary(bytes))) => match std::str::from_utf8(bytes) {
                    Ok(text) => protocol::read(text).map_or_else(Said::End, Said::Message),
                    Err(_) => Said::End(Close::Decode),
                },
                Err(Violation::TooLarge) => Said::End(Close::Decode),
                Err(violation) => Said::End(Close::Protocol(violation)),
            };
            let ends = matches!(said, Said::End(_));
            all.push(said);
            if ends {
                return all;
            }
        }
    }

    async fn do_all(&mut self, all: Vec<Said>) {
        let mut all = VecDeque::from(all);
        while let Some(said) = all.pop_front() {
            match said {
                Said::Pong => {}
                Said::Ping(payload) => self.link.pong(&payload),
                Said::Message(Incoming::Heartbeat(seen)) => self.heartbeat(seen),
                Said::Message(message) => match Box::pin(self.serve(message)).await {
                    Ok(meanwhile) => all.extend(meanwhile),
                    Err(close) => return self.end(close),
                },
                Said::End(close) => return self.end(close),
            }
        }
    }

    /// Pings, and waits until the client has answered, so that what is sent next reaches it in a later read than
    /// what was sent before. Answers what it said meanwhile.
    pub(crate) async fn until_heard(&mut self) -> Vec<Said> {
        let mut meanwhile = Vec::new();
        self.link.ping();
        let answered = async {
            while let Wake::Readable = poll_fn(|cx| self.link.poll_wake(cx)).await {
                match self.read() {
                    Ok(said) => meanwhile.extend(said),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    // The connection's own loop meets the error again.
                    Err(_) => return,
                }
                if meanwhile.iter().any(|said| matches!(said, Said::Pong | Said::End(_))) {
                    return;
                }
            }
        };
        drop(tokio::time::timeout(PONG, answered).await);
        meanwhile
    }

    fn heartbeat(&self, seen: Option<u32>) {
        if let Some(session) = &self.session {
            self.link.expect_by(self.gateway.next_beat());
            if let Some(seen) = seen {
                self.gateway.acknowledged(session, seen);
            }
        }
        self.gateway.say(&self.link, Outgoing::HeartbeatAck);
    }

    /// Does what the client asks; what it said while that was done is returned.
    async fn serve(&mut self, message: Incoming) -> Result<Vec<Said>, Close> {
        match (message, self.session.clone()) {
            (Incoming::Identify(_) | Incoming::Resume(_), Some(_)) => {
                return Err(Close::AlreadyAuthenticated);
            }
            (Incoming::Identify(identify), None) => return self.identify(*identify).await,
            (Incoming::Resume(resume), None) => self.resume(resume).await?,
            (_, None) => return Err(Close::NotAuthenticated),
            (Incoming::Presence(update), Some(session)) => self.gateway.set_presence(&session, update)?,
            (Incoming::Voice(update), Some(session)) => self.gateway.set_voice(&session, update).await?,
            (Incoming::Members(query), Some(session)) => self.gateway.send_members(&session, query).await?,
            (Incoming::Heartbeat(_), Some(_)) => {}
        }
        Ok(Vec::new())
    }

    fn end(&mut self, close: Close) {
        let session = self.session.take();
        // A client that says goodbye ends its session, and may rely on that once it is answered.
        if let Some(session) = &session
            && matches!(close, Close::Answer(1000 | 1001))
        {
            session.let_go_of(&self.link, self.gateway.now());
            self.gateway.end_session(session, close);
            return self.link.close(close, self.gateway.now().after(LINGER));
        }
        self.link.close(close, self.gateway.now().after(LINGER));
        if let Some(session) = session {
            self.gateway.link_lost(&session, &self.link);
        }
    }
}
