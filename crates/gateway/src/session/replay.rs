//! Sending a session what it has missed, straight from the log, until its connection can go on live.

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use guildhall_base::{Error, Result};
use guildhall_infra::events::Event;

use super::Session;
use crate::Gateway;
use crate::hub::{Spread, concerns, guild_delete, strip};
use crate::intents::{Intents, has_content};
use crate::link::{Connection, Link};
use crate::protocol::{Close, dispatch};

/// Events that are read at once.
const READ: usize = 256;
/// Events that are laid out at once.
const PART: usize = 32;

impl Connection {
    /// Sends everything after `s`, then lets events come as they happen.
    pub(super) async fn catch_up(
        &self,
        session: &Arc<Session>,
        mut s: u32,
        resumed: bool,
    ) -> Result<(), Close> {
        let last_words = |s| {
            if resumed
                && let Ok(json) = dispatch("RESUMED", s, &serde_json::json!({ "_trace": ["guildhall"] }))
            {
                self.gateway.say_json(&self.link, &json);
            }
        };
        while let Some(missed) = session.go_live(s, &self.link, last_words)? {
            if !self.link.is_open() {
                return Ok(());
            }
            let sent = self.gateway.replay(session, &self.link, s, &missed).await;
            s += sent.map_err(|error| Close::fault(&error))?;
        }
        Ok(())
    }
}

impl Gateway {
    /// Waits until little enough waits for a connection that events may follow.
    pub(crate) async fn flushed(&self, link: &Link) {
        poll_fn(|cx| link.poll_flush(cx, self.config().queue_bytes / 2)).await;
    }

    /// Sends the events at these positions, numbered from after `s`; answers with how many.
    async fn replay(&self, session: &Arc<Session>, link: &Link, s: u32, positions: &[u64]) -> Result<u32> {
        let mut sent = 0;
        let mut rest = positions;
        while let Some(first) = rest.first() {
            let events = self.log().read_after(first - 1, READ).await?;
            let Some(reached) = events.last().map(|event| event.position) else {
                return Err(Error::internal("an event that was to be sent again is not in the log"));
            };
            let (now, later) = rest.split_at(rest.partition_point(|position| *position <= reached));
            let wanted: Vec<_> =
                events.iter().filter(|event| now.binary_search(&event.position).is_ok()).collect();
            if wanted.len() < now.len() {
                return Err(Error::internal("an event that was to be sent again is no more in the log"));
            }
            for part in wanted.chunks(PART) {
                let mut spread = Spread::default();
                for event in part {
                    let (name, body) = self.render(session, event).await;
                    spread.push(name, body);
                }
                link.send(spread.sheet(link.encoding).numbered(s + sent + 1), usize::MAX);
                sent += u32::try_from(part.len()).unwrap_or_default();
                self.flushed(link).await;
            }
            rest = later;
        }
        Ok(sent)
    }

    /// An event as one session sees it.
    async fn render(&self, session: &Session, event: &Event) -> (Arc<str>, Bytes) {
        let record = &session.record;
        let as_is = (event.name.clone(), event.body.clone());
        let Some(guild) = event.audience.guild() else { return as_is };
        if event.actor == Some(record.user) {
            match &*event.name {
                "GUILD_MEMBER_ADD" => {
                    return (Arc::from("GUILD_CREATE"), self.guild_create(session, guild).await);
                }
                "GUILD_MEMBER_REMOVE" => return (Arc::from("GUILD_DELETE"), guild_delete(guild)),
                _ => {}
            }
        }
        let hidden = has_content(&event.name) && !record.intents.contain(Intents::CONTENT);
        if hidden && !concerns(&event.body).contains(&record.user) {
            return (event.name.clone(), strip(&event.body).into());
        }
        as_is
    }
}
