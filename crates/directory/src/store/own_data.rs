//! What all tables keep of one person.

use guildhall_base::{Result, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::model::{ListingId, ListingKind};

/// The listings of which somebody is the main owner, with their names.
pub(crate) async fn owned(db: &Db, user: UserId) -> Result<Vec<(ListingId, String)>> {
    let rows = db
        .all(sql!("SELECT kind, id, name FROM listings WHERE owner_id = $1 ORDER BY id"), params![user])
        .await?;
    let read = |row: &Row| {
        let (kind, id, name) = row.read::<(i64, guildhall_base::AnyId, String)>()?;
        Ok((ListingId { kind: ListingKind::numbered(kind)?, id }, name))
    };
    rows.iter().map(read).collect()
}

/// Forgets a person. A bot of theirs is forgotten the same way: as a person it keeps nothing, as a bot it is delisted.
pub(crate) fn forget(batch: &mut Batch, user: UserId) {
    forget_reviews(batch, user);
    batch.run(sql!("DELETE FROM listing_packs WHERE owner_id = $1"), params![user]);
    batch.run(sql!("DELETE FROM listing_appeals WHERE user_id = $1"), params![user]);
    batch.run(sql!("DELETE FROM vanities WHERE kind = 2 AND id = $1"), params![user]);
    batch.run(sql!("DELETE FROM vanities WHERE kind = 0 AND id = $1"), params![user]);
    batch.run(
        sql!("DELETE FROM listings WHERE owner_id = $1 OR (kind = 0 AND id = $1 AND platform = '')"),
        params![user],
    );
    for statement in [
        sql!("DELETE FROM vote_windows WHERE user_id = $1"),
        sql!("DELETE FROM vote_reminders WHERE user_id = $1"),
        sql!("DELETE FROM directory_people WHERE user_id = $1"),
    ] {
        batch.run(statement, params![user]);
    }
    batch.run(sql!("DELETE FROM listing_owners WHERE user_id = $1"), params![user]);
    batch.run(sql!("DELETE FROM listing_team_members WHERE user_id = $1"), params![user]);
    batch.run(sql!("DELETE FROM listing_teams WHERE owner_id = $1"), params![user]);
}

/// Takes away what somebody wrote, as if they had done it themselves, and what they thought of what others wrote.
fn forget_reviews(batch: &mut Batch, user: UserId) {
    batch.run(
        sql!(
            "UPDATE listing_counts SET reviews = reviews - 1, stars = stars - (
                 SELECT r.stars FROM listing_reviews AS r
                 WHERE r.kind = listing_counts.kind AND r.listing_id = listing_counts.id AND r.author_id = $1
                   AND r.root_id IS NULL)
             WHERE EXISTS (SELECT 1 FROM listing_reviews AS r
                           WHERE r.kind = listing_counts.kind AND r.listing_id = listing_counts.id
                             AND r.author_id = $1 AND r.root_id IS NULL)"
        ),
        params![user],
    );
    batch.run(
        sql!(
            "DELETE FROM listing_reviews
             WHERE root_id IN (SELECT id FROM listing_reviews WHERE author_id = $1 AND root_id IS NULL)"
        ),
        params![user],
    );
    batch.run(sql!("DELETE FROM listing_reviews WHERE author_id = $1 AND root_id IS NULL"), params![user]);
    batch.run(
        sql!(
            "DELETE FROM listing_review_edits
             WHERE review_id IN (SELECT id FROM listing_reviews WHERE author_id = $1)"
        ),
        params![user],
    );
    batch.run(
        sql!(
            "UPDATE listing_reviews SET author_id = NULL, text = '', official = FALSE, version = version + 1
             WHERE author_id = $1"
        ),
        params![user],
    );
    batch.run(
        sql!(
            "UPDATE listing_reviews SET
                 up = listing_reviews.up - (SELECT COUNT(*) FROM listing_review_votes AS v
                     WHERE v.review_id = listing_reviews.id AND v.user_id = $1 AND v.up),
                 down = listing_reviews.down - (SELECT COUNT(*) FROM listing_review_votes AS v
                     WHERE v.review_id = listing_reviews.id AND v.user_id = $1 AND NOT v.up)
             WHERE id IN (SELECT review_id FROM listing_review_votes WHERE user_id = $1)"
        ),
        params![user],
    );
    batch.run(
        sql!(
            "UPDATE listing_reviews SET score = listing_reviews.up - listing_reviews.down
             WHERE id IN (SELECT review_id FROM listing_review_votes WHERE user_id = $1)"
        ),
        params![user],
    );
    batch.run(sql!("DELETE FROM listing_review_votes WHERE user_id = $1"), params![user]);
}

/// What somebody wrote about listings: the listing, the stars, the text and when.
pub(crate) async fn reviews(
    db: &Db,
    user: UserId,
) -> Result<Vec<(ListingId, Option<u64>, String, guildhall_base::Timestamp)>> {
    let rows = db
        .all(
            sql!(
                "SELECT kind, listing_id, stars, text, id FROM listing_reviews WHERE author_id = $1 ORDER BY id"
            ),
            params![user],
        )
        .await?;
    let read = |row: &Row| {
        let (kind, id, stars, text, review) =
            row.read::<(i64, guildhall_base::AnyId, Option<u64>, String, guildhall_base::ReviewId)>()?;
        let listing = ListingId { kind: ListingKind::numbered(kind)?, id };
        Ok((listing, stars, text, review.created_at()))
    };
    rows.iter().map(read).collect()
}
