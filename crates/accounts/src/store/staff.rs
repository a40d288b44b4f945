//! States, ranks and the audit log of staff. `staff_actions` is only ever added to.

use guildhall_base::{Code, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::staff::{StaffAction, StaffActionId, UserState};

/// What decides who somebody is on this installation.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) state: UserState,
    /// Holds the highest rank.
    pub(crate) top: bool,
    pub(crate) ranks: Vec<String>,
    /// Counts its changes.
    pub(crate) version: i64,
}

/// Read afresh, never from memory.
pub(crate) async fn find(db: &Db, user: UserId) -> Result<Option<Stored>> {
    let text = sql!(
        "SELECT u.state, u.staff, u.standing,
                (SELECT string_agg(r.rank, ',') FROM user_ranks AS r WHERE r.user_id = u.id)
         FROM users AS u WHERE u.id = $1 AND u.deleted IS NULL"
    );
    let Some(row) = db.opt(text, params![user]).await? else { return Ok(None) };
    let (state, top, version, ranks) = row.read::<(i64, bool, i64, Option<String>)>()?;
    Ok(Some(Stored { state: UserState::from_number(state), top, ranks: self::ranks(ranks), version }))
}

/// The ranks that a query joined with commas.
pub(crate) fn ranks(joined: Option<String>) -> Vec<String> {
    joined.iter().flat_map(|ranks| ranks.split(',')).map(str::to_owned).collect()
}

/// Fails the batch with `otherwise` if somebody's standing has changed since it was read.
pub(crate) fn must_be(batch: &mut Batch, user: UserId, version: i64, otherwise: Code) {
    batch.must(
        sql!("SELECT 1 FROM users WHERE id = $1 AND standing = $2"),
        params![user, version],
        otherwise,
    );
}

/// The same, and counts that it changes now.
pub(crate) fn change(batch: &mut Batch, user: UserId, version: i64, otherwise: Code) {
    batch.must(
        sql!("UPDATE users SET standing = standing + 1 WHERE id = $1 AND standing = $2"),
        params![user, version],
        otherwise,
    );
}

/// Fails the batch with `otherwise` if the user is banned.
pub(crate) fn must_not_be_banned(batch: &mut Batch, user: UserId, otherwise: Code) {
    batch.must(sql!("SELECT 1 FROM users WHERE id = $1 AND state <> 1"), params![user], otherwise);
}

/// Fails the batch with `otherwise` if the user may not edit.
pub(crate) fn must_be_allowed_to_edit(batch: &mut Batch, user: UserId, otherwise: Code) {
    batch.must(sql!("SELECT 1 FROM users WHERE id = $1 AND state <> 2"), params![user], otherwise);
}

pub(crate) fn set_state(batch: &mut Batch, user: UserId, state: UserState) {
    batch.run(sql!("UPDATE users SET state = $2 WHERE id = $1"), params![user, state.number()]);
}

pub(crate) fn grant(batch: &mut Batch, user: UserId, rank: &str, by: UserId, now: Timestamp) {
    batch.run(
        sql!("INSERT INTO user_ranks (user_id, rank, granted_by, granted) VALUES ($1, $2, $3, $4)"),
        params![user, rank, by, now],
    );
}

pub(crate) fn revoke(batch: &mut Batch, user: UserId, rank: &str) {
    batch.run(sql!("DELETE FROM user_ranks WHERE user_id = $1 AND rank = $2"), params![user, rank]);
}

/// Notes what was done.
pub(crate) fn note(batch: &mut Batch, action: &StaffAction) {
    batch.run(
        sql!(
            "INSERT INTO staff_actions (id, actor_id, action, target_id, reason, before, after)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        params![
            action.id,
            action.actor_id,
            &action.action,
            action.target_id,
            &action.reason,
            &action.before,
            &action.after,
        ],
    );
}

/// The latest first, from before an id.
pub(crate) async fn list(
    db: &Db,
    before: Option<StaffActionId>,
    target: Option<UserId>,
    actor: Option<UserId>,
    limit: i64,
) -> Result<Vec<StaffAction>> {
    let text = sql!(
        "SELECT id, actor_id, action, target_id, reason, before, after FROM staff_actions
         WHERE id < $1 AND (CAST($2 AS BIGINT) IS NULL OR target_id = $2)
           AND (CAST($3 AS BIGINT) IS NULL OR actor_id = $3)
         ORDER BY id DESC LIMIT $4"
    );
    let before = before.map_or(i64::MAX, guildhall_base::Id::get);
    db.all(text, params![before, target, actor, limit]).await?.iter().map(action).collect()
}

fn action(row: &Row) -> Result<StaffAction> {
    let (id, actor_id, action, target_id, reason, before, after) = row.read()?;
    let id: StaffActionId = id;
    Ok(StaffAction { id, at: id.created_at(), actor_id, action, target_id, reason, before, after })
}
