//! The newest events in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::{Notify, watch};

use super::Event;

/// How many bytes of bodies are kept for those who follow the log.
const RECENT_BYTES: usize = 8 * 1024 * 1024;

/// What is known of the log without asking the database. Apart from the log, because the database's own thread
/// holds it while it tells of a commit.
pub(super) struct Memory {
    recent: RwLock<Recent>,
    /// The newest position that is in `recent` or before it; changed with `recent` locked.
    head: watch::Sender<u64>,
    /// Something was committed that does not follow on the head: what lies between is to be read.
    gap: Notify,
}

impl Memory {
    /// Knows nothing up to `head`.
    pub(super) fn new(head: u64) -> Self {
        Self { recent: RwLock::default(), head: watch::Sender::new(head), gap: Notify::new() }
    }

    /// The newest position.
    pub(super) fn head(&self) -> u64 {
        *self.head.borrow()
    }

    /// Changes with the newest position.
    pub(super) fn follow(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// The events after a position, or None if some of them are no longer here.
    pub(super) fn after(&self, position: u64, limit: usize) -> Option<Vec<Arc<Event>>> {
        self.recent.read().after(position, limit)
    }

    /// Says that there is something to be read.
    pub(super) fn has_gap(&self) {
        self.gap.notify_one();
    }

    /// Waits until there is.
    pub(super) async fn gap(&self) {
        self.gap.notified().await;
    }

    /// Takes in events that were just committed, the last of them at `last`.
    pub(super) fn committed(&self, last: u64, events: &[Event]) {
        let Some(first) = last.checked_sub(events.len() as u64).map(|before| before + 1) else { return };
        let mut recent = self.recent.write();
        if *self.head.borrow() + 1 != first {
            // Others wrote in between, or their own commits are told later than they happened.
            return self.has_gap();
        }
        for (position, event) in (first..).zip(events) {
            recent.push(Arc::new(Event { position, ..event.clone() }));
        }
        self.head.send_replace(last);
    }

    /// Takes in what was read from the table; some of it may have come already.
    pub(super) fn found(&self, events: Vec<Arc<Event>>) {
        let mut recent = self.recent.write();
        let before = *self.head.borrow();
        let mut head = before;
        for event in events {
            if event.position == head + 1 {
                head = event.position;
                recent.push(event);
            }
        }
        if head > before {
            self.head.send_replace(head);
        }
    }
}

/// The newest events, in order and without gaps.
#[derive(Default)]
struct Recent {
    events: VecDeque<Arc<Event>>,
    bytes: usize,
}

impl Recent {
    fn push(&mut self, event: Arc<Event>) {
        self.bytes += event.body.len();
        self.events.push_back(event);
        while self.bytes > RECENT_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.body.len();
        }
    }

    /// The events after a position, or None if some of them are no longer here.
    fn after(&self, position: u64, limit: usize) -> Option<Vec<Arc<Event>>> {
        let first = self.events.front()?.position;
        let skip = usize::try_from((position + 1).checked_sub(first)?).ok()?;
        Some(self.events.iter().skip(skip).take(limit).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use guildhall_base::Timestamp;

    use super::super::Audience;
    use super::*;

    fn event(position: u64) -> Event {
        let (name, body) = ("X".into(), "{}".into());
        Event {
            position,
            at: Timestamp::from_millis(0),
            name,
            audience: Audience::Internal,
            actor: None,
            body,
            was: None,
        }
    }

    fn positions(memory: &Memory, after: u64) -> Vec<u64> {
        memory.after(after, 100).unwrap_or_default().iter().map(|event| event.position).collect()
    }

    #[tokio::test]
    async fn what_is_told_out_of_order_is_read_and_comes_once() {
        let memory = Memory::new(4);
        memory.committed(6, &[event(0), event(0)]);
        assert_eq!((memory.head(), positions(&memory, 4)), (6, vec![5, 6]));
        memory.committed(8, &[event(0)]);
        assert_eq!(memory.head(), 6, "the 7th is missing");
        memory.gap().await;
        memory.found([6, 7, 8].map(event).map(Arc::new).into());
        assert_eq!((memory.head(), positions(&memory, 4)), (8, vec![5, 6, 7, 8]));
        memory.committed(7, &[event(0)]);
        memory.committed(9, &[event(0)]);
        assert_eq!((memory.head(), positions(&memory, 6)), (9, vec![7, 8, 9]));
    }
}
