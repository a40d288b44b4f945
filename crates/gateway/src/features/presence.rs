//! Presence: who is online with what status. In memory only, and only for users with a connection to this process.
//!
//! Each session states something (in IDENTIFY or by op 3); a person has besides chosen a status in their settings.
//! Others see one presence per user, put together by [`together`].

use std::sync::Arc;

use dashmap::DashMap;
use guildhall_accounts::Settings;
use guildhall_base::{GuildId, UserId};
use guildhall_infra::events::{Audience, Event};
use serde_json::{Value, json};

use crate::Gateway;
use crate::protocol::{Close, PresenceUpdate};
use crate::session::Session;

/// What one session says of its user.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stated {
    /// Whether somebody is connected with it.
    here: bool,
    /// What it said last; nothing yet counts as online.
    said: Option<Said>,
    /// What the user chose in their settings; bots have none.
    chosen: Option<Chosen>,
}

#[derive(Debug, Clone, PartialEq)]
struct Said {
    status: &'static str,
    activities: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq)]
struct Chosen {
    status: &'static str,
    activity: Option<Value>,
}

/// What somebody shows.
#[derive(Debug, Clone, PartialEq)]
struct Presence {
    status: &'static str,
    activities: Vec<Value>,
    bot: bool,
}

/// Everybody who is connected.
#[derive(Debug, Default)]
pub(crate) struct Presences {
    all: DashMap<UserId, Presence>,
    /// Whose turn it is to tell friends, so that the last word is the latest.
    friends: tokio::sync::Mutex<()>,
}

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

    fn is_seen(&self) -> bool {
        shown(self.status) != "offline"
    }
}

/// What others see of a status.
fn shown(status: &'static str) -> &'static str {
    if status == "invisible" { "offline" } else { status }
}

fn status(text: Option<&str>) -> &'static str {
    ["idle", "dnd", "invisible", "offline"].into_iter().find(|known| text == Some(known)).unwrap_or("online")
}

/// Of several sessions' statuses the one that counts: who wants no disturbance gets none, who is active somewhere is
/// not idle, who is seen somewhere is not invisible.
fn weight(status: &str) -> u8 {
    ["dnd", "online", "idle", "invisible"]
        .iter()
        .rev()
        .position(|known| *known == status)
        .map_or(0, |n| n as u8 + 1)
}

/// What a user shows whose sessions state these; `None` if nobody is connected. A status chosen in the settings
/// holds for all sessions, unless it is the ordinary `online`.
fn together<'a>(sessions: impl Iterator<Item = &'a Stated>, bot: bool) -> Option<Presence> {
    let mut presence: Option<Presence> = None;
    for stated in sessions.filter(|stated| stated.here) {
        let first = presence.is_none();
        let all = presence.get_or_insert(Presence { status: "offline", activities: Vec::new(), bot });
        if let (true, Some(activity)) = (first, stated.chosen.as_ref().and_then(|c| c.activity.clone())) {
            all.activities.push(activity);
        }
        let chosen = stated.chosen.as_ref().map(|chosen| chosen.status).filter(|status| *status != "online");
        let said = stated.said.as_ref();
        let status = chosen.unwrap_or_else(|| said.map_or("online", |said| said.status));
        if weight(status) > weight(all.status) {
            all.status = status;
        }
        for activity in said.into_iter().flat_map(|said| &said.activities) {
            // One custom status is enough: the chosen one, if there is one.
            let is_custom = |activity: &Value| activity["type"] == 4;
            if !(all.activities.contains(activity)
                || is_custom(activity) && all.activities.iter().any(is_custom))
            {
                all.activities.push(activity.clone());
            }
        }
    }
    presence
}

impl Gateway {
    /// Op 3, also part of IDENTIFY. A session that may only read shows nothing, not even that somebody is here.
    pub(crate) fn set_presence(&self, session: &Session, update: PresenceUpdate) -> Result<(), Close> {
        if !session.may_write() {
            return Ok(());
        }
        let mut activities = update.activities.unwrap_or_else(|| update.game.into_iter().collect());
        activities.retain(Value::is_object);
        for activity in activities.iter_mut().filter_map(Value::as_object_mut) {
            // Required of what is sent on, optional in what comes.
            activity.entry("type").or_insert(json!(0));
            activity.entry("created_at").or_insert(json!(self.now().millis()));
            activity.entry("id").or_insert(json!("custom"));
        }
        let said = Said { status: status(update.status.as_deref()), activities };
        session.state(|stated| {
            stated.here = true;
            stated.said = Some(said);
        });
        self.show(session.record.user, session.record.bot);
        Ok(())
    }

    /// Somebody has chosen other settings.
    pub(crate) fn settings_changed(&self, user: UserId, settings: &Settings) {
        self.accounts().invalidate(user);
        let chosen = self.chosen(settings);
        let sessions = self.hub().lock().sessions_of(user).to_vec();
        for session in &sessions {
            session.state(|stated| stated.chosen = Some(chosen.clone()));
        }
        self.show(user, false);
    }

    /// Notes what a session's user has chosen, unless something newer is known.
    pub(crate) fn choose(&self, session: &Session, settings: &Settings) {
        let chosen = self.chosen(settings);
        session.state(|stated| stated.chosen = stated.chosen.take().or(Some(chosen)));
    }

    fn chosen(&self, settings: &Settings) -> Chosen {
        let activity = settings.custom_status.as_ref().map(|custom| {
            let mut activity = json!({
                "id": "custom", "type": 4, "name": "Custom Status", "state": custom.text,
                "created_at": self.now().millis(),
            });
            if let (Some(name), Some(activity)) = (&custom.emoji_name, activity.as_object_mut()) {
                activity.insert("emoji".to_owned(), json!({ "name": name }));
            }
            activity
        });
        Chosen { status: status(Some(&settings.status)), activity }
    }

    /// A session has a connection again; it shows what it showed.
    pub(crate) fn came_online(&self, session: &Session) {
        if !session.may_write() {
            return;
        }
        session.state(|stated| stated.here = true);
        self.show(session.record.user, session.record.bot);
    }

    /// A session has lost its connection: its user goes offline, unless another session has one.
    pub(crate) fn may_have_gone(&self, session: &Session) {
        session.state(|stated| stated.here = false);
        self.show(session.record.user, session.record.bot);
    }

    /// Works out what a user shows, and tells it if it is something else than before.
    fn show(&self, user: UserId, bot: bool) {
        use dashmap::Entry;
        let entry = self.presences().all.entry(user);
        let sessions = self.hub().lock().sessions_of(user).to_vec();
        let stated: Vec<Stated> = sessions.iter().map(|session| session.stated()).collect();
        let new = together(stated.iter(), bot);
        let old = match (entry, &new) {
            (Entry::Occupied(entry), None) => Some(entry.remove()),
            (Entry::Occupied(mut entry), Some(new)) => Some(entry.insert(new.clone())),
            (Entry::Vacant(_), None) => None,
            (Entry::Vacant(entry), Some(new)) => {
                entry.insert(new.clone());
                None
            }
        };
        let seen = |presence: &Option<Presence>| presence.clone().filter(Presence::is_seen);
        let (old, new) = (seen(&old), seen(&new));
        self.world().set_online(user, new.is_some());
        if old == new {
            return;
        }
        let presence = new.unwrap_or(Presence { status: "offline", activities: Vec::new(), bot });
        let mut guilds: Vec<GuildId> = sessions.iter().flat_map(|session| session.guilds()).collect();
        guilds.sort_unstable();
        guilds.dedup();
        for guild in guilds {
            if self.hub().lock().has_watchers(guild) {
                let body = presence.body(user, Some(guild)).to_string();
                self.tell(&self.unlogged("PRESENCE_UPDATE", Audience::Guild(guild), body));
            }
        }
        if !bot {
            let gateway = self.clone();
            tokio::spawn(async move { gateway.tell_friends(user).await });
        }
    }

    /// Tells a person's friends what they show now.
    async fn tell_friends(&self, user: UserId) {
        let _turn = self.presences().friends.lock().await;
        let friends = match self.accounts().friends(user).await {
            Ok(friends) if friends.is_empty() => return,
            Ok(friends) => friends,
            Err(error) => return tracing::warn!(%error, "somebody's friends could not be read"),
        };
        self.tell_presence_to(friends, user);
    }

    /// Tells some people what a user shows now.
    pub(crate) fn tell_presence_to(&self, who: Vec<UserId>, user: UserId) {
        let offline = || Presence { status: "offline", activities: Vec::new(), bot: false };
        let body = self.presences().all.get(&user).map_or_else(offline, |presence| presence.clone());
        let body = body.body(user, None).to_string();
        self.tell(&self.unlogged("PRESENCE_UPDATE", Audience::Users(who), body));
    }

    /// The presences of those of these users who are not offline.
    pub(crate) fn presences_of(&self, users: &[UserId], guild: Option<GuildId>) -> Vec<Value> {
        let all = &self.presences().all;
        if all.len() < users.len() {
            let users: std::collections::HashSet<_> = users.iter().collect();
            let here = all.iter().filter(|entry| users.contains(entry.key()));
            return here.filter(|entry| entry.is_seen()).map(|e| e.body(*e.key(), guild)).collect();
        }
        let here = users.iter().filter_map(|user| all.get(user));
        here.filter(|entry| entry.is_seen()).map(|entry| entry.body(*entry.key(), guild)).collect()
    }

    /// An event that is not in the log.
    pub(crate) fn unlogged(&self, name: &str, audience: Audience, body: String) -> Event {
        let (name, body) = (Arc::from(name), body.into());
        Event { position: 0, at: self.now(), name, audience, actor: None, body, was: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(status: &'static str, activities: Vec<Value>) -> Stated {
        Stated { here: true, said: Some(Said { status, activities }), chosen: None }
    }

    fn shows(sessions: &[Stated]) -> Option<&'static str> {
        together(sessions.iter(), false).map(|presence| presence.status)
    }

    #[test]
    fn several_sessions_show_one_presence() {
        assert_eq!(shows(&[]), None);
        assert_eq!(shows(&[Stated { here: false, ..says("online", vec![]) }]), None);
        assert_eq!(shows(&[says("idle", vec![]), says("online", vec![])]), Some("online"));
        assert_eq!(shows(&[says("online", vec![]), says("dnd", vec![])]), Some("dnd"));
        assert_eq!(shows(&[says("invisible", vec![]), says("idle", vec![])]), Some("idle"));
        let game = |name: &str| json!({ "type": 0, "name": name });
        let sessions = [says("online", vec![game("chess")]), says("online", vec![game("chess"), game("go")])];
        assert_eq!(together(sessions.iter(), false).unwrap().activities, [game("chess"), game("go")]);
    }

    #[test]
    fn what_was_chosen_holds_for_all_sessions() {
        let activity = json!({ "type": 4, "state": "away" });
        let chosen = |status| Some(Chosen { status, activity: Some(activity.clone()) });
        let custom = vec![json!({ "type": 4, "state": "here" })];
        let with = |status| Stated { chosen: chosen(status), ..says("idle", custom.clone()) };
        assert_eq!(shows(&[with("online")]), Some("idle"), "a session may be idle by itself");
        for status in ["dnd", "invisible", "idle"] {
            assert_eq!(shows(&[with(status), with(status)]), Some(status));
        }
        assert_eq!(together([with("dnd")].iter(), false).unwrap().activities, [activity]);
    }
}
