//! Tables `listing_packs` and `listing_pack_bots`.

use std::collections::HashMap;

use guildhall_base::{AnyId, Error, PackId, Result, UserId};
use guildhall_infra::db::{Batch, Db, Row, Rows};
use guildhall_infra::{params, sql};

use crate::codes;
use crate::model::{Banner, Pack};

/// Packs that somebody may have.
pub(crate) const MOST: u16 = 50;

/// Adds a pack; `TOO_MANY_PACKS` if its owner has as many as they may.
pub(crate) fn insert(batch: &mut Batch, pack: &Pack) -> Result<()> {
    batch.must(
        sql!(
            "INSERT INTO listing_packs (id, owner_id, name, description, icon, banner, changed_at)
             SELECT $1, $2, $3, $4, $5, $6, $7
             WHERE (SELECT COUNT(*) FROM listing_packs WHERE owner_id = $2) < $8"
        ),
        params![
            pack.id,
            pack.owner,
            pack.name.as_str(),
            pack.description.as_str(),
            picture(pack.icon.as_ref())?,
            picture(pack.banner.as_ref())?,
            pack.changed_at,
            i64::from(MOST),
        ],
        codes::TOO_MANY_PACKS,
    );
    set_bots(batch, pack);
    Ok(())
}

/// Writes what its owner changes; `CONFLICT` if it was changed since it was read.
pub(crate) fn update(batch: &mut Batch, pack: &Pack) -> Result<()> {
    batch.must(
        sql!(
            "UPDATE listing_packs SET name = $3, description = $4, icon = $5, banner = $6, changed_at = $7,
                 version = version + 1
             WHERE id = $1 AND version = $2"
        ),
        params![
            pack.id,
            pack.version,
            pack.name.as_str(),
            pack.description.as_str(),
            picture(pack.icon.as_ref())?,
            picture(pack.banner.as_ref())?,
            pack.changed_at,
        ],
        guildhall_base::codes::CONFLICT,
    );
    set_bots(batch, pack);
    Ok(())
}

fn set_bots(batch: &mut Batch, pack: &Pack) {
    batch.run(sql!("DELETE FROM listing_pack_bots WHERE pack_id = $1"), params![pack.id]);
    let bots: Rows = pack.bots.iter().enumerate().map(|(place, bot)| params![place, *bot]).collect();
    batch.run(
        sql!(
            "INSERT INTO listing_pack_bots (pack_id, position, kind, listing_id)
             SELECT $1, b.place, 0, b.bot FROM {rows $2: place bigint, bot bigint} AS b"
        ),
        params![pack.id, bots],
    );
}

/// Removes a pack.
pub(crate) fn delete(batch: &mut Batch, id: PackId) {
    batch.must(sql!("DELETE FROM listing_packs WHERE id = $1"), params![id], codes::UNKNOWN_PACK);
}

/// One pack.
pub(crate) async fn find(db: &Db, id: PackId) -> Result<Option<Pack>> {
    let row = db
        .opt(
            sql!(
                "SELECT id, owner_id, name, description, icon, banner, version, changed_at FROM listing_packs
                 WHERE id = $1"
            ),
            params![id],
        )
        .await?;
    Ok(with_bots(db, row.as_slice()).await?.pop())
}

/// Packs, the latest first: those of one person, with these words, before this one.
pub(crate) async fn page(
    db: &Db,
    owner: Option<UserId>,
    words: &str,
    before: Option<PackId>,
    limit: u16,
) -> Result<Vec<Pack>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, owner_id, name, description, icon, banner, version, changed_at FROM listing_packs
                 WHERE id < $1 AND owner_id = COALESCE($2, owner_id)
                   AND (LOWER(name) LIKE $3 ESCAPE '!' OR LOWER(description) LIKE $3 ESCAPE '!')
                 ORDER BY id DESC LIMIT $4"
            ),
            params![before.unwrap_or(PackId::new(i64::MAX)), owner, like(words), i64::from(limit)],
        )
        .await?;
    with_bots(db, &rows).await
}

/// The words anywhere, and nothing in them has a meaning of its own.
fn like(words: &str) -> String {
    let mut pattern = String::from("%");
    for sign in words.trim().to_lowercase().chars() {
        if matches!(sign, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}

async fn with_bots(db: &Db, rows: &[Row]) -> Result<Vec<Pack>> {
    let mut packs = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let ids: Vec<PackId> = packs.iter().map(|pack| pack.id).collect();
    let rows = db
        .all(
            sql!(
                "SELECT pack_id, listing_id FROM listing_pack_bots WHERE pack_id {in $1} ORDER BY pack_id, position"
            ),
            params![ids.as_slice()],
        )
        .await?;
    let mut bots: HashMap<PackId, Vec<AnyId>> = HashMap::new();
    for row in &rows {
        let (pack, bot) = row.read::<(PackId, AnyId)>()?;
        bots.entry(pack).or_default().push(bot);
    }
    for pack in &mut packs {
        pack.bots = bots.remove(&pack.id).unwrap_or_default();
    }
    Ok(packs)
}

fn read(row: &Row) -> Result<Pack> {
    let mut columns = row.columns();
    Ok(Pack {
        id: columns.next()?,
        owner: columns.next()?,
        name: columns.next()?,
        description: columns.next()?,
        icon: stored(columns.next()?)?,
        banner: stored(columns.next()?)?,
        bots: Vec::new(),
        version: columns.next()?,
        changed_at: columns.next()?,
    })
}

fn picture(picture: Option<&Banner>) -> Result<Option<String>> {
    picture.map(serde_json::to_string).transpose().map_err(Error::internal)
}

fn stored(text: Option<String>) -> Result<Option<Banner>> {
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn words_mean_themselves() {
        assert_eq!(like(" 100% Fun_! "), "%100!% fun!_!!%");
        assert_eq!(like(""), "%%");
    }
}
