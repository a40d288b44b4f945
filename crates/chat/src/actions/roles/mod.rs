//! Roles: listing, creating, editing and deleting them; [`order`] moves them, [`change`] is what all writing goes
//! through.

mod change;
mod draft;
mod order;

use std::collections::BTreeMap;
use std::sync::Arc;

use guildhall_accounts::Actor;
use guildhall_base::{GuildId, Permissions, Result, RoleId};
use guildhall_infra::events::Audience;
use serde_json::{Map, Value};

pub(crate) use self::change::shift;
use self::draft::Draft;
use super::audit::{Action, Note};
use super::bodies::{RoleDeleted, RoleEvent};
use super::pictures::Gallery;
use crate::model::{Role, RoleSettings};
use crate::rules::{hierarchy, positions};
use crate::world::Was;
use crate::{Chat, codes, store};

impl Chat {
    /// All roles of a guild, `@everyone` first.
    pub(crate) async fn guild_roles(&self, actor: &Actor, guild: GuildId) -> Result<Vec<Arc<Role>>> {
        Ok(self.guild(actor, guild).await?.room.read().ordered_roles())
    }

    /// One role.
    pub(crate) async fn role(&self, actor: &Actor, guild: GuildId, id: RoleId) -> Result<Arc<Role>> {
        let access = self.guild(actor, guild).await?;
        let state = access.room.read();
        Ok(state.roles.get(&id).ok_or(codes::UNKNOWN_ROLE)?.clone())
    }

    /// How many members hold each role; `@everyone` is left out.
    pub(crate) async fn role_counts(&self, actor: &Actor, guild: GuildId) -> Result<BTreeMap<RoleId, usize>> {
        let access = self.guild(actor, guild).await?;
        let state = access.room.read();
        let everyone = guild.cast();
        let mut counts: BTreeMap<_, _> =
            state.roles.keys().filter(|id| **id != everyone).map(|id| (*id, 0)).collect();
        for role in state.members.values().flat_map(|member| &member.roles) {
            if let Some(count) = counts.get_mut(role) {
                *count += 1;
            }
        }
        Ok(counts)
    }

    /// Creates a role just above `@everyone`.
    pub(crate) async fn create_role(
        &self,
        actor: &Actor,
        guild: GuildId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<Role> {
        let access = self.guild(actor, guild).await?;
        access.require(Permissions::MANAGE_ROLES)?;
        let mut draft = Draft::read(body)?;
        let id = self.parts.ids.next();
        draft.kept_icon = self.keep_picture(Gallery::Role(id), &draft.icon).await?;
        self.change_roles(&access, |before, change| {
            if before.roles.len() >= positions::MAX_ROLES {
                return Err(codes::MAX_ROLES.into());
            }
            let (position, shifts) = positions::create_role(before.everyone(), &before.slots());
            let settings = RoleSettings { name: "new role".into(), ..RoleSettings::default() };
            let permissions = before.get(before.everyone())?.permissions & before.actor.permissions;
            let denied_permissions = Permissions::empty();
            let mut role = Role { id, position, permissions, denied_permissions, settings };
            draft.apply(&mut role);
            hierarchy::may_create_role(&before.actor, role.permissions, role.denied_permissions)?;
            store::roles::insert(&mut change.batch, guild, &role)?;
            let event = RoleEvent { guild_id: guild, role: &role };
            change.emit("GUILD_ROLE_CREATE", Audience::Guild(guild), &event)?;
            before.shift(change, &shifts)?;
            let note = Note::new(Action::RoleCreate, Some(id.cast()), reason.clone());
            self.note(change, guild, actor.user.id, note.difference(None, Some(&role))?)?;
            Ok(role)
        })
        .await
    }

    /// Changes what a role is and grants; of `@everyone` only what it grants.
    pub(crate) async fn update_role(
        &self,
        actor: &Actor,
        guild: GuildId,
        id: RoleId,
        body: &Map<String, Value>,
        reason: Option<String>,
    ) -> Result<Role> {
        let access = self.guild(actor, guild).await?;
        access.require(Permissions::MANAGE_ROLES)?;
        let mut draft = Draft::read(body)?;
        draft.kept_icon = self.keep_picture(Gallery::Role(id), &draft.icon).await?;
        self.change_roles(&access, |before, change| {
            let role = before.get(id)?;
            let mut after = role.clone();
            draft.apply(&mut after);
            if id == before.everyone()
                && (after.settings != role.settings || !after.denied_permissions.is_empty())
            {
                return Err(codes::INVALID_ROLE.into());
            }
            let target = before.target(role);
            hierarchy::may_edit_role(&before.actor, &target, after.permissions, after.denied_permissions)?;
            if after == *role {
                return Ok(after);
            }
            store::roles::update(&mut change.batch, &after)?;
            let event = RoleEvent { guild_id: guild, role: &after };
            let was = Was::role(role, &after);
            change.emit_over("GUILD_ROLE_UPDATE", Audience::Guild(guild), &event, &was)?;
            let note = Note::new(Action::RoleUpdate, Some(id.cast()), reason.clone());
            self.note(change, guild, actor.user.id, note.difference(Some(role), Some(&after))?)?;
            Ok(after)
        })
        .await
    }

    /// Deletes a role; its holders lose it, and so do the channels' overwrites.
    pub(crate) async fn delete_role(
        &self,
        actor: &Actor,
        guild: GuildId,
        id: RoleId,
        reason: Option<String>,
    ) -> Result<()> {
        let access = self.guild(actor, guild).await?;
        access.require(Permissions::MANAGE_ROLES)?;
        self.change_roles(&access, |before, change| {
            let known_at = self.world.position();
            let role = before.get(id)?;
            hierarchy::may_delete_role(&before.actor, &before.target(role))?;
            store::roles::delete(&mut change.batch, guild, id);
            let gone = RoleDeleted { guild_id: guild, role_id: id };
            let was = Was::gone_role(role, &access.room.read(), known_at);
            change.emit_over("GUILD_ROLE_DELETE", Audience::Guild(guild), &gone, &was)?;
            before.shift(change, &positions::delete_role(before.everyone(), &before.slots(), id))?;
            let note = Note::new(Action::RoleDelete, Some(id.cast()), reason.clone());
            self.note(change, guild, actor.user.id, note.difference(Some(role), None)?)
        })
        .await
    }
}
