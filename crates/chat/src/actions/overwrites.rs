//! Overwrites: what a channel allows and denies one role or member.

use guildhall_accounts::Actor;
use guildhall_base::{AnyId, ChannelId, Form, Permissions, Result, Timestamp};
use serde_json::{Map, Value};

use super::audit::{Action, Note};
use crate::access::{ChannelAccess, GuildAccess};
use crate::model::{Channel, Overwrite, OverwriteType};
use crate::rules::hierarchy::{self, Person};
use crate::rules::limits::OVERWRITES;
use crate::rules::read::{Object, snowflake};
use crate::world::GuildState;
use crate::{Chat, codes, store};

/// An overwrite as a body asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    id: AnyId,
    kind: Option<OverwriteType>,
    allow: Permissions,
    deny: Permissions,
}

impl Wanted {
    fn read(form: &mut Form, object: &Object<'_>, id: AnyId) -> Self {
        let kind = match object.get("type") {
            Some(Value::String(text)) if text == "role" => Some(OverwriteType::Role),
            Some(Value::String(text)) if text == "member" => Some(OverwriteType::Member),
            Some(_) => {
                let number = object.integer(form, "type", 0..=1);
                number.and_then(OverwriteType::from_number)
            }
            None => None,
        };
        let mut bits = |name| object.permissions(form, name).unwrap_or_default();
        Self { id, kind, allow: bits("allow"), deny: bits("deny") }
    }

    /// The list in a channel's body; `None` if it has none. Of two for the same the later counts.
    pub(super) fn read_list(form: &mut Form, body: &Object<'_>) -> Option<Vec<Self>> {
        body.get("permission_overwrites")?;
        let mut list: Vec<Self> = Vec::new();
        for entry in body.list(form, "permission_overwrites", 0..=OVERWRITES) {
            let path = format!("{}.id", entry.path);
            let Some(object) = Object::at(form, entry.value, entry.path) else { continue };
            object.require(form, "id");
            let id = object.get("id").and_then(|id| snowflake(form, id, path));
            let wanted = id.map(|id| Self::read(form, &object, id));
            list.retain(|earlier| Some(earlier.id) != id);
            list.extend(wanted);
        }
        Some(list)
    }
}

/// Who sets overwrites in a channel, and what they may set.
pub(super) struct Keeper<'a> {
    access: &'a GuildAccess,
    person: Person,
    in_channel: Permissions,
}

impl<'a> Keeper<'a> {
    /// For a channel that is yet to be made: its maker decides about what they have in the guild.
    pub(super) fn of_guild(access: &'a GuildAccess, now: Timestamp) -> Result<Self> {
        let person = access.room.read().person(access.user, now).ok_or(codes::UNKNOWN_GUILD)?;
        Ok(Self { access, person, in_channel: person.permissions | Permissions::MANAGE_ROLES })
    }

    /// For a channel of a guild.
    pub(super) fn of(access: &'a GuildAccess, channel: &Channel, now: Timestamp) -> Result<Self> {
        let in_channel = access.room.read().channel_permissions(access.user, channel.id, now);
        Ok(Self { in_channel, ..Self::of_guild(access, now)? })
    }

    /// For a channel that they may view.
    pub(super) fn of_channel(access: &'a ChannelAccess, now: Timestamp) -> Result<Self> {
        Ok(Self { in_channel: access.permissions, ..Self::of_guild(access.guild()?, now)? })
    }

    /// Finds out for whom the wanted overwrites are. Those that are there already may be for somebody who left.
    pub(super) fn resolve(&self, wanted: &[Wanted], present: &[Overwrite]) -> Result<Vec<Overwrite>> {
        let state = self.access.room.read();
        let resolve = |wanted: &Wanted| {
            let there = present.iter().find(|there| there.id == wanted.id).map(|there| there.kind);
            let known = target_kind(&state, wanted.id).or(there);
            match known.filter(|known| wanted.kind.is_none_or(|kind| kind == *known)) {
                Some(kind) => Ok(Overwrite { id: wanted.id, kind, allow: wanted.allow, deny: wanted.deny }),
                None => Err(codes::UNKNOWN_OVERWRITE.into()),
            }
        };
        let mut resolved = wanted.iter().map(resolve).collect::<Result<Vec<_>>>()?;
        resolved.sort_unstable_by_key(|overwrite| overwrite.id);
        Ok(resolved)
    }

    /// Refuses a change from some overwrites to others that is not theirs to make.
    pub(super) fn may_replace(&self, before: &[Overwrite], after: &[Overwrite]) -> Result<()> {
        if before == after {
            return Ok(());
        }
        let changed = changed_bits(before, after) | changed_bits(after, before);
        Ok(hierarchy::may_overwrite(&self.person, self.in_channel, changed, self.trusted(before))?)
    }

    /// Whether the channel itself lets them manage its permissions.
    fn trusted(&self, overwrites: &[Overwrite]) -> bool {
        let state = self.access.room.read();
        let Some(member) = state.members.get(&self.person.user) else { return false };
        let theirs = |overwrite: &&Overwrite| match overwrite.kind {
            OverwriteType::Member => overwrite.id == self.person.user.cast(),
            OverwriteType::Role => member.roles.contains(&overwrite.id.cast()),
        };
        let mut theirs = overwrites.iter().filter(theirs);
        theirs.any(|overwrite| overwrite.allow.contains(Permissions::MANAGE_ROLES))
    }
}

fn target_kind(state: &GuildState, id: AnyId) -> Option<OverwriteType> {
    if state.roles.contains_key(&id.cast::<guildhall_base::marker::Role>()) {
        Some(OverwriteType::Role)
    } else {
        let member = state.members.contains_key(&id.cast::<guildhall_base::marker::User>());
        member.then_some(OverwriteType::Member)
    }
}

/// The bits of `after` that are not the same in `before`.
fn changed_bits(before: &[Overwrite], after: &[Overwrite]) -> Permissions {
    after.iter().fold(Permissions::empty(), |bits, new| {
        let old = before.iter().find(|old| old.id == new.id);
        let (allow, deny) = old.map_or_else(Default::default, |old| (old.allow, old.deny));
        bits | (new.allow ^ allow) | (new.deny ^ deny)
    })
}

impl Chat {
    /// Sets a channel's overwrite for one role or member.
    pub(crate) async fn put_overwrite(
        &self,
        actor: &Actor,
        id: ChannelId,
        target: AnyId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<()> {
        let mut form = Form::new();
        let wanted = Wanted::read(&mut form, &Object::body(body), target);
        let readable = form.finish();
        self.set_overwrite(actor, id, target, reason, |keeper, present| {
            readable.clone()?;
            let resolved = keeper.resolve(std::slice::from_ref(&wanted), present)?;
            resolved.first().copied().map(Some).ok_or_else(|| codes::UNKNOWN_OVERWRITE.into())
        })
        .await
    }

    /// Deletes a channel's overwrite for one role or member.
    pub(crate) async fn delete_overwrite(
        &self,
        actor: &Actor,
        id: ChannelId,
        target: AnyId,
        reason: Option<String>,
    ) -> Result<()> {
        self.set_overwrite(actor, id, target, reason, |_, present| {
            let there = present.iter().any(|overwrite| overwrite.id == target);
            if there { Ok(None) } else { Err(codes::UNKNOWN_OVERWRITE.into()) }
        })
        .await
    }

    /// Has `decide` say what the target's overwrite is to be, from what the channel has.
    async fn set_overwrite(
        &self,
        actor: &Actor,
        id: ChannelId,
        target: AnyId,
        reason: Option<String>,
        decide: impl Fn(&Keeper<'_>, &[Overwrite]) -> Result<Option<Overwrite>>,
    ) -> Result<()> {
        let access = self.channel(actor, id).await?;
        let guild = access.guild()?;
        if access.channel.kind.is_thread() {
            return Err(codes::INVALID_CHANNEL_TYPE.into());
        }
        access.require(Permissions::MANAGE_ROLES)?;
        self.change_channels(guild, |before, change| {
            let old = before.get(id)?;
            let keeper = Keeper::of_channel(&access, self.now())?;
            let wanted = decide(&keeper, &old.permission_overwrites)?;
            let present = old.permission_overwrites.iter().find(|present| present.id == target).copied();
            let mut new = old.clone();
            new.permission_overwrites.retain(|overwrite| overwrite.id != target);
            new.permission_overwrites.extend(wanted);
            new.permission_overwrites.sort_unstable_by_key(|overwrite| overwrite.id);
            if new.permission_overwrites.len() > OVERWRITES {
                return Err(codes::MAX_OVERWRITES.into());
            }
            keeper.may_replace(&old.permission_overwrites, &new.permission_overwrites)?;
            if wanted == present {
                return Ok(());
            }
            match &wanted {
                Some(overwrite) => store::channels::put_overwrite(&mut change.batch, id, overwrite),
                None => store::channels::delete_overwrite(&mut change.batch, id, target),
            }
            before.tell(change, &new)?;
            let note = note(&guild.room.read(), id, present, wanted, reason.clone())?;
            self.note(change, guild.id(), access.user, note)
        })
        .await
    }
}

fn note(
    state: &GuildState,
    channel: ChannelId,
    old: Option<Overwrite>,
    new: Option<Overwrite>,
    reason: Option<String>,
) -> Result<Note> {
    let action = match (old, new) {
        (None, _) => Action::OverwriteCreate,
        (Some(_), Some(_)) => Action::OverwriteUpdate,
        (Some(_), None) => Action::OverwriteDelete,
    };
    let mut note = Note::new(action, Some(channel.cast()), reason).difference(old.as_ref(), new.as_ref())?;
    if let Some(overwrite) = new.or(old) {
        note = note.option("id", overwrite.id.to_string());
        note = note.option("type", (overwrite.kind as u8).to_string());
        if let Some(role) = state.roles.get(&overwrite.id.cast()) {
            note = note.option("role_name", role.settings.name.clone());
        }
    }
    Ok(note)
}
