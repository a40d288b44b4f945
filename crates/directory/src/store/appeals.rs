//! Table `listing_appeals`.

use guildhall_base::{AnyId, Result, Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::codes;
use crate::model::{Answer, Appeal, AppealKind, ListingId, ListingKind};

/// Adds what is asked; `DUPLICATE` if the same person waits for an answer to the same.
pub(crate) fn insert(batch: &mut Batch, appeal: &Appeal) {
    batch.run(
        sql!(
            "INSERT INTO listing_appeals (id, kind, listing_id, appeal_kind, user_id, review_id, text)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        params![
            appeal.id,
            appeal.listing.kind.number(),
            appeal.listing.id,
            appeal.kind.number(),
            appeal.user,
            appeal.review,
            appeal.text.as_str(),
        ],
    );
}

/// Writes the answer; `ANSWERED_ALREADY` if there is one.
pub(crate) fn answer(batch: &mut Batch, id: AnyId, answer: &Answer) {
    batch.must(
        sql!(
            "UPDATE listing_appeals SET answered_at = $2, answered_by = $3, accepted = $4, answer = $5
             WHERE id = $1 AND answered_at IS NULL"
        ),
        params![id, answer.at, answer.by, answer.accepted, answer.text.as_str()],
        codes::ANSWERED_ALREADY,
    );
}

/// One of them.
pub(crate) async fn find(db: &Db, id: AnyId) -> Result<Option<Appeal>> {
    let row = db
        .opt(
            sql!(
                "SELECT id, kind, listing_id, appeal_kind, user_id, review_id, text, answered_at, answered_by, accepted,
                        answer
                 FROM listing_appeals WHERE id = $1"
            ),
            params![id],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// When somebody asked staff for something last.
pub(crate) async fn latest(db: &Db, user: UserId) -> Result<Option<AnyId>> {
    let row = db.one(sql!("SELECT MAX(id) FROM listing_appeals WHERE user_id = $1"), params![user]).await?;
    row.read()
}

/// All that somebody asked, the oldest first.
pub(crate) async fn by(db: &Db, user: UserId) -> Result<Vec<Appeal>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, kind, listing_id, appeal_kind, user_id, review_id, text, answered_at, answered_by, accepted,
                        answer
                 FROM listing_appeals WHERE user_id = $1 ORDER BY id"
            ),
            params![user],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// What keepers asked about their listing, the latest first.
pub(crate) async fn of(db: &Db, listing: ListingId) -> Result<Vec<Appeal>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, kind, listing_id, appeal_kind, user_id, review_id, text, answered_at, answered_by, accepted,
                        answer
                 FROM listing_appeals WHERE kind = $1 AND listing_id = $2 AND appeal_kind <> 2
                 ORDER BY id DESC LIMIT 100"
            ),
            params![listing.kind.number(), listing.id],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// What staff are asked, or were, the oldest first, after one.
pub(crate) async fn page(
    db: &Db,
    answered: bool,
    kind: Option<AppealKind>,
    after: Option<AnyId>,
    limit: u16,
) -> Result<Vec<Appeal>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, kind, listing_id, appeal_kind, user_id, review_id, text, answered_at, answered_by, accepted,
                        answer
                 FROM listing_appeals
                 WHERE (answered_at IS NOT NULL) = $1 AND appeal_kind = COALESCE($2, appeal_kind) AND id > $3
                 ORDER BY id LIMIT $4"
            ),
            params![
                answered,
                kind.map(AppealKind::number),
                after.unwrap_or(AnyId::new(0)),
                i64::from(limit),
            ],
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Appeal> {
    let mut columns = row.columns();
    let id = columns.next()?;
    let kind = ListingKind::numbered(columns.next()?)?;
    let listing = ListingId { kind, id: columns.next()? };
    let kind = AppealKind::numbered(columns.next()?)?;
    let (user, review, text) = (columns.next()?, columns.next()?, columns.next()?);
    let (at, by) = (columns.next::<Option<Timestamp>>()?, columns.next()?);
    let (accepted, words) = (columns.next::<Option<bool>>()?, columns.next::<Option<String>>()?);
    let answer =
        at.map(|at| Answer { at, by, accepted: accepted.unwrap_or(false), text: words.unwrap_or_default() });
    Ok(Appeal { id, listing, kind, user, review, text, answer })
}
