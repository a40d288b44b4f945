//! Moving roles: one transaction of a constant number of statements, however many move.

use std::sync::Arc;

use guildhall_accounts::Actor;
use guildhall_base::{GuildId, Ids, Permissions, Result};
use serde_json::json;

use super::super::Change;
use super::super::audit::{Action, Note, write_down};
use super::change::Before;
use crate::model::Role;
use crate::rules::hierarchy;
use crate::rules::positions::{self, RoleMove, RoleShift};
use crate::{Chat, codes};

impl Chat {
    /// Moves roles, and answers with all of them in their new order.
    ///
    /// # Errors
    /// 10004 for strangers, 10011 for a role that is not there, 50013 for one that the actor may not move, 50035 for
    /// a place that does not make sense.
    pub async fn move_roles(
        &self,
        actor: &Actor,
        guild: GuildId,
        moves: &[RoleMove],
        reason: Option<String>,
    ) -> Result<Vec<Arc<Role>>> {
        let access = self.guild(actor, guild).await?;
        access.require(Permissions::MANAGE_ROLES)?;
        self.change_roles(&access, |before, change| {
            plan(&self.parts.ids, before, change, moves, reason.as_ref())
        })
        .await?;
        Ok(access.room.read().ordered_roles())
    }
}

fn plan(
    ids: &Ids,
    before: &Before,
    change: &mut Change,
    moves: &[RoleMove],
    reason: Option<&String>,
) -> Result<()> {
    let everyone = before.everyone();
    let shifts = positions::move_roles(everyone, &before.slots(), moves)
        .map_err(|refused| refused.error(codes::UNKNOWN_ROLE, true))?;
    hierarchy::may_move_roles(&before.actor, &before.grants(), &shifts)?;
    before.shift(change, &shifts)?;
    write_down(ids, change, before.guild, before.actor.user, notes(moves, &shifts, reason))
}

/// An entry for each role that was named and moved; that others made room for it goes without saying.
fn notes(moves: &[RoleMove], shifts: &[RoleShift], reason: Option<&String>) -> Vec<Note> {
    let named = |shift: &&RoleShift| moves.iter().any(|wish| wish.id == shift.id && wish.position.is_some());
    let note = |shift: &RoleShift| {
        Note::new(Action::RoleUpdate, Some(shift.id.cast()), reason.cloned()).change(
            "position",
            Some(json!(shift.from)),
            Some(json!(shift.to)),
        )
    };
    shifts.iter().filter(named).map(note).collect()
}

#[cfg(test)]
mod tests {
    use guildhall_base::{Clock, RoleId, Timestamp};

    use super::*;
    use crate::model::RoleSettings;
    use crate::rules::hierarchy::{Person, Rank};

    /// How many statements it takes to turn the order of so many roles around.
    fn statements(roles: i64) -> usize {
        let guild = GuildId::new(1);
        let role = |id: i64| Role {
            id: RoleId::new(id),
            position: id - 1,
            permissions: Permissions::empty(),
            denied_permissions: Permissions::empty(),
            settings: RoleSettings::default(),
        };
        let owner = guildhall_base::UserId::new(7);
        let rank = Rank::highest(guild, []);
        let actor = Person { user: owner, owner: true, rank, permissions: Permissions::all() };
        let before = Before { guild, roles: (1..=roles).map(role).collect(), actor };
        let reversed = |id: i64| RoleMove { id: RoleId::new(id), position: Some(roles + 1 - id) };
        let moves: Vec<_> = (2..=roles).map(reversed).collect();
        let ids = Ids::new(Clock::manual(Timestamp::from_millis(1_790_000_000_000)).0, 0);
        let mut change = Change::new();
        plan(&ids, &before, &mut change, &moves, None).unwrap();
        assert!(!change.is_silent());
        change.batch.len()
    }

    #[test]
    fn moving_all_of_250_roles_takes_as_many_statements_as_moving_two() {
        assert_eq!(statements(3), statements(250));
        assert!(statements(250) <= 2, "{}", statements(250));
    }
}
