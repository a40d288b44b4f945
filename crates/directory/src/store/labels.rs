//! Tables `listing_labels` and `listing_labelled`: tags and features.

use std::collections::HashMap;

use guildhall_base::{AnyId, GuildId, Result};
use guildhall_infra::db::{Batch, Db, Rows};
use guildhall_infra::{params, sql};

use crate::model::{ListingId, ListingKind};

/// What a label is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Tag = 0,
    Feature = 1,
}

/// Labels that there are, by name.
pub(crate) async fn all(db: &Db, kind: ListingKind, label: Label) -> Result<Vec<(String, Option<GuildId>)>> {
    let rows = db
        .all(
            sql!(
                "SELECT name, guild_id FROM listing_labels WHERE kind = $1 AND label_kind = $2 ORDER BY name"
            ),
            params![kind.number(), label as i64],
        )
        .await?;
    rows.iter().map(guildhall_infra::db::Row::read).collect()
}

/// Adds labels that were not there.
pub(crate) fn add(batch: &mut Batch, kind: ListingKind, label: Label, names: &[String]) {
    let names: Rows = names.iter().map(|name| params![name.as_str()]).collect();
    batch.run(
        sql!(
            "INSERT INTO listing_labels (kind, label_kind, name)
             SELECT $1, $2, l.name FROM {rows $3: name text} AS l WHERE true ON CONFLICT DO NOTHING"
        ),
        params![kind.number(), label as i64, names],
    );
}

/// Labels a listing with these and no others.
pub(crate) fn set(batch: &mut Batch, id: ListingId, label: Label, names: &[String]) {
    batch.run(
        sql!("DELETE FROM listing_labelled WHERE kind = $1 AND id = $2 AND label_kind = $3"),
        params![id.kind.number(), id.id, label as i64],
    );
    let names: Rows = names.iter().map(|name| params![name.as_str()]).collect();
    batch.run(
        sql!(
            "INSERT INTO listing_labelled (kind, id, label_kind, name)
             SELECT $1, $2, $3, l.name FROM {rows $4: name text} AS l"
        ),
        params![id.kind.number(), id.id, label as i64, names],
    );
}

/// The tags and features of these listings of one kind, by name.
pub(crate) async fn of(
    db: &Db,
    kind: ListingKind,
    ids: &[AnyId],
) -> Result<HashMap<AnyId, (Vec<String>, Vec<String>)>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, label_kind, name FROM listing_labelled WHERE kind = $1 AND id {in $2} ORDER BY name"
            ),
            params![kind.number(), ids],
        )
        .await?;
    let mut labels: HashMap<AnyId, (Vec<String>, Vec<String>)> = HashMap::new();
    for row in &rows {
        let (id, label, name) = row.read::<(AnyId, i64, String)>()?;
        let (tags, features) = labels.entry(id).or_default();
        if label == Label::Feature as i64 { features.push(name) } else { tags.push(name) }
    }
    Ok(labels)
}
