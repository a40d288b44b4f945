//! The driver: follows the log, takes each event in, and has it sent.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use guildhall_accounts::events::{CREDENTIALS_ENDED, CredentialsEnded, USER_SETTINGS_UPDATE};
use guildhall_accounts::{Bond, Settings};
use guildhall_base::{ChannelId, GuildId, UserId};
use guildhall_infra::events::{Audience, Event};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;

use super::fan::{Fan, Spread};
use super::pace::Pace;
use super::room::Change;
use super::turn::{Own, Turn};
use crate::Gateway;
use crate::intents::Intents;
use crate::protocol::Close;

/// Events that are read from the log at once.
const READ: usize = 256;

impl Gateway {
    /// Follows the log. Only one may run in a process: it is also what keeps the world current.
    pub(crate) async fn dispatch(&self) {
        let mut tail = self.log().tail(self.world().position());
        self.log().mark_applied(tail.position());
        let mut fan = Fan::new(self.config().queue_bytes);
        let mut pace = Pace::default();
        loop {
            match tail.next(READ).await {
                Ok(None) => return,
                Ok(Some(events)) => {
                    for event in &events {
                        self.take(event, &mut fan).await;
                    }
                    if let Some(until) = pace.gather(&fan)
                        && tokio::time::timeout_at(until, tail.ready()).await.is_ok()
                    {
                        continue;
                    }
                    pace.flushed(&fan);
                    self.count(fan.flush(self.now()));
                    // A long batch must not keep the connections of this thread waiting.
                    tokio::task::yield_now().await;
                }
                Err(error) => {
                    tracing::warn!(%error, "the log cannot be followed; trying again");
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                }
            }
        }
    }

    /// Passes on what is told without being stored.
    pub(crate) async fn relay(&self) {
        let mut broadcasts = self.log().broadcasts();
        loop {
            match broadcasts.recv().await {
                Ok(event) => self.tell(&event),
                Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "broadcasts were dropped"),
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Sends an event that is not in the log to those who may see it.
    pub(crate) fn tell(&self, event: &Event) {
        let recipients = self.hub().lock().recipients(self.world(), event);
        if recipients.is_empty() {
            return;
        }
        let mut spread = Spread::of(event.name.clone(), event.body.clone());
        for session in recipients.full.iter().chain(&recipients.stripped) {
            session.tell(&mut spread, self.config().queue_bytes);
        }
    }

    async fn take(&self, event: &Arc<Event>, fan: &mut Fan) {
        if &*event.name == CREDENTIALS_ENDED {
            self.close_ended(event);
        }
        if &*event.name == USER_SETTINGS_UPDATE
            && let (Some(user), Ok(settings)) = (event.actor, event.parse::<Settings>())
        {
            self.settings_changed(user, &settings);
        }
        self.load_for(event).await;
        let Turn { recipients, own, changes } = self.hub().lock().take(self.world(), event);
        if self.has_voices_to_follow(event) {
            self.voices_follow(event).await;
        }
        self.log().mark_applied(event.position);
        let now = self.now();
        if own.is_empty() && changes.is_empty() {
            self.count(fan.take(event, recipients, now));
            if &*event.name == "RELATIONSHIP_ADD" {
                self.count(fan.flush(now));
                self.introduce(event);
            }
            return;
        }
        self.count(fan.flush(now));
        if let Some(guild) = event.audience.guild() {
            self.tell_changes(guild, &changes, |change| &change.gained, "CHANNEL_CREATE");
        }
        self.count(fan.take(event, recipients, now));
        self.count(fan.flush(now));
        if let Some(guild) = event.audience.guild() {
            self.tell_changes(guild, &changes, |change| &change.lost, "CHANNEL_DELETE");
        }
        for (session, what) in own {
            let (name, body) = match what {
                Own::AsIs => (event.name.clone(), event.body.clone()),
                Own::GuildDelete(guild) => (Arc::from("GUILD_DELETE"), guild_delete(guild)),
                Own::GuildCreate(guild) => {
                    (Arc::from("GUILD_CREATE"), self.guild_create(&session, guild).await)
                }
            };
            let mut spread = Spread::of(name, body);
            self.count(session.deliver(&[event.position], &mut spread, self.config().queue_bytes, now));
        }
    }

    /// Friends see each other's presences from now on.
    fn introduce(&self, event: &Event) {
        #[derive(Deserialize)]
        struct Other {
            id: UserId,
            r#type: u8,
        }
        if let (Audience::Users(who), Ok(other)) = (&event.audience, event.parse::<Other>())
            && other.r#type == Bond::Friend.number()
        {
            self.tell_presence_to(who.clone(), other.id);
        }
    }

    /// Closes the connections of whoever was signed out.
    fn close_ended(&self, event: &Event) {
        let Ok(ended) = event.parse::<CredentialsEnded>() else { return };
        // Whoever is just entering asks again once they have.
        self.accounts().forget_credentials(ended.user_id);
        let sessions = self.hub().lock().sessions_of(ended.user_id).to_vec();
        for session in sessions.into_iter().filter(|session| session.is_ended_by(&ended)) {
            self.end_session(&session, Close::AuthenticationFailed);
        }
    }

    /// Loads the guild that one of our users has just come into, or that fell out of memory.
    async fn load_for(&self, event: &Event) {
        let Some(guild) = event.audience.guild() else { return };
        if self.world().loaded(guild).is_some() {
            return;
        }
        let wanted = {
            let rooms = self.hub().lock();
            let is_ours = |user| !rooms.sessions_of(user).is_empty();
            rooms.has_room(guild) || (&*event.name == "GUILD_MEMBER_ADD" && event.actor.is_some_and(is_ours))
        };
        if wanted && let Err(error) = self.world().guild(guild).await {
            tracing::error!(%error, %guild, "a guild could not be loaded");
        }
    }

    fn tell_changes(
        &self,
        guild: GuildId,
        changes: &[Change],
        which: impl Fn(&Change) -> &Vec<ChannelId>,
        name: &'static str,
    ) {
        let Some(room) = self.world().loaded(guild) else { return };
        let mut spreads: HashMap<ChannelId, Option<Spread>> = HashMap::new();
        for change in changes.iter().filter(|change| change.session.record.intents.contain(Intents::GUILDS)) {
            for channel in which(change) {
                let spread = spreads.entry(*channel).or_insert_with(|| {
                    let state = room.read();
                    let channel = state.channels.get(channel)?.wire();
                    let name = match (channel.kind.is_thread(), name) {
                        (true, "CHANNEL_CREATE") => "THREAD_CREATE",
                        (true, _) => "THREAD_DELETE",
                        (false, name) => name,
                    };
                    Some(Spread::of(Arc::from(name), serde_json::to_vec(&channel).ok()?.into()))
                });
                if let Some(spread) = spread {
                    change.session.tell(spread, self.config().queue_bytes);
                }
            }
        }
    }

    fn count(&self, sent: u64) {
        if sent > 0 {
            metrics::counter!("gateway_events_sent_total").increment(sent);
        }
    }
}

/// What somebody who is no member any more is told.
pub(crate) fn guild_delete(guild: GuildId) -> Bytes {
    format!(r#"{{"id":"{guild}"}}"#).into()
}
