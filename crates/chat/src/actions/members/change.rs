//! How a member is changed: read from the database, changed, and committed only if nobody else changed them in
//! between; otherwise all over again. So of changes that come at once none undoes another, and every event shows the
//! member as they are.

use guildhall_base::{Result, RoleId, UserId, codes::CONFLICT};
use guildhall_infra::db;
use guildhall_infra::events::{Audience, NewEvent};
use serde_json::{Value, json};

use super::super::audit::{Action, Note};
use super::super::bodies::MemberEvent;
use super::super::{Change, LAYOUT_ATTEMPTS};
use crate::access::GuildAccess;
use crate::model::{Member, Role};
use crate::rules::hierarchy::{Person, RoleTarget};
use crate::rules::permissions::RoleGrant;
use crate::world::{GuildState, Was};
use crate::{Chat, codes, store};

/// A member's change on its way.
pub(crate) struct DraftedMember {
    /// How they were.
    pub(crate) before: Member,
    /// How they will be, with their user.
    pub(crate) after: Member,
    /// None if nothing differs.
    pub(crate) change: Option<Change>,
}

impl Chat {
    /// Changes a member by `edit`, which also decides whether it may be; it sees the guild and the member as they are
    /// now and may be called again. What does not differ afterwards is not written. Gives the member with their user.
    pub(super) async fn change_member(
        &self,
        access: &GuildAccess,
        user: UserId,
        reason: Option<String>,
        edit: impl Fn(&GuildState, &mut Member) -> Result<()>,
    ) -> Result<Member> {
        for _ in 0..LAYOUT_ATTEMPTS {
            let drafted = self.draft_member(access, user, reason.as_deref(), &edit).await?;
            let Some(change) = drafted.change else { return Ok(drafted.after) };
            match self.commit(change).await {
                Err(error) if error.is(CONFLICT) => {}
                Err(error) if error.is(db::codes::REFERENCE) => return Err(codes::UNKNOWN_ROLE.into()),
                done => return done.map(|_| drafted.after),
            }
        }
        Err(CONFLICT.into())
    }

    /// The change of a member by `edit`, not yet committed: that fails with a conflict if somebody else is faster.
    pub(crate) async fn draft_member(
        &self,
        access: &GuildAccess,
        user: UserId,
        reason: Option<&str>,
        edit: impl Fn(&GuildState, &mut Member) -> Result<()>,
    ) -> Result<DraftedMember> {
        let guild = access.id();
        let before = store::members::get(self.db(), guild, user).await?.ok_or(codes::UNKNOWN_MEMBER)?;
        let mut after = before.member.clone();
        edit(&access.room.read(), &mut after)?;
        after.roles.sort_unstable();
        after.roles.dedup();
        let user = self.parts.accounts.user(user).await?;
        if same(&before.member, &after) {
            let after = after.with_user(&user);
            return Ok(DraftedMember { before: before.member, after, change: None });
        }
        let mut change = Change::new();
        store::members::update(&mut change.batch, guild, user.id, &before, &after)?;
        let notes = notes(&access.room.read(), user.id, &before.member, &after, reason)?;
        let after = after.with_user(&user);
        let body = MemberEvent { guild_id: guild, member: &after };
        let event = NewEvent::new("GUILD_MEMBER_UPDATE", Audience::Guild(guild), &body)?.by(user.id);
        change.push(event.was(&Was::member(&before.member, &after))?);
        for note in notes {
            self.note(&mut change, guild, access.user, note)?;
        }
        Ok(DraftedMember { before: before.member, after, change: Some(change) })
    }

    /// A member as the hierarchy's rules see them.
    pub(crate) fn person(&self, state: &GuildState, user: UserId) -> Result<Person> {
        Ok(state.person(user, self.now()).ok_or(codes::UNKNOWN_MEMBER)?)
    }
}

/// A role as the hierarchy's rules see it.
pub(crate) fn target(state: &GuildState, role: &Role) -> RoleTarget {
    RoleTarget {
        grant: RoleGrant {
            id: role.id,
            position: role.position,
            permissions: role.permissions,
            denied: role.denied_permissions,
        },
        everyone: role.id == state.guild.id.cast(),
        managed: role.settings.managed,
    }
}

fn same(before: &Member, after: &Member) -> bool {
    before.roles == after.roles
        && before.communication_disabled_until == after.communication_disabled_until
        && before.settings == after.settings
}

/// What the audit log says: one entry for roles, one for the rest.
fn notes(
    state: &GuildState,
    user: UserId,
    before: &Member,
    after: &Member,
    reason: Option<&str>,
) -> Result<Vec<Note>> {
    let note = |action| Note::new(action, Some(user.cast()), reason.map(ToOwned::to_owned));
    let mut notes = Vec::new();
    if before.roles != after.roles {
        let mut changed = note(Action::MemberRoleUpdate);
        for (key, these, those) in [("$add", after, before), ("$remove", before, after)] {
            let roles: Vec<Value> = these
                .roles
                .iter()
                .filter(|role| !those.roles.contains(role))
                .map(|role| partial(state, *role))
                .collect();
            if !roles.is_empty() {
                changed = changed.change(key, None, Some(roles.into()));
            }
        }
        notes.push(changed);
    }
    let rest = |member: &Member| Member { roles: Vec::new(), ..member.clone() };
    let (before, after) = (rest(before), rest(after));
    if !same(&before, &after) {
        notes.push(note(Action::MemberUpdate).difference(Some(&before), Some(&after))?);
    }
    Ok(notes)
}

fn partial(state: &GuildState, role: RoleId) -> Value {
    let name = state.roles.get(&role).map(|role| role.settings.name.as_str());
    json!({ "id": role, "name": name.unwrap_or_default() })
}
