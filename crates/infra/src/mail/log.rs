//! The driver that sends nothing: mails are logged and the latest kept, for development.

use std::collections::VecDeque;
use std::sync::Arc;

use guildhall_base::{Clock, Timestamp};
use parking_lot::Mutex;

use super::Mail;

/// How many are kept.
const MOST: usize = 100;

/// A mail that would have been sent.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Counts from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub mail: Mail,
}

/// The latest mails, in memory only. Clones share them.
#[derive(Clone)]
pub struct Letters {
    clock: Clock,
    kept: Arc<Mutex<VecDeque<Kept>>>,
}

impl Letters {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, kept: Arc::default() }
    }

    pub(super) fn keep(&self, mail: &Mail) {
        tracing::info!(to = mail.to, subject = mail.subject, "a mail was not sent: the driver is \"log\"");
        tracing::debug!(text = mail.text, "what it says");
        let mut kept = self.kept.lock();
        let number = kept.back().map_or(1, |last| last.number + 1);
        kept.push_back(Kept { number, at: self.clock.now(), mail: mail.clone() });
        if kept.len() > MOST {
            kept.pop_front();
        }
    }

    /// All of them, the newest first.
    pub fn all(&self) -> Vec<Kept> {
        self.kept.lock().iter().rev().cloned().collect()
    }

    /// The one of this number.
    pub fn get(&self, number: u64) -> Option<Kept> {
        self.kept.lock().iter().find(|kept| kept.number == number).cloned()
    }
}
