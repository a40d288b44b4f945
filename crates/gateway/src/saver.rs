//! What is to be written to the tables, collected and written together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Result, Timestamp, UserId};
use parking_lot::Mutex;

use crate::Gateway;
use crate::session::{Record, Session};
use crate::store::{Saved, Starts};

#[derive(Debug, Default)]
struct Pending {
    sessions: HashMap<Arc<str>, Saved>,
    ended: Vec<String>,
    starts: HashMap<UserId, Starts>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Saver(Mutex<Pending>);

impl Saver {
    /// Notes how often an account began a session.
    pub(crate) fn starts(&self, user: UserId, starts: Starts) {
        self.0.lock().starts.insert(user, starts);
    }
}

impl Gateway {
    /// Notes a number that a session's client has seen, and its position.
    pub(crate) fn save(&self, record: &Record, (s, position): (u32, u64)) {
        let saved = Saved { record: record.clone(), s, position, seen_at: self.now() };
        self.saver().0.lock().sessions.insert(record.id.clone(), saved);
    }

    /// The client has seen everything up to `s`.
    pub(crate) fn acknowledged(&self, session: &Session, s: u32) {
        if let Some(pair) = session.acknowledged(s) {
            self.save(&session.record, pair);
        }
    }

    /// Notes that a session is over.
    pub(crate) fn forget(&self, record: &Record) {
        let mut pending = self.saver().0.lock();
        pending.sessions.remove(&record.id);
        pending.ended.push(record.id.to_string());
    }

    /// Writes what has been noted.
    pub(crate) async fn write_down(&self) -> Result<()> {
        let Pending { sessions, ended, starts } = std::mem::take(&mut *self.saver().0.lock());
        if sessions.is_empty() && ended.is_empty() && starts.is_empty() {
            return Ok(());
        }
        let sessions: Vec<Saved> = sessions.into_values().collect();
        let starts: Vec<_> = starts.into_iter().collect();
        self.store().write(&sessions, &ended, &starts).await
    }

    /// Before when a session of no process must have been seen last to be forgotten.
    pub(crate) fn expired(&self) -> Timestamp {
        let config = self.config();
        self.now().before(config.session_life + config.heartbeat * 2 + Duration::from_secs(3600))
    }
}
