//! Presence: who is online with what status. In memory only, and only for users with a connection to this process.

use std::sync::Arc;

use dashmap::DashMap;
use guildhall_base::{GuildId, UserId};
use guildhall_infra::events::{Audience, Event};
use serde_json::{Value, json};

use crate::Gateway;
use crate::protocol::{Close, PresenceUpdate};
use crate::session::Session;

/// What somebody shows.
#[derive(Debug, Clone, PartialEq)]
struct Presence {
    status: &'static str,
    activities: Vec<Value>,
    bot: bool,
}

/// Everybody who is not offline.
#[derive(Debug, Default)]
pub(crate) struct Presences(DashMap<UserId, Presence>);

impl Presence {
    fn body(&self, user: UserId, guild: Option<GuildId>) -> Value {
        let status = shown(self.status);
        let client = if self.bot { "web" } else { "desktop" };
        let client_status = if status == "offline" { json!({}) } else { json!({ client: status }) };
        let activities: &[Value] = if status == "offline" { &[] } else { &self.activities };
        let mut body = json!({
            "user": { "id": user }, "status": status, "activities": activities, "client_status": client_status,
        });
        if let (Some(guild), Some(body)) = (guild, body.as_object_mut()) {
            body.insert("guild_id".to_owned(), json!(guild));
        }
        body
    }
}

/// What others see of a status.
fn shown(status: &'static str) -> &'static str {
    if status == "invisible" { "offline" } else { status }
}

fn status(text: Option<&str>) -> &'static str {
    ["idle", "dnd", "invisible", "offline"].into_iter().find(|known| text == Some(known)).unwrap_or("online")
}

impl Gateway {
    /// Op 3, also part of IDENTIFY.
    pub(crate) fn set_presence(&self, session: &Session, update: PresenceUpdate) -> Result<(), Close> {
        let mut activities = update.activities.unwrap_or_else(|| update.game.into_iter().collect());
        activities.retain(Value::is_object);
        for activity in activities.iter_mut().filter_map(Value::as_object_mut) {
            // Required of what is sent on, optional in what comes.
            activity.entry("type").or_insert(json!(0));
            activity.entry("created_at").or_insert(json!(self.now().millis()));
            activity.entry("id").or_insert(json!("custom"));
        }
        let presence =
            Presence { status: status(update.status.as_deref()), activities, bot: session.record.bot };
        let user = session.record.user;
        self.chat().world().set_online(user, shown(presence.status) != "offline");
        if self.presences().0.insert(user, presence.clone()).as_ref() != Some(&presence) {
            self.tell_presence(session, user, &presence);
        }
        Ok(())
    }

    /// A session has a connection again; it shows what it showed, or just that it is online.
    pub(crate) fn came_online(&self, session: &Session) {
        if !self.presences().0.contains_key(&session.record.user) {
            // Cannot fail: there is nothing wrong with an empty update.
            let _ = self.set_presence(session, PresenceUpdate::default());
        }
    }

    /// A session has lost its connection: its user goes offline, unless another session has one.
    pub(crate) fn may_have_gone(&self, session: &Session) {
        let user = session.record.user;
        let sessions = self.hub().lock().sessions_of(user).to_vec();
        if sessions.iter().any(|other| other.link().is_some()) {
            return;
        }
        if let Some((_, presence)) = self.presences().0.remove(&user) {
            self.chat().world().set_online(user, false);
            self.tell_presence(session, user, &Presence { status: "offline", ..presence });
        }
    }

    fn tell_presence(&self, session: &Session, user: UserId, presence: &Presence) {
        for guild in session.guilds() {
            if self.hub().lock().has_watchers(guild) {
                let body = presence.body(user, Some(guild)).to_string();
                self.tell(&self.unlogged("PRESENCE_UPDATE", Audience::Guild(guild), body));
            }
        }
    }

    /// The presences of those of these users who are not offline.
    pub(crate) fn presences_of(&self, users: &[UserId], guild: Option<GuildId>) -> Vec<Value> {
        let all = &self.presences().0;
        if all.len() < users.len() {
            let users: std::collections::HashSet<_> = users.iter().collect();
            let here = all.iter().filter(|entry| users.contains(entry.key()));
            return here
                .filter(|entry| shown(entry.status) != "offline")
                .map(|e| e.body(*e.key(), guild))
                .collect();
        }
        let here = users.iter().filter_map(|user| all.get(user));
        here.filter(|entry| shown(entry.status) != "offline")
            .map(|entry| entry.body(*entry.key(), guild))
            .collect()
    }

    /// An event that is not in the log.
    pub(crate) fn unlogged(&self, name: &str, audience: Audience, body: String) -> Event {
        Event { position: 0, at: self.now(), name: Arc::from(name), audience, actor: None, body: body.into() }
    }
}
