//! Table `listing_reviews`, and what reviews said before (`listing_review_edits`). Whoever changes a thread holds the row
//! at its top until they are done, so that no answer is added below what goes.

use guildhall_base::{AnyId, Error, Result, ReviewId, Timestamp, UserId};
use guildhall_infra::db::{Batch, Columns, Db, Row};
use guildhall_infra::{params, sql};

use crate::codes;
use crate::model::{Cursor, ListingId, ListingKind, Review, ReviewEdit, ReviewSort, Voice};

/// Keeps others out of a thread until the batch is done.
pub(crate) fn hold(batch: &mut Batch, top: ReviewId) {
    batch.must(
        sql!("SELECT id FROM listing_reviews WHERE id = $1 {for_update}"),
        params![top],
        codes::UNKNOWN_REVIEW,
    );
}

/// Adds a review; `DUPLICATE` if its author has reviewed the listing.
pub(crate) fn insert(batch: &mut Batch, review: &Review) {
    batch.run(
        sql!(
            "INSERT INTO listing_reviews (id, kind, listing_id, author_id, stars, text, official)
             VALUES ($1, $2, $3, $4, $5, $6, FALSE)"
        ),
        params![
            review.id,
            review.listing.kind.number(),
            review.listing.id,
            review.author,
            review.stars,
            review.text.as_str(),
        ],
    );
}

/// Adds an answer; `UNKNOWN_REVIEW` if what it answers is gone. Hold the thread before.
pub(crate) fn insert_reply(batch: &mut Batch, review: &Review) {
    batch.must(
        sql!(
            "INSERT INTO listing_reviews (id, kind, listing_id, root_id, parent_id, author_id, text, official)
             SELECT $1, p.kind, p.listing_id, COALESCE(p.root_id, p.id), p.id, $3, $4, $5
             FROM listing_reviews AS p WHERE p.id = $2 AND p.author_id IS NOT NULL"
        ),
        params![review.id, review.parent, review.author, review.text.as_str(), review.official],
        codes::UNKNOWN_REVIEW,
    );
}

/// Counts reviews and stars of a listing on, or back.
pub(crate) fn count(batch: &mut Batch, listing: ListingId, reviews: i64, stars: i64) {
    batch.run(
        sql!(
            "UPDATE listing_counts SET reviews = reviews + $3, stars = stars + $4 WHERE kind = $1 AND id = $2"
        ),
        params![listing.kind.number(), listing.id, reviews, stars],
    );
}

/// Changes what a review says and keeps what it said; `CONFLICT` if somebody else did since it was read.
pub(crate) fn edit(batch: &mut Batch, before: &Review, stars: Option<u64>, text: &str, now: Timestamp) {
    batch.must(
        sql!(
            "UPDATE listing_reviews SET stars = $3, text = $4, edited_at = $5, version = version + 1
             WHERE id = $1 AND version = $2 AND author_id IS NOT NULL"
        ),
        params![before.id, before.version, stars, text, now],
        guildhall_base::codes::CONFLICT,
    );
    batch.run(
        sql!(
            "INSERT INTO listing_review_edits (review_id, version, stars, text, changed_at)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        params![before.id, before.version, before.stars, before.text.as_str(), now],
    );
}

/// Removes a review with all answers; `CONFLICT` if it was changed since it was read. Hold the thread before.
pub(crate) fn delete_thread(batch: &mut Batch, review: &Review) {
    batch.run(sql!("DELETE FROM listing_reviews WHERE root_id = $1"), params![review.id]);
    batch.must(
        sql!("DELETE FROM listing_reviews WHERE id = $1 AND version = $2"),
        params![review.id, review.version],
        guildhall_base::codes::CONFLICT,
    );
}

/// Takes away what an answer says and who wrote it. Its place stays for the answers to it.
pub(crate) fn empty(batch: &mut Batch, reply: ReviewId) {
    batch.run(sql!("DELETE FROM listing_review_edits WHERE review_id = $1"), params![reply]);
    batch.run(sql!("DELETE FROM listing_review_votes WHERE review_id = $1"), params![reply]);
    batch.must(
        sql!(
            "UPDATE listing_reviews SET author_id = NULL, text = '', official = FALSE, up = 0, down = 0, score = 0,
                 edited_at = NULL, version = version + 1
             WHERE id = $1 AND author_id IS NOT NULL"
        ),
        params![reply],
        codes::UNKNOWN_REVIEW,
    );
}

/// One review or answer, as `viewer` sees it.
pub(crate) async fn find(db: &Db, id: ReviewId, viewer: Option<UserId>) -> Result<Option<Review>> {
    let row = db
        .opt(
            sql!(
                "SELECT r.id, r.kind, r.listing_id, r.root_id, r.parent_id, r.author_id, r.stars, r.text, r.official,
                        r.up, r.down, r.version, r.edited_at, v.up,
                        (SELECT COUNT(*) FROM listing_reviews AS a WHERE a.root_id = r.id AND a.author_id IS NOT NULL)
                 FROM listing_reviews AS r
                 LEFT JOIN listing_review_votes AS v ON v.review_id = r.id AND v.user_id = $2
                 WHERE r.id = $1"
            ),
            params![id, viewer],
        )
        .await?;
    row.as_ref().map(review).transpose()
}

/// Which reviews of a listing are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) sort: ReviewSort,
    /// Only of this person.
    pub(crate) author: Option<UserId>,
    /// What comes after this place.
    pub(crate) after: Option<Cursor<2>>,
    pub(crate) limit: u16,
}

/// A listing's reviews, without answers.
pub(crate) async fn of(
    db: &Db,
    listing: ListingId,
    viewer: Option<UserId>,
    wanted: Wanted,
) -> Result<Vec<Review>> {
    let Cursor([score, id]) = wanted.after.unwrap_or(Cursor([i64::MAX, i64::MAX]));
    let (kind, limit) = (listing.kind.number(), i64::from(wanted.limit));
    let rows = match wanted.sort {
        ReviewSort::Newest => {
            db.all(
                sql!(
                    "SELECT r.id, r.kind, r.listing_id, r.root_id, r.parent_id, r.author_id, r.stars, r.text,
                            r.official, r.up, r.down, r.version, r.edited_at, v.up,
                            (SELECT COUNT(*) FROM listing_reviews AS a
                             WHERE a.root_id = r.id AND a.author_id IS NOT NULL)
                     FROM listing_reviews AS r
                     LEFT JOIN listing_review_votes AS v ON v.review_id = r.id AND v.user_id = $3
                     WHERE r.kind = $1 AND r.listing_id = $2 AND r.root_id IS NULL AND r.id < $4
                       AND r.author_id = COALESCE($5, r.author_id)
                     ORDER BY r.id DESC LIMIT $6"
                ),
                params![kind, listing.id, viewer, id, wanted.author, limit],
            )
            .await?
        }
        ReviewSort::Helpful => {
            db.all(
                sql!(
                    "SELECT r.id, r.kind, r.listing_id, r.root_id, r.parent_id, r.author_id, r.stars, r.text,
                            r.official, r.up, r.down, r.version, r.edited_at, v.up,
                            (SELECT COUNT(*) FROM listing_reviews AS a
                             WHERE a.root_id = r.id AND a.author_id IS NOT NULL)
                     FROM listing_reviews AS r
                     LEFT JOIN listing_review_votes AS v ON v.review_id = r.id AND v.user_id = $3
                     WHERE r.kind = $1 AND r.listing_id = $2 AND r.root_id IS NULL AND (r.score, r.id) < ($4, $5)
                       AND r.author_id = COALESCE($6, r.author_id)
                     ORDER BY r.score DESC, r.id DESC LIMIT $7"
                ),
                params![kind, listing.id, viewer, score, id, wanted.author, limit],
            )
            .await?
        }
    };
    rows.iter().map(review).collect()
}

/// The answers in a review's thread, or those to one answer, the oldest first. Emptied ones that nobody answered are left
/// out.
pub(crate) async fn replies(
    db: &Db,
    to: ReviewId,
    viewer: Option<UserId>,
    after: Option<ReviewId>,
    limit: u16,
) -> Result<Vec<Review>> {
    let rows = db
        .all(
            sql!(
                "SELECT r.id, r.kind, r.listing_id, r.root_id, r.parent_id, r.author_id, r.stars, r.text, r.official,
                        r.up, r.down, r.version, r.edited_at, v.up, 0
                 FROM listing_reviews AS r
                 LEFT JOIN listing_review_votes AS v ON v.review_id = r.id AND v.user_id = $2
                 WHERE (r.root_id = $1 OR r.parent_id = $1) AND r.id > $3
                   AND (r.author_id IS NOT NULL OR EXISTS (SELECT 1 FROM listing_reviews AS a WHERE a.parent_id = r.id))
                 ORDER BY r.id LIMIT $4"
            ),
            params![to, viewer, after.unwrap_or(ReviewId::new(0)), i64::from(limit)],
        )
        .await?;
    rows.iter().map(review).collect()
}

/// What a review said before, the latest first.
pub(crate) async fn edits(db: &Db, id: ReviewId) -> Result<Vec<ReviewEdit>> {
    let rows = db
        .all(
            sql!(
                "SELECT version, stars, text, changed_at FROM listing_review_edits
                 WHERE review_id = $1 ORDER BY version DESC LIMIT 100"
            ),
            params![id],
        )
        .await?;
    let edit = |row: &Row| {
        let (version, stars, text, changed_at) = row.read()?;
        Ok(ReviewEdit { version, stars, text, changed_at })
    };
    rows.iter().map(edit).collect()
}

fn review(row: &Row) -> Result<Review> {
    let mut columns = row.columns();
    Ok(Review {
        id: columns.next()?,
        listing: listing(&mut columns)?,
        root: columns.next()?,
        parent: columns.next()?,
        author: columns.next()?,
        stars: columns.next()?,
        text: columns.next()?,
        official: columns.next()?,
        up: columns.next()?,
        down: columns.next()?,
        version: columns.next()?,
        edited_at: columns.next()?,
        voted: columns.next::<Option<bool>>()?.map(|up| if up { Voice::Up } else { Voice::Down }),
        replies: columns.next()?,
    })
}

fn listing(columns: &mut Columns<'_>) -> Result<ListingId, Error> {
    let kind = ListingKind::numbered(columns.next()?)?;
    Ok(ListingId { kind, id: columns.next::<AnyId>()? })
}
