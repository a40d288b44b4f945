//! Tables `listing_news` and `listing_resources`.

use guildhall_base::{AnyId, Result, Timestamp};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::codes;
use crate::model::{ListingId, News, NewsKind, Resource};

/// News of one listing, old ones included.
const MOST_NEWS: i64 = 200;
/// Resources of one listing.
const MOST_RESOURCES: i64 = 30;

/// Adds news; `TOO_MANY_ENTRIES` if there are too many.
pub(crate) fn insert(batch: &mut Batch, listing: ListingId, news: &News) {
    batch.must(
        sql!(
            "INSERT INTO listing_news (id, kind, listing_id, news_kind, title, text, ends_at)
             SELECT $1, $2, $3, $4, $5, $6, $7
             WHERE (SELECT COUNT(*) FROM listing_news WHERE kind = $2 AND listing_id = $3) < $8"
        ),
        params![
            news.id,
            listing.kind.number(),
            listing.id,
            news.kind.number(),
            news.title.as_str(),
            news.text.as_str(),
            news.ends_at,
            MOST_NEWS,
        ],
        codes::TOO_MANY_ENTRIES,
    );
}

/// Removes news.
pub(crate) fn delete(batch: &mut Batch, listing: ListingId, id: AnyId) {
    batch.must(
        sql!("DELETE FROM listing_news WHERE id = $1 AND kind = $2 AND listing_id = $3"),
        params![id, listing.kind.number(), listing.id],
        codes::UNKNOWN_ENTRY,
    );
}

/// The news of a listing, the latest first: those that have not ended at this time, or all.
pub(crate) async fn of(
    db: &Db,
    listing: ListingId,
    current: Option<Timestamp>,
    before: Option<AnyId>,
    limit: u16,
) -> Result<Vec<News>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, news_kind, title, text, ends_at FROM listing_news
                 WHERE kind = $1 AND listing_id = $2 AND id < $3
                   AND (CAST($4 AS BIGINT) IS NULL OR ends_at IS NULL OR ends_at > $4)
                 ORDER BY id DESC LIMIT $5"
            ),
            params![
                listing.kind.number(),
                listing.id,
                before.unwrap_or(AnyId::new(i64::MAX)),
                current,
                i64::from(limit),
            ],
        )
        .await?;
    let news = |row: &Row| {
        let mut columns = row.columns();
        Ok(News {
            id: columns.next()?,
            kind: NewsKind::numbered(columns.next()?)?,
            title: columns.next()?,
            text: columns.next()?,
            ends_at: columns.next()?,
        })
    };
    rows.iter().map(news).collect()
}

/// Adds a resource; `TOO_MANY_ENTRIES` if there are too many.
pub(crate) fn insert_resource(batch: &mut Batch, listing: ListingId, resource: &Resource) {
    batch.must(
        sql!(
            "INSERT INTO listing_resources (id, kind, listing_id, title, description, url)
             SELECT $1, $2, $3, $4, $5, $6
             WHERE (SELECT COUNT(*) FROM listing_resources WHERE kind = $2 AND listing_id = $3) < $7"
        ),
        params![
            resource.id,
            listing.kind.number(),
            listing.id,
            resource.title.as_str(),
            resource.description.as_str(),
            resource.url.as_str(),
            MOST_RESOURCES,
        ],
        codes::TOO_MANY_ENTRIES,
    );
}

/// Removes a resource.
pub(crate) fn delete_resource(batch: &mut Batch, listing: ListingId, id: AnyId) {
    batch.must(
        sql!("DELETE FROM listing_resources WHERE id = $1 AND kind = $2 AND listing_id = $3"),
        params![id, listing.kind.number(), listing.id],
        codes::UNKNOWN_ENTRY,
    );
}

/// The resources of a listing, the oldest first.
pub(crate) async fn resources(db: &Db, listing: ListingId) -> Result<Vec<Resource>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, title, description, url FROM listing_resources
                 WHERE kind = $1 AND listing_id = $2 ORDER BY id"
            ),
            params![listing.kind.number(), listing.id],
        )
        .await?;
    let resource = |row: &Row| {
        let (id, title, description, url) = row.read()?;
        Ok(Resource { id, title, description, url })
    };
    rows.iter().map(resource).collect()
}
