//! The log over the database's table, with the newest events kept in memory for those who follow it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Clock, Error, Result};
use parking_lot::RwLock;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::row::{self, Scope};
use super::{Event, NewEvent};
use crate::db::{Batch, Db, Json, Migration, Outcome};
use crate::{params, sql};

/// How many bytes of bodies the log keeps in memory for its followers.
const RECENT_BYTES: usize = 8 * 1024 * 1024;
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
    recent: RwLock<Recent>,
    /// The newest position that is in `recent` or before it.
    head: watch::Sender<u64>,
    /// The newest position that this process's caches have taken in; None while nothing feeds them.
    applied: watch::Sender<Option<u64>>,
    broadcasts: broadcast::Sender<Arc<Event>>,
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
            recent: RwLock::default(),
            head: watch::Sender::new(head),
            applied: watch::Sender::new(None),
            broadcasts: broadcast::channel(1024).0,
        }));
        let follower = log.clone();
        tokio::spawn(async move { stop.run_until_cancelled(follower.follow(head)).await });
        Ok(log)
    }

    /// The newest position that this process knows of.
    pub fn head(&self) -> u64 {
        *self.0.head.borrow()
    }

    /// Adds events to a batch. They must be its last statements: they hold the counter's row until the commit.
    ///
    /// # Errors
    /// If an audience cannot be written down.
    pub fn append(&self, batch: &mut Batch, events: &[NewEvent]) -> Result<()> {
        let count = i64::try_from(events.len()).map_err(Error::internal)?;
        if count == 0 {
            return Ok(());
        }
        let now = self.0.clock.now();
        batch.run(sql!("UPDATE event_head SET position = position + $1"), params![count]);
        // Most events stand alone and have nothing to say of what was before.
        if let [event @ NewEvent { was: None, .. }] = events {
            let scope = Scope::of(event)?;
            batch.run(
                sql!(
                    "INSERT INTO events
                         (position, at, name, scope, guild_id, channel_id, permissions, users, actor_id, body)
                     VALUES ((SELECT position FROM event_head), $1, $2, $3, $4, $5, $6, $7, $8, $9)"
                ),
                params![
                    now,
                    event.name,
                    scope.scope,
                    scope.guild,
                    scope.channel,
                    scope.permissions,
                    scope.users,
                    event.actor,
                    event.body.as_str(),
                ],
            );
        } else {
            let mut rows = Vec::with_capacity(events.len());
            for (ordinal, event) in events.iter().enumerate() {
                let scope = Scope::of(event)?;
                rows.push((
                    ordinal,
                    event.name,
                    scope.scope,
                    scope.guild.map(guildhall_base::Id::get),
                    scope.channel.map(guildhall_base::Id::get),
                    scope.permissions.map(guildhall_base::Permissions::to_db),
                    scope.users,
                    event.actor.map(guildhall_base::Id::get),
                    event.body.as_str(),
                    event.was.as_deref(),
                ));
            }
            batch.run(
                sql!(
                    "INSERT INTO events
                         (position, at, name, scope, guild_id, channel_id, permissions, users, actor_id, body, was)
                     SELECT h.position - $1 + 1 + r.ordinal, $2, r.name, r.scope, r.guild_id, r.channel_id,
                            r.permissions, r.users, r.actor_id, r.body, r.was
                     FROM event_head AS h,
                          {rows $3: ordinal bigint, name text, scope bigint, guild_id bigint, channel_id bigint,
                                    permissions bigint, users text, actor_id bigint, body text, was text} AS r"
                ),
                params![count, now, Json(rows)],
            );
        }
        batch.announce();
        Ok(())
    }

    /// Writes a change and its events in one transaction. When it returns, they are durable and this process's
    /// caches have taken the events in, so that whoever is answered now sees their effect.
    ///
    /// # Errors
    /// What the batch's statements refuse with; then nothing was written.
    pub async fn commit(&self, mut batch: Batch, events: &[NewEvent]) -> Result<Vec<Outcome>> {
        self.append(&mut batch, events)?;
        if events.is_empty() {
            return self.0.db.write(batch).await;
        }
        let position = batch.run(sql!("SELECT position FROM event_head"), params![]);
        let outcomes = self.0.db.write(batch).await?;
        let row = outcomes.get(position).and_then(|outcome| outcome.rows.first());
        let (position,) =
            row.ok_or_else(|| Error::internal("the event log has no head"))?.read::<(i64,)>()?;
        self.applied(position.cast_unsigned()).await;
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
        if let Some(events) = self.0.recent.read().after(position, limit) {
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
        Tail { log: self.clone(), head: self.0.head.subscribe(), position }
    }

    /// Tells everybody who listens now; nothing is stored.
    pub fn broadcast(&self, event: NewEvent) {
        let event = Event {
            position: 0,
            at: self.0.clock.now(),
            name: Arc::from(event.name),
            audience: event.audience,
            actor: event.actor,
            body: event.body.into(),
            was: None,
        };
        // Nobody listening is no error: a worker without a gateway has no one to tell.
        let _ = self.0.broadcasts.send(Arc::new(event));
    }

    /// Listens to what is told without being stored.
    pub fn broadcasts(&self) -> broadcast::Receiver<Arc<Event>> {
        self.0.broadcasts.subscribe()
    }

    /// Moves new rows into memory as they come.
    async fn follow(&self, mut position: u64) {
        let mut announcements = self.0.db.announcements();
        loop {
            match read_table(&self.0.db, position, READ_LIMIT).await {
                Ok(events) if events.is_empty() => {
                    // Both are only hints; the table says what there is.
                    let _ = tokio::time::timeout(POLL, announcements.changed()).await;
                }
                Ok(events) => {
                    let mut recent = self.0.recent.write();
                    for event in events {
                        position = event.position;
                        recent.push(event);
                    }
                    drop(recent);
                    self.0.head.send_replace(position);
                }
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
