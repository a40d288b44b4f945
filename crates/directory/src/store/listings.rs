//! Table `listings`.

use std::collections::HashMap;

use guildhall_base::{AnyId, Error, Result, TeamId, Timestamp, UserId};
use guildhall_infra::db::{Batch, Columns, Db, Row};
use guildhall_infra::{params, sql};

use super::counts::counts;
use super::labels;
use crate::model::{Card, Details, Flags, Listing, ListingId, ListingKind, ListingRights, State};

/// Adds a listing; `DUPLICATE` if there is one.
pub(crate) fn insert(batch: &mut Batch, listing: &Listing) -> Result<()> {
    let details = serde_json::to_string(&listing.details).map_err(Error::internal)?;
    batch.run(
        sql!(
            "INSERT INTO listings (kind, id, platform, application_id, name, avatar, owner_id, team_id, state, flags,
                                   version, language, short_text, long_text, style, details, created_at, changed_at,
                                   approved_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13, $14, $15, $16, $16, $17)"
        ),
        params![
            listing.id.kind.number(),
            listing.id.id,
            listing.platform.as_str(),
            listing.application,
            listing.name.as_str(),
            listing.avatar.as_deref(),
            listing.owner,
            listing.team,
            listing.state.number(),
            i64::from(listing.flags.bits()),
            listing.language.as_str(),
            listing.short.as_str(),
            listing.long.as_str(),
            listing.style.as_str(),
            details,
            listing.created_at,
            listing.approved_at,
        ],
    );
    Ok(())
}

/// Writes what its keepers and staff change; `CONFLICT` if somebody else did since it was read.
pub(crate) fn update(batch: &mut Batch, listing: &Listing, now: Timestamp) -> Result<()> {
    let details = serde_json::to_string(&listing.details).map_err(Error::internal)?;
    batch.must(
        sql!(
            "UPDATE listings SET name = $4, avatar = $5, owner_id = $6, team_id = $7, state = $8, flags = $9,
                 language = $10, short_text = $11, long_text = $12, style = $13, details = $14, reviewer_id = $15,
                 changed_at = $16, approved_at = $17, version = version + 1
             WHERE kind = $1 AND id = $2 AND version = $3"
        ),
        params![
            listing.id.kind.number(),
            listing.id.id,
            listing.version,
            listing.name.as_str(),
            listing.avatar.as_deref(),
            listing.owner,
            listing.team,
            listing.state.number(),
            i64::from(listing.flags.bits()),
            listing.language.as_str(),
            listing.short.as_str(),
            listing.long.as_str(),
            listing.style.as_str(),
            details,
            listing.reviewer,
            now,
            listing.approved_at,
        ],
        guildhall_base::codes::CONFLICT,
    );
    Ok(())
}

pub(crate) fn delete(batch: &mut Batch, listing: &Listing) {
    batch.must(
        sql!("DELETE FROM listings WHERE kind = $1 AND id = $2 AND version = $3"),
        params![listing.id.kind.number(), listing.id.id, listing.version],
        guildhall_base::codes::CONFLICT,
    );
}

/// A listing and what this user may do with it as one of its keepers or of its team.
pub(crate) async fn find(
    db: &Db,
    id: ListingId,
    user: Option<UserId>,
) -> Result<Option<(Listing, ListingRights)>> {
    let row = db
        .opt(
            sql!(
                "SELECT l.platform, l.application_id, l.name, l.avatar, l.owner_id, l.team_id, l.state, l.flags,
                        l.version, l.language, l.short_text, l.long_text, l.style, l.details, l.reviewer_id,
                        l.created_at, l.changed_at, l.approved_at, v.code,
                        COALESCE(o.rights, 0), COALESCE(m.rights, 0), t.owner_id,
                        c.votes, c.total_votes, c.views, c.invites, c.guilds, c.users, c.shards, c.counted_at,
                        c.reviews, c.stars
                 FROM listings AS l
                 JOIN listing_counts AS c ON c.kind = l.kind AND c.id = l.id
                 LEFT JOIN vanities AS v ON v.kind = l.kind AND v.id = l.id
                 LEFT JOIN listing_owners AS o ON o.kind = l.kind AND o.id = l.id AND o.user_id = $3
                 LEFT JOIN listing_teams AS t ON t.id = l.team_id
                 LEFT JOIN listing_team_members AS m ON m.team_id = l.team_id AND m.user_id = $3
                 WHERE l.kind = $1 AND l.id = $2"
            ),
            params![id.kind.number(), id.id, user],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (mut listing, team_owner, mut rights) = read(&row, id)?;
    if user.is_some() && (user == Some(listing.owner) || user == team_owner) {
        rights = ListingRights::all();
    }
    if let Some((tags, features)) = labels::of(db, id.kind, &[id.id]).await?.remove(&id.id) {
        (listing.tags, listing.features) = (tags, features);
    }
    Ok(Some((listing, rights)))
}

fn read(row: &Row, id: ListingId) -> Result<(Listing, Option<UserId>, ListingRights)> {
    let mut columns = row.columns();
    let mut listing = Listing {
        id,
        platform: columns.next()?,
        application: columns.next()?,
        name: columns.next()?,
        avatar: columns.next()?,
        owner: columns.next()?,
        team: columns.next::<Option<TeamId>>()?,
        state: State::numbered(columns.next()?)?,
        flags: flags(&mut columns)?,
        version: columns.next()?,
        language: columns.next()?,
        short: columns.next()?,
        long: columns.next()?,
        style: columns.next()?,
        details: details(&mut columns)?,
        tags: Vec::new(),
        features: Vec::new(),
        reviewer: columns.next()?,
        created_at: columns.next()?,
        changed_at: columns.next()?,
        approved_at: columns.next()?,
        vanity: columns.next()?,
        counts: crate::model::Counts::default(),
    };
    let rights = super::keepers::rights(columns.next::<i64>()? | columns.next::<i64>()?);
    let team_owner = columns.next()?;
    listing.counts = counts(&mut columns)?;
    Ok((listing, team_owner, rights))
}

fn flags(columns: &mut Columns<'_>) -> Result<Flags> {
    Ok(Flags::from_bits_truncate(columns.next()?))
}

fn details(columns: &mut Columns<'_>) -> Result<Details> {
    serde_json::from_str(&columns.next::<String>()?).map_err(Error::internal)
}

/// Listings of one kind as lists show them, in the order asked for. Those that are gone are left out.
pub(crate) async fn cards(db: &Db, kind: ListingKind, ids: &[AnyId]) -> Result<Vec<Card>> {
    let rows = db
        .all(
            sql!(
                "SELECT l.id, l.platform, l.name, l.avatar, l.state, l.flags, l.language, l.short_text, l.details,
                        c.votes, c.total_votes, c.views, c.invites, c.guilds, c.users, c.shards, c.counted_at,
                        c.reviews, c.stars
                 FROM listings AS l JOIN listing_counts AS c ON c.kind = l.kind AND c.id = l.id
                 WHERE l.kind = $1 AND l.id {in $2}"
            ),
            params![kind.number(), ids],
        )
        .await?;
    let mut labels = labels::of(db, kind, ids).await?;
    let mut cards = HashMap::new();
    for row in &rows {
        let mut columns = row.columns();
        let id: AnyId = columns.next()?;
        let card = Card {
            id: ListingId { kind, id },
            platform: columns.next()?,
            name: columns.next()?,
            avatar: columns.next()?,
            state: State::numbered(columns.next()?)?,
            flags: flags(&mut columns)?,
            language: columns.next()?,
            short: columns.next()?,
            banner: details(&mut columns)?.card_banner.map(|banner| banner.file),
            tags: labels.remove(&id).map(|(tags, _)| tags).unwrap_or_default(),
            counts: counts(&mut columns)?,
        };
        cards.insert(id, card);
    }
    Ok(ids.iter().filter_map(|id| cards.remove(id)).collect())
}

/// The listings that somebody keeps, as main owner, as one of its keepers or through a team, newest first.
pub(crate) async fn kept_by(db: &Db, user: UserId) -> Result<Vec<ListingId>> {
    let rows = db
        .all(
            sql!(
                "SELECT l.kind, l.id FROM listings AS l
                 WHERE l.owner_id = $1
                    OR EXISTS (SELECT 1 FROM listing_owners AS o WHERE o.kind = l.kind AND o.id = l.id AND o.user_id = $1)
                    OR l.team_id IN (SELECT id FROM listing_teams WHERE owner_id = $1)
                    OR l.team_id IN (SELECT team_id FROM listing_team_members WHERE user_id = $1)
                 ORDER BY l.created_at DESC, l.id"
            ),
            params![user],
        )
        .await?;
    rows.iter().map(key).collect()
}

/// Everybody who keeps a listing, and a bot of this server itself, by id.
pub(crate) async fn keepers(db: &Db, id: ListingId) -> Result<Vec<UserId>> {
    let rows = db
        .all(
            sql!(
                "SELECT owner_id FROM listings WHERE kind = $1 AND id = $2
                 UNION SELECT id FROM listings WHERE kind = $1 AND id = $2 AND kind = 0 AND platform = ''
                 UNION SELECT user_id FROM listing_owners WHERE kind = $1 AND id = $2
                 UNION SELECT t.owner_id FROM listing_teams AS t JOIN listings AS l ON l.team_id = t.id
                       WHERE l.kind = $1 AND l.id = $2
                 UNION SELECT m.user_id FROM listing_team_members AS m JOIN listings AS l ON l.team_id = m.team_id
                       WHERE l.kind = $1 AND l.id = $2
                 ORDER BY 1"
            ),
            params![id.kind.number(), id.id],
        )
        .await?;
    rows.iter().map(Row::read).collect()
}

/// Which listing a row of `kind, id` names.
pub(crate) fn key(row: &Row) -> Result<ListingId> {
    let (kind, id) = row.read::<(i64, AnyId)>()?;
    Ok(ListingId { kind: ListingKind::numbered(kind)?, id })
}
