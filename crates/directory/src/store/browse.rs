//! Lists and search: ids of listings in order. What is not in lists is never among them.

use guildhall_base::{AnyId, Result, Timestamp};
use guildhall_infra::db::{Batch, Db, Row, Sql, folded, text_query};
use guildhall_infra::{params, sql};

use crate::model::{Listing, ListingId, ListingKind};
use crate::rules::browse::{After, Browse, Sort, word_row};

/// Characters of the long text that are looked through.
const LOOKED_THROUGH: usize = 4_000;

/// Puts a listing's words where they are found.
pub(crate) fn put_words(batch: &mut Batch, listing: &Listing) {
    remove_words(batch, listing.id);
    let vanity = listing.vanity.as_deref().unwrap_or_default();
    let long: String = listing.long.chars().take(LOOKED_THROUGH).collect();
    batch.run(
        sql!("INSERT INTO listing_words (rowid, title, body) VALUES ($1, $2, $3)"),
        params![
            word_row(listing.id.kind, listing.id.id),
            folded(&format!("{} {vanity}", listing.name)),
            folded(&format!("{} {} {long}", listing.short, listing.tags.join(" "))),
        ],
    );
}

pub(crate) fn remove_words(batch: &mut Batch, id: ListingId) {
    batch.run(sql!("DELETE FROM listing_words WHERE rowid = $1"), params![word_row(id.kind, id.id)]);
}

/// Filters that all lists have: `$1` kind, `$2` tags, `$3` how many, `$4` language, `$5` and `$6` sizes, `$7` whether all.
macro_rules! filters {
    () => {
        "l.kind = $1 AND l.state IN (0, 6)
         AND ($3 = 0 OR (SELECT COUNT(*) FROM listing_labelled AS t
                         WHERE t.kind = l.kind AND t.id = l.id AND t.label_kind = 0 AND t.name {in $2}) = $3)
         AND (CAST($4 AS TEXT) IS NULL OR l.language = $4)
         AND (CAST($5 AS BIGINT) IS NULL OR (CASE l.kind WHEN 0 THEN c.guilds ELSE c.users END) >= $5)
         AND (CAST($6 AS BIGINT) IS NULL OR (CASE l.kind WHEN 0 THEN c.guilds ELSE c.users END) <= $6)
         AND ($7 OR (l.flags & 256) = 0)"
    };
}

/// A list in one order, from all listings: the index gives the order, and reading ends with the page.
macro_rules! in_order {
    ($key:literal, $first:literal, $second:literal) => {
        sql!(concat!(
            "SELECT l.id, ",
            $key,
            " FROM ",
            $first,
            " JOIN ",
            $second,
            " WHERE ",
            filters!(),
            " AND (",
            $key,
            ", l.id) < ($8, $9) ORDER BY ",
            $key,
            " DESC, l.id DESC LIMIT $10"
        ))
    };
}

/// The same among what has a tag: `$11`.
macro_rules! tagged_in_order {
    ($key:literal) => {
        sql!(concat!(
            "SELECT l.id, ",
            $key,
            " FROM listing_labelled AS d JOIN listings AS l ON l.kind = d.kind AND l.id = d.id
              JOIN listing_counts AS c ON c.kind = l.kind AND c.id = l.id
              WHERE d.kind = $1 AND d.label_kind = 0 AND d.name = $11 AND ",
            filters!(),
            " AND (",
            $key,
            ", l.id) < ($8, $9) ORDER BY ",
            $key,
            " DESC, l.id DESC LIMIT $10"
        ))
    };
}

fn statement(kind: ListingKind, sort: Sort, tagged: bool) -> Sql {
    match (sort, kind, tagged) {
        (Sort::Votes, _, false) => in_order!(
            "c.votes",
            "listing_counts AS c",
            "listings AS l ON l.kind = c.kind AND l.id = c.id AND c.kind = $1"
        ),
        (Sort::New, _, false) => in_order!(
            "l.approved_at",
            "listings AS l",
            "listing_counts AS c ON c.kind = l.kind AND c.id = l.id"
        ),
        (Sort::Size, ListingKind::Bot, false) => in_order!(
            "c.guilds",
            "listing_counts AS c",
            "listings AS l ON l.kind = c.kind AND l.id = c.id AND c.kind = $1"
        ),
        (Sort::Size, ListingKind::Guild, false) => in_order!(
            "c.users",
            "listing_counts AS c",
            "listings AS l ON l.kind = c.kind AND l.id = c.id AND c.kind = $1"
        ),
        (Sort::Votes, _, true) => tagged_in_order!("c.votes"),
        (Sort::New, _, true) => tagged_in_order!("l.approved_at"),
        (Sort::Size, ListingKind::Bot, true) => tagged_in_order!("c.guilds"),
        (Sort::Size, ListingKind::Guild, true) => tagged_in_order!("c.users"),
    }
}

/// A page of ids, and where the next one begins.
pub(crate) async fn page(
    db: &Db,
    kind: ListingKind,
    browse: &Browse,
    after: Option<After>,
) -> Result<(Vec<AnyId>, Option<After>)> {
    match text_query(db.dialect(), &browse.q) {
        Some(words) => found(db, kind, browse, &words, after).await,
        // Signs of which none is a letter find nothing, not everything.
        None if !browse.q.trim().is_empty() => Ok((Vec::new(), None)),
        None => ordered(db, kind, browse, after).await,
    }
}

async fn ordered(
    db: &Db,
    kind: ListingKind,
    browse: &Browse,
    after: Option<After>,
) -> Result<(Vec<AnyId>, Option<After>)> {
    let tags = browse.wanted_tags();
    let (number, id) = match after {
        Some(After::Key(number, id)) => (number, id),
        _ => (i64::MAX, AnyId::new(i64::MAX)),
    };
    let mut values = params![
        kind.number(),
        &tags,
        tags.len(),
        browse.language.as_deref(),
        browse.size_from,
        browse.size_to,
        browse.nsfw,
        number,
        id,
        browse.limit() + 1,
    ];
    if let Some(tag) = tags.first() {
        values.extend(params![tag.as_str()]);
    }
    let rows = db.all(statement(kind, browse.sort, !tags.is_empty()), values).await?;
    let mut keys = rows.iter().map(Row::read::<(AnyId, i64)>).collect::<Result<Vec<_>>>()?;
    let more = keys.len() > usize::from(browse.limit());
    keys.truncate(browse.limit().into());
    let next = keys.last().filter(|_| more).map(|(id, number)| After::Key(*number, *id));
    Ok((keys.into_iter().map(|(id, _)| id).collect(), next))
}

async fn found(
    db: &Db,
    kind: ListingKind,
    browse: &Browse,
    words: &str,
    after: Option<After>,
) -> Result<(Vec<AnyId>, Option<After>)> {
    let tags = browse.wanted_tags();
    let offset = match after {
        Some(After::Offset(offset)) => offset,
        _ => 0,
    };
    let rows = db
        .all(
            sql!(concat!(
                "SELECT l.id FROM listing_words
                 JOIN listings AS l ON l.kind = (listing_words.rowid & 1) AND l.id = (listing_words.rowid >> 1)
                 JOIN listing_counts AS c ON c.kind = l.kind AND c.id = l.id
                 WHERE {matches listing_words $8} AND ",
                filters!(),
                " ORDER BY {relevance listing_words $8} DESC, c.votes DESC, l.id LIMIT $9 OFFSET $10"
            )),
            params![
                kind.number(),
                &tags,
                tags.len(),
                browse.language.as_deref(),
                browse.size_from,
                browse.size_to,
                browse.nsfw,
                words,
                browse.limit() + 1,
                offset,
            ],
        )
        .await?;
    let mut ids = rows.iter().map(Row::read::<AnyId>).collect::<Result<Vec<_>>>()?;
    let more = ids.len() > usize::from(browse.limit());
    ids.truncate(browse.limit().into());
    let next = After::offset(offset + u32::from(browse.limit())).filter(|_| more);
    Ok((ids, next))
}

/// Some listings, others for each seed. All that are in lists are looked through, so keep what it answers.
pub(crate) async fn random(db: &Db, kind: ListingKind, seed: u32, limit: u16) -> Result<Vec<AnyId>> {
    let rows = db
        .all(
            sql!(
                "SELECT id FROM listings WHERE kind = $1 AND state IN (0, 6) AND (flags & 256) = 0
                 ORDER BY ((id % 1000003) * $2) % 1000003, id LIMIT $3"
            ),
            params![kind.number(), i64::from(seed % 1_000_003).max(1), limit],
        )
        .await?;
    rows.iter().map(Row::read).collect()
}

/// The newest certified listings.
pub(crate) async fn certified(db: &Db, kind: ListingKind, limit: u16) -> Result<Vec<AnyId>> {
    let rows = db
        .all(
            sql!(
                "SELECT id FROM listings WHERE kind = $1 AND state = 6 AND (flags & 256) = 0
                 ORDER BY approved_at DESC, id DESC LIMIT $2"
            ),
            params![kind.number(), limit],
        )
        .await?;
    rows.iter().map(Row::read).collect()
}

/// Listings that have the most tags in common with one, the most voted for first among equals.
pub(crate) async fn similar(db: &Db, id: ListingId, limit: u16) -> Result<Vec<AnyId>> {
    let rows = db
        .all(
            sql!(
                "SELECT o.id FROM listing_labelled AS m
                 JOIN listing_labelled AS o ON o.kind = m.kind AND o.label_kind = m.label_kind AND o.name = m.name
                     AND o.id <> m.id
                 JOIN listings AS l ON l.kind = o.kind AND l.id = o.id AND l.state IN (0, 6) AND (l.flags & 256) = 0
                 JOIN listing_counts AS c ON c.kind = o.kind AND c.id = o.id
                 WHERE m.kind = $1 AND m.id = $2 AND m.label_kind = 0
                 GROUP BY o.id, c.votes ORDER BY COUNT(*) DESC, c.votes DESC, o.id LIMIT $3"
            ),
            params![id.kind.number(), id.id, limit],
        )
        .await?;
    rows.iter().map(Row::read).collect()
}

/// Tags and how many listed things have each, the most frequent first.
pub(crate) async fn tags(db: &Db, kind: ListingKind, limit: u16) -> Result<Vec<(String, u64)>> {
    let rows = db
        .all(
            sql!(
                "SELECT t.name, COUNT(*) FROM listing_labelled AS t
                 JOIN listings AS l ON l.kind = t.kind AND l.id = t.id AND l.state IN (0, 6)
                 WHERE t.kind = $1 AND t.label_kind = 0 GROUP BY t.name ORDER BY COUNT(*) DESC, t.name LIMIT $2"
            ),
            params![kind.number(), limit],
        )
        .await?;
    rows.iter().map(Row::read).collect()
}

/// How many there are in lists.
pub(crate) async fn listed(db: &Db, kind: ListingKind) -> Result<u64> {
    let count = sql!("SELECT COUNT(*) FROM listings WHERE kind = $1 AND state IN (0, 6)");
    db.one(count, params![kind.number()]).await?.read()
}

/// Everything that is in lists, for feeds and the sitemap: id, name, when it was approved and changed; the newest first,
/// approved before a time.
pub(crate) async fn newest(
    db: &Db,
    kind: ListingKind,
    before: (Timestamp, AnyId),
    limit: u32,
) -> Result<Vec<(AnyId, Timestamp, Timestamp)>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, approved_at, changed_at FROM listings
                 WHERE kind = $1 AND state IN (0, 6) AND (approved_at, id) < ($2, $3)
                 ORDER BY approved_at DESC, id DESC LIMIT $4"
            ),
            params![kind.number(), before.0, before.1, limit],
        )
        .await?;
    rows.iter().map(Row::read).collect()
}
