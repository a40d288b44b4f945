//! Tables `votes` and `vote_windows`: the ledger, and until when who cannot vote again.

use guildhall_base::{AnyId, Error, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use super::listings::key;
use crate::model::{Flags, ListingId, ListingKind, State, Vote, VoteId};

/// Times of votes that are given at most.
const TIMES: i64 = 100;

/// For what a window is: one listing, or all of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) kind: ListingKind,
    pub(crate) listing: Option<AnyId>,
}

impl Scope {
    fn listing(self) -> AnyId {
        self.listing.unwrap_or(AnyId::new(0))
    }
}

/// Opens a window for somebody unless theirs is still open: of any number at once one does, the others get `wait`.
pub(crate) fn open_window(
    batch: &mut Batch,
    user: UserId,
    scope: Scope,
    (now, ends_at): (Timestamp, Timestamp),
    wait: impl Into<Error>,
) {
    batch.must(
        sql!(
            "INSERT INTO vote_windows (user_id, kind, listing_id, ends_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_id, kind, listing_id) DO UPDATE SET ends_at = excluded.ends_at
             WHERE vote_windows.ends_at <= $5"
        ),
        params![user, scope.kind.number(), scope.listing(), ends_at, now],
        wait,
    );
}

/// When somebody's window ends, or ended.
pub(crate) async fn window(db: &Db, user: UserId, scope: Scope) -> Result<Option<Timestamp>> {
    let row = db
        .opt(
            sql!("SELECT ends_at FROM vote_windows WHERE user_id = $1 AND kind = $2 AND listing_id = $3"),
            params![user, scope.kind.number(), scope.listing()],
        )
        .await?;
    row.map(|row| row.read()).transpose()
}

/// Adds a vote and counts it, in the period that is counted when the row of counts is held; `refused` if the listing
/// takes no votes then.
pub(crate) fn cast(batch: &mut Batch, vote: &Vote, refused: impl Into<Error>) {
    let states: Vec<i64> =
        State::ALL.iter().filter(|state| state.takes_votes()).map(|state| state.number()).collect();
    let (kind, id) = (vote.listing.kind.number(), vote.listing.id);
    let locked = Flags::VOTE_LOCKED | Flags::SYSTEM;
    batch.must(
        sql!(
            "UPDATE listing_counts SET votes = votes + 1, total_votes = total_votes + 1
             WHERE kind = $1 AND id = $2
               AND EXISTS (SELECT 1 FROM listings AS l
                           WHERE l.kind = $1 AND l.id = $2 AND l.state {in $3} AND (l.flags & $4) = 0)"
        ),
        params![kind, id, states, locked.bits()],
        refused,
    );
    super::days::add_vote(batch, vote.listing, vote.id.created_at());
    batch.run(
        sql!(
            "INSERT INTO votes (id, kind, listing_id, user_id, period)
             SELECT $1, $2, $3, $4, c.period FROM listing_counts AS c WHERE c.kind = $2 AND c.id = $3"
        ),
        params![vote.id, kind, id, vote.user],
    );
}

/// How often somebody voted for a listing, and the latest hundred of their votes.
pub(crate) async fn of_user(db: &Db, user: UserId, id: ListingId) -> Result<(u64, Vec<VoteId>)> {
    let params = || params![user, id.kind.number(), id.id];
    let counted = db
        .one(
            sql!("SELECT COUNT(*) FROM votes WHERE user_id = $1 AND kind = $2 AND listing_id = $3"),
            params(),
        )
        .await?;
    let mut all = params();
    all.extend(params![TIMES]);
    let rows = db
        .all(
            sql!(
                "SELECT id FROM votes WHERE user_id = $1 AND kind = $2 AND listing_id = $3
                 ORDER BY id DESC LIMIT $4"
            ),
            all,
        )
        .await?;
    Ok((counted.read()?, rows.iter().map(Row::read).collect::<Result<_>>()?))
}

/// Who voted for a listing, the latest first, before a vote.
pub(crate) async fn page(
    db: &Db,
    id: ListingId,
    before: VoteId,
    limit: u32,
) -> Result<Vec<(VoteId, UserId)>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, user_id FROM votes WHERE kind = $1 AND listing_id = $2 AND id < $3
                 ORDER BY id DESC LIMIT $4"
            ),
            params![id.kind.number(), id.id, before, limit],
        )
        .await?;
    rows.iter().map(Row::read).collect()
}

/// Who voted for a listing, the earliest first, after a vote.
pub(crate) async fn page_after(
    db: &Db,
    id: ListingId,
    after: VoteId,
    limit: u32,
) -> Result<Vec<(VoteId, UserId)>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, user_id FROM votes WHERE kind = $1 AND listing_id = $2 AND id > $3 ORDER BY id LIMIT $4"
            ),
            params![id.kind.number(), id.id, after, limit],
        )
        .await?;
    rows.iter().map(Row::read).collect()
}

/// What somebody voted for, the latest first, before a vote.
pub(crate) async fn by_user(db: &Db, user: UserId, before: VoteId, limit: u32) -> Result<Vec<Vote>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, kind, listing_id FROM votes WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
            ),
            params![user, before, limit],
        )
        .await?;
    let vote = |row: &Row| {
        let (id, kind, listing) = row.read::<(VoteId, i64, AnyId)>()?;
        let kind = ListingKind::numbered(kind)?;
        Ok(Vote { id, listing: ListingId { kind, id: listing }, user })
    };
    rows.iter().map(vote).collect()
}

/// Listings whose counts are others than the ledger says.
pub(crate) async fn miscounted(db: &Db) -> Result<Vec<ListingId>> {
    let rows = db
        .all(
            sql!(
                "SELECT c.kind, c.id FROM listing_counts AS c
                 LEFT JOIN (SELECT v.kind, v.listing_id, COUNT(*) AS total,
                                   SUM(CASE WHEN v.period = n.period THEN 1 ELSE 0 END) AS recent
                            FROM votes AS v JOIN listing_counts AS n ON n.kind = v.kind AND n.id = v.listing_id
                            GROUP BY v.kind, v.listing_id) AS t ON t.kind = c.kind AND t.listing_id = c.id
                 WHERE c.total_votes <> COALESCE(t.total, 0) OR c.votes <> COALESCE(t.recent, 0)"
            ),
            params![],
        )
        .await?;
    rows.iter().map(key).collect()
}

/// Counts a listing's votes anew from the ledger, one vote at a time being cast or not.
pub(crate) async fn recount(db: &Db, id: ListingId) -> Result<()> {
    db.tx(async |tx| {
        let params = || params![id.kind.number(), id.id];
        let row = tx
            .one(
                sql!(
                    "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN v.period = c.period THEN 1 ELSE 0 END), 0) AS BIGINT)
                     FROM votes AS v JOIN listing_counts AS c ON c.kind = v.kind AND c.id = v.listing_id
                     WHERE v.kind = $1 AND v.listing_id = $2"
                ),
                params(),
            )
            .await?;
        let (total, recent) = row.read::<(u64, u64)>()?;
        let mut all = params();
        all.extend(params![total, recent]);
        tx.run(
            sql!("UPDATE listing_counts SET total_votes = $3, votes = $4 WHERE kind = $1 AND id = $2"),
            all,
        )
        .await?;
        Ok(())
    })
    .await
}
