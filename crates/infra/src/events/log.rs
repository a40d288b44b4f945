//! The log over the database's table, with the newest events kept in memory for those who follow it.

use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Clock, Error, Result};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::append::{insert, insert_all, position};
use super::memory::Memory;
use super::row;
use super::{Event, NewEvent};
use crate::db::{Batch, Db, Migration, Outcome};
use crate::{params, sql};

/// How many events are read from the table at once.
const READ_LIMIT: i64 = 512;
/// How often the table is looked at without having been told: other processes may write to it.
const POLL: Duration = Duration::from_millis(200);

/// The log's table.
pub fn migrations() -> Vec<Migration> {
    vec![
        Migration { name: "infra/events", sql: include_str!("../../migrations/events.sql") },
        Migration { name: "infra/events_was", sql: include_str!("../../migrations/events_was.sql") },
    ]
}

/// The event log of one database. Cheap to clone.
#[derive(Clone)]
pub struct EventLog(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    memory: Arc<Memory>,
    /// The newest position that this process's caches have taken in; None while nothing feeds them.
    applied: watch::Sender<Option<u64>>,
    broadcasts: broadcast::Sender<Arc<Event>>,
}

impl EventLog {
    /// Opens the log and starts following its table until `stop`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn open(db: Db, clock: Clock, stop: CancellationToken) -> Result<Self> {
        let head = newest(&db).await?;
        let log = Self(Arc::new(Inner {
            db,
            clock,
            memory: Arc::new(Memory::new(head)),
            applied: watch::Sender::new(None),
            broadcasts: broadcast::channel(1024).0,
        }));
        let follower = log.clone();
        tokio::spawn(async move { stop.run_until_cancelled(follower.follow()).await });
        Ok(log)
    }

    /// The newest position that this process knows of.
    pub fn head(&self) -> u64 {
        self.0.memory.head()
    }

    /// Adds events to a batch. They must be its last statements: they hold the counter's row until the commit. Gives
    /// the index of the outcome that has the last one's position, if there are any.
    ///
    /// # Errors
    /// If an audience cannot be written down.
    pub fn append(&self, batch: &mut Batch, events: &[NewEvent]) -> Result<Option<usize>> {
        let count = i64::try_from(events.len()).map_err(Error::internal)?;
        if count == 0 {
            return Ok(None);
        }
        let now = self.0.clock.now();
        let (mut last, before) = (Batch::new(), batch.len());
        let index = last
            .run(sql!("UPDATE event_head SET position = position + $1 RETURNING position"), params![count]);
        match events {
            // Most events stand alone and have nothing to say of what was before.
            [event @ NewEvent { was: None, .. }] => insert(&mut last, event, now)?,
            _ => insert_all(&mut last, events, now)?,
        }
        // They go from here to those who follow the log; only other processes' are read from the table.
        let memory = self.0.memory.clone();
        let events: Vec<Event> = events.iter().map(|event| event.at(0, now)).collect();
        last.tell(move |outcomes| match position(outcomes, index) {
            Ok(last) => memory.committed(last, &events),
            Err(_) => memory.has_gap(),
        });
        batch.queue(last);
        let index = before + index;
        Ok(Some(index))
    }

    /// Writes a change and its events in one transaction. When it returns, they are durable and this process's
    /// caches have taken the events in, so that whoever is answered now sees their effect.
    ///
    /// # Errors
    /// What the batch's statements refuse with; then nothing was written.
    pub async fn commit(&self, mut batch: Batch, events: &[NewEvent]) -> Result<Vec<Outcome>> {
        let index = self.append(&mut batch, events)?;
        let outcomes = self.0.db.write(batch).await?;
        if let Some(index) = index {
            self.applied(position(&outcomes, index)?).await;
        }
        Ok(outcomes)
    }

    /// The same for events that no cache is made of, such as a message: returns as soon as they are durable.
    ///
    /// # Errors
    /// As [`EventLog::commit`].
    pub async fn commit_leaf(&self, mut batch: Batch, events: &[NewEvent]) -> Result<Vec<Outcome>> {
        self.append(&mut batch, events)?;
        self.0.db.write(batch).await
    }

    /// Says that this process's caches have taken in everything up to a position. From the first call on,
    /// [`EventLog::commit`] waits for them.
    pub fn mark_applied(&self, position: u64) {
        self.0.applied.send_if_modified(|applied| {
            let newer = applied.is_none_or(|applied| position > applied);
            if newer {
                *applied = Some(position);
            }
            newer
        });
    }

    /// Waits until the caches have taken in a position; not at all in a process that has none.
    pub async fn applied(&self, position: u64) {
        let mut applied = self.0.applied.subscribe();
        // The sender lives in `self`, so this cannot fail.
        let _ = applied.wait_for(|applied| applied.is_none_or(|applied| applied >= position)).await;
    }

    /// Reads up to `limit` events after a position, oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn read_after(&self, position: u64, limit: usize) -> Result<Vec<Arc<Event>>> {
        if position >= self.head() {
            return Ok(Vec::new());
        }
        if let Some(events) = self.0.memory.after(position, limit) {
            return Ok(events);
        }
        read_table(&self.0.db, position, i64::try_from(limit).unwrap_or(READ_LIMIT)).await
    }

    /// The position before the oldest event that can still be read.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn trimmed_to(&self) -> Result<u64> {
        let oldest =
            sql!("SELECT COALESCE(MIN(position) - 1, (SELECT position FROM event_head)) FROM events");
        Ok(self.0.db.one(oldest, params![]).await?.get::<i64>(0)?.cast_unsigned())
    }

    /// Deletes events older than `age`. Who wants to resume from before them must start anew.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn trim(&self, age: Duration) -> Result<u64> {
        let mut batch = Batch::new();
        let before = self.0.clock.now().before(age);
        batch.run(sql!("DELETE FROM events WHERE at < $1"), params![before]);
        let outcomes = self.0.db.write(batch).await?;
        Ok(outcomes.first().map_or(0, |outcome| outcome.affected))
    }

    /// Follows the log from after a position.
    pub fn tail(&self, position: u64) -> Tail {
        Tail { log: self.clone(), head: self.0.memory.follow(), position }
    }

    /// Tells everybody who listens now; nothing is stored.
    pub fn broadcast(&self, event: NewEvent) {
        let event = event.at(0, self.0.clock.now());
        // Nobody listening is no error: a worker without a gateway has no one to tell.
        let _ = self.0.broadcasts.send(Arc::new(event));
    }

    /// Listens to what is told without being stored.
    pub fn broadcasts(&self) -> broadcast::Receiver<Arc<Event>> {
        self.0.broadcasts.subscribe()
    }

    /// Moves into memory what this process has not been told of: other processes' events, and what was told out of
    /// its order.
    async fn follow(&self) {
        let mut announcements = self.0.db.announcements();
        loop {
            match read_table(&self.0.db, self.head(), READ_LIMIT).await {
                Ok(events) if events.is_empty() => {
                    // All are only hints; the table says what there is.
                    tokio::select! {
                        _ = announcements.changed() => {}
                        () = self.0.memory.gap() => {}
                        () = tokio::time::sleep(POLL) => {}
                    }
                }
                Ok(events) => self.0.memory.found(events),
                Err(error) => {
                    tracing::warn!(%error, "the event log cannot be read; trying again");
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }
}

async fn newest(db: &Db) -> Result<u64> {
    Ok(db.one(sql!("SELECT position FROM event_head"), params![]).await?.get::<i64>(0)?.cast_unsigned())
}

async fn read_table(db: &Db, position: u64, limit: i64) -> Result<Vec<Arc<Event>>> {
    let rows = db
        .all(
            sql!(
                "SELECT position, at, name, scope, guild_id, channel_id, permissions, users, actor_id, body, was
                 FROM events WHERE position > $1 ORDER BY position LIMIT $2"
            ),
            params![position.cast_signed(), limit],
        )
        .await?;
    rows.iter().map(|row| row::event(row).map(Arc::new)).collect()
}

/// One reader's place in the log.
pub struct Tail {
    log: EventLog,
    head: watch::Receiver<u64>,
    position: u64,
}

impl Tail {
    /// The position of the last event that was handed out.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Waits until there are events that [`Tail::next`] would return at once; also returns when the log is closed.
    pub async fn ready(&mut self) {
        let position = self.position;
        // An error says that nothing will come any more, which `next` says too.
        let _ = self.head.wait_for(|head| *head > position).await;
    }

    /// Waits for events and returns all that are there, up to `limit`, oldest first; never none. None when the
    /// log is closed.
    ///
    /// # Errors
    /// If the database cannot be read; the place is kept, so the call may be repeated.
    pub async fn next(&mut self, limit: usize) -> Result<Option<Vec<Arc<Event>>>> {
        let position = self.position;
        if self.head.wait_for(|head| *head > position).await.is_err() {
            return Ok(None);
        }
        let events = self.log.read_after(self.position, limit).await?;
        if let Some(last) = events.last() {
            self.position = last.position;
        }
        Ok(Some(events))
    }
}
