//! Sending the same events to many sessions: laid out once per encoding, one write per session.

use std::sync::Arc;

use bytes::Bytes;
use guildhall_base::{Timestamp, UserId};
use guildhall_infra::events::Event;

use super::room::Recipients;
use super::strip::{concerns, strip};
use crate::compression::{Encoding, Press};
use crate::intents::has_content;
use crate::sheet::Sheet;

/// Most events that leave in one write.
const EVENTS: usize = 64;
/// Bytes of bodies after which no further event joins a write.
const BYTES: usize = 48 << 10;

/// Events laid out for each encoding that somebody asks for.
#[derive(Debug)]
pub(crate) struct Spread {
    parts: Vec<(Arc<str>, Bytes)>,
    bytes: usize,
    sheets: [Sheet; Encoding::ALL.len()],
    press: Press,
}

impl Default for Spread {
    fn default() -> Self {
        Self { parts: Vec::new(), bytes: 0, sheets: Encoding::ALL.map(Sheet::new), press: Press::default() }
    }
}

impl Spread {
    /// One event alone.
    pub(crate) fn of(name: Arc<str>, body: Bytes) -> Self {
        let mut spread = Self::default();
        spread.push(name, body);
        spread
    }

    /// Adds one event.
    pub(crate) fn push(&mut self, name: Arc<str>, body: Bytes) {
        self.bytes += body.len();
        self.parts.push((name, body));
    }

    fn clear(&mut self) {
        self.parts.clear();
        self.bytes = 0;
        for sheet in &mut self.sheets {
            sheet.clear();
        }
    }

    /// The events as frames of this encoding.
    pub(crate) fn sheet(&mut self, encoding: Encoding) -> &mut Sheet {
        let [plain, zlib, zstd] = &mut self.sheets;
        let sheet = match encoding {
            Encoding::Plain => plain,
            Encoding::Zlib => zlib,
            Encoding::Zstd => zstd,
        };
        if sheet.len() < self.parts.len() {
            for (name, body) in self.parts.iter().skip(sheet.len()) {
                sheet.add(name, body, &mut self.press);
            }
        }
        sheet
    }
}

/// Collects consecutive events that go to the same sessions.
#[derive(Debug, Default)]
pub(super) struct Fan {
    recipients: Arc<Recipients>,
    positions: Vec<u64>,
    whole: Spread,
    bare: Spread,
    /// Those of the stripped recipients who see the content all the same.
    concerned: Vec<UserId>,
    /// Bytes that may wait for one reader.
    most: usize,
}

impl Fan {
    pub(super) fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// How many events have been collected.
    pub(super) fn len(&self) -> usize {
        self.positions.len()
    }

    /// Whether nothing has been collected.
    pub(super) fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    /// Whether no further event would join.
    pub(super) fn is_full(&self) -> bool {
        self.len() >= EVENTS || self.whole.bytes >= BYTES
    }

    /// How many sessions it goes to.
    pub(super) fn width(&self) -> u32 {
        let recipients = self.recipients.full.len() + self.recipients.stripped.len();
        u32::try_from(recipients).unwrap_or(u32::MAX)
    }

    /// Adds an event; sends what it cannot join. Answers with how many frames were sent.
    pub(super) fn take(&mut self, event: &Event, recipients: Arc<Recipients>, now: Timestamp) -> u64 {
        if recipients.is_empty() {
            return 0;
        }
        let mut concerned = Vec::new();
        let mut bare = event.body.clone();
        if !recipients.stripped.is_empty() && has_content(&event.name) {
            concerned = concerns(&event.body);
            concerned.retain(|user| recipients.stripped_users.contains(user));
            bare = strip(&event.body).into();
        }
        let joins = Arc::ptr_eq(&self.recipients, &recipients)
            && self.concerned == concerned
            && self.positions.len() < EVENTS
            && self.whole.bytes + event.body.len() <= BYTES;
        let sent = if joins { 0 } else { self.flush(now) };
        if !recipients.stripped.is_empty() {
            self.bare.push(event.name.clone(), bare);
        }
        self.whole.push(event.name.clone(), event.body.clone());
        self.positions.push(event.position);
        (self.recipients, self.concerned) = (recipients, concerned);
        sent
    }

    /// Sends what has been collected.
    pub(super) fn flush(&mut self, now: Timestamp) -> u64 {
        if self.positions.is_empty() {
            return 0;
        }
        let mut sent = 0;
        let recipients = std::mem::take(&mut self.recipients);
        for session in &recipients.full {
            sent += session.deliver(&self.positions, &mut self.whole, self.most, now);
        }
        for session in &recipients.stripped {
            let concerned = self.concerned.contains(&session.record.user);
            let spread = if concerned { &mut self.whole } else { &mut self.bare };
            sent += session.deliver(&self.positions, spread, self.most, now);
        }
        self.positions.clear();
        self.whole.clear();
        self.bare.clear();
        sent
    }
}
