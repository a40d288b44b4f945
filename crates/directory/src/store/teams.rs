//! Tables `listing_teams` and `listing_team_members`.

use guildhall_base::{Error, Result, TeamId, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use super::keepers::rights;
use crate::model::Keeper;

/// As many members as a team may have, its owner included.
pub(crate) const MOST: usize = 25;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredTeam {
    pub(crate) id: TeamId,
    pub(crate) owner: UserId,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
}

pub(crate) fn insert(batch: &mut Batch, team: &StoredTeam) {
    batch.run(
        sql!("INSERT INTO listing_teams (id, owner_id, name, created_at) VALUES ($1, $2, $3, $4)"),
        params![team.id, team.owner, team.name.as_str(), team.created_at],
    );
}

pub(crate) fn rename(batch: &mut Batch, team: TeamId, name: &str, otherwise: impl Into<Error>) {
    batch.must(sql!("UPDATE listing_teams SET name = $2 WHERE id = $1"), params![team, name], otherwise);
}

pub(crate) fn delete(batch: &mut Batch, team: TeamId, otherwise: impl Into<Error>) {
    batch.must(sql!("DELETE FROM listing_teams WHERE id = $1"), params![team], otherwise);
}

/// One team.
pub(crate) async fn find(db: &Db, team: TeamId) -> Result<Option<StoredTeam>> {
    let row = db
        .opt(sql!("SELECT id, owner_id, name, created_at FROM listing_teams WHERE id = $1"), params![team])
        .await?;
    row.as_ref().map(stored).transpose()
}

/// The teams that somebody owns or is in.
pub(crate) async fn of(db: &Db, user: UserId) -> Result<Vec<StoredTeam>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, owner_id, name, created_at FROM listing_teams
                 WHERE owner_id = $1 OR id IN (SELECT team_id FROM listing_team_members WHERE user_id = $1)
                 ORDER BY id"
            ),
            params![user],
        )
        .await?;
    rows.iter().map(stored).collect()
}

/// Who is in a team besides its owner.
pub(crate) async fn members(db: &Db, team: TeamId) -> Result<Vec<Keeper>> {
    let rows = db
        .all(
            sql!("SELECT user_id, rights FROM listing_team_members WHERE team_id = $1 ORDER BY user_id"),
            params![team],
        )
        .await?;
    let keeper = |row: &Row| {
        let (user, bits) = row.read::<(UserId, i64)>()?;
        Ok(Keeper { user, rights: rights(bits), main: false })
    };
    rows.iter().map(keeper).collect()
}

/// Adds a member, or changes what they may do; `full` if there are too many.
pub(crate) fn put_member(batch: &mut Batch, team: TeamId, member: &Keeper, full: impl Into<Error>) {
    batch.must(
        sql!(
            "INSERT INTO listing_team_members (team_id, user_id, rights)
             SELECT $1, $2, $3
             WHERE (SELECT COUNT(*) FROM listing_team_members WHERE team_id = $1 AND user_id <> $2) < $4
             ON CONFLICT (team_id, user_id) DO UPDATE SET rights = excluded.rights"
        ),
        params![team, member.user, member.rights.bits(), MOST - 1],
        full,
    );
}

pub(crate) fn remove_member(batch: &mut Batch, team: TeamId, user: UserId, otherwise: impl Into<Error>) {
    batch.must(
        sql!("DELETE FROM listing_team_members WHERE team_id = $1 AND user_id = $2"),
        params![team, user],
        otherwise,
    );
}

fn stored(row: &Row) -> Result<StoredTeam> {
    let (id, owner, name, created_at) = row.read()?;
    Ok(StoredTeam { id, owner, name, created_at })
}
