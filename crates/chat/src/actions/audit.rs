//! Writing down who did what to a guild, in the transaction that does it
//! (<https://discord.com/developers/docs/resources/audit-log>).

use guildhall_base::{AnyId, AuditEntryId, Error, GuildId, Ids, Permissions, Result, UserId};
use guildhall_infra::events::{Audience, NewEvent};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Change;
use crate::Chat;
use crate::store::{self, audit::StoredEntry};

/// Discord's numbers for what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    GuildUpdate = 1,
    ChannelCreate = 10,
    ChannelUpdate = 11,
    ChannelDelete = 12,
    OverwriteCreate = 13,
    OverwriteUpdate = 14,
    OverwriteDelete = 15,
    MemberKick = 20,
    MemberPrune = 21,
    MemberBanAdd = 22,
    MemberBanRemove = 23,
    MemberUpdate = 24,
    MemberRoleUpdate = 25,
    MemberMove = 26,
    MemberDisconnect = 27,
    BotAdd = 28,
    RoleCreate = 30,
    RoleUpdate = 31,
    RoleDelete = 32,
    InviteCreate = 40,
    InviteDelete = 42,
    WebhookCreate = 50,
    WebhookUpdate = 51,
    WebhookDelete = 52,
    EmojiCreate = 60,
    EmojiUpdate = 61,
    EmojiDelete = 62,
    MessageDelete = 72,
    MessageBulkDelete = 73,
    MessagePin = 74,
    MessageUnpin = 75,
    StickerCreate = 90,
    StickerUpdate = 91,
    StickerDelete = 92,
    ThreadDelete = 112,
}

/// What is to be written down.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    action: Action,
    target: Option<AnyId>,
    changes: Vec<Value>,
    options: Map<String, Value>,
    reason: Option<String>,
}

impl Note {
    /// Something was done to something.
    pub(crate) fn new(action: Action, target: Option<AnyId>, reason: Option<String>) -> Self {
        Self { action, target, changes: Vec::new(), options: Map::new(), reason }
    }

    /// Adds an option, such as `count`. Discord writes numbers and ids as strings here.
    #[must_use]
    pub(crate) fn option(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.options.insert(key.into(), value.into());
        self
    }

    /// Adds one changed key.
    #[must_use]
    pub(crate) fn change(mut self, key: &str, old: Option<Value>, new: Option<Value>) -> Self {
        let mut change = Map::from_iter([("key".to_owned(), key.into())]);
        change.extend(old.map(|old| ("old_value".to_owned(), old)));
        change.extend(new.map(|new| ("new_value".to_owned(), new)));
        self.changes.push(change.into());
        self
    }

    /// Adds every key in which two versions of a thing differ; `None` stands for its absence.
    pub(crate) fn difference<T: Serialize>(mut self, old: Option<&T>, new: Option<&T>) -> Result<Self> {
        let object = |value: Option<&T>| -> Result<Map<String, Value>> {
            match value.map(serde_json::to_value).transpose().map_err(Error::internal)? {
                Some(Value::Object(object)) => Ok(object),
                _ => Ok(Map::new()),
            }
        };
        let (mut before, after) = (object(old)?, object(new)?);
        let keys: Vec<String> = after.keys().chain(before.keys()).cloned().collect();
        let mut after = after;
        for key in keys {
            let (old, new) = (before.remove(&key), after.remove(&key));
            let (old, new) = (old.filter(|v| !v.is_null()), new.filter(|v| !v.is_null()));
            if old != new && key != "id" && key != "guild_id" {
                self = self.change(&key, old, new);
            }
        }
        Ok(self)
    }

    /// The entry as clients see it.
    fn body(self, id: AuditEntryId, user: Option<UserId>) -> Map<String, Value> {
        let mut body = Map::from_iter([
            ("id".to_owned(), json!(id)),
            ("user_id".to_owned(), json!(user)),
            ("target_id".to_owned(), json!(self.target)),
            ("action_type".to_owned(), json!(self.action as u16)),
        ]);
        if !self.changes.is_empty() {
            body.insert("changes".into(), self.changes.into());
        }
        if !self.options.is_empty() {
            body.insert("options".into(), self.options.into());
        }
        body.extend(self.reason.map(|reason| ("reason".to_owned(), reason.into())));
        body
    }
}

impl Chat {
    /// Adds an audit-log entry to a change, and the event for those who may read the log.
    pub(crate) fn note(&self, change: &mut Change, guild: GuildId, user: UserId, note: Note) -> Result<()> {
        write_down(&self.parts.ids, change, guild, user, vec![note])
    }

    /// The same where nobody may be known to have done it: whoever has a webhook's address may change it.
    pub(crate) fn note_by(
        &self,
        change: &mut Change,
        guild: GuildId,
        user: Option<UserId>,
        note: Note,
    ) -> Result<()> {
        write(&self.parts.ids, change, guild, user, vec![note])
    }
}

/// Adds audit-log entries to a change, however many in one statement, and the events for those who may read the log.
pub(crate) fn write_down(
    ids: &Ids,
    change: &mut Change,
    guild: GuildId,
    user: UserId,
    notes: Vec<Note>,
) -> Result<()> {
    write(ids, change, guild, Some(user), notes)
}

fn write(
    ids: &Ids,
    change: &mut Change,
    guild: GuildId,
    user: Option<UserId>,
    notes: Vec<Note>,
) -> Result<()> {
    let mut entries = Vec::with_capacity(notes.len());
    for note in notes {
        let id = ids.next();
        let (target, action) = (note.target, note.action as u16);
        let mut body = note.body(id, user);
        // In the table nobody is 0.
        let author = user.unwrap_or(UserId::new(0));
        entries.push(StoredEntry { id, user: author, target, action, body: store::json(&body)? });
        body.insert("guild_id".into(), json!(guild));
        let audience = Audience::Permission(guild, Permissions::VIEW_AUDIT_LOG);
        let event = NewEvent::new("GUILD_AUDIT_LOG_ENTRY_CREATE", audience, &body)?;
        change.push(match user {
            Some(user) => event.by(user),
            None => event,
        });
    }
    if !entries.is_empty() {
        store::audit::insert(&mut change.batch, guild, &entries);
    }
    Ok(())
}
