//! Table `listing_webhooks`.

use guildhall_base::{AnyId, Error, Result, Timestamp};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::model::{HookEvents, HookId, HookStyle, ListingId, ListingKind, Webhook};

/// As many as a listing may have.
pub(crate) const MOST: usize = 5;

/// Adds one with its sealed secret; `full` if there are too many.
pub(crate) fn insert(batch: &mut Batch, hook: &Webhook, secret: &[u8], full: impl Into<Error>) {
    batch.must(
        sql!(
            "INSERT INTO listing_webhooks (id, kind, listing_id, style, url, events, secret, stopped, created_at, changed_at)
             SELECT $1, $2, $3, $4, $5, $6, $7, '', $8, $8
             WHERE (SELECT COUNT(*) FROM listing_webhooks WHERE kind = $2 AND listing_id = $3) < $9"
        ),
        params![
            hook.id,
            hook.listing.kind.number(),
            hook.listing.id,
            hook.style.number(),
            hook.url.as_str(),
            i64::from(hook.events.bits()),
            secret,
            hook.created_at,
            MOST,
        ],
        full,
    );
}

/// Changes where and of what it is told; `otherwise` if it is gone.
pub(crate) fn update(batch: &mut Batch, hook: &Webhook, otherwise: impl Into<Error>) {
    batch.must(
        sql!(
            "UPDATE listing_webhooks SET url = $2, events = $3, stopped = $4, changed_at = $5 WHERE id = $1"
        ),
        params![
            hook.id,
            hook.url.as_str(),
            i64::from(hook.events.bits()),
            hook.stopped.as_str(),
            hook.changed_at,
        ],
        otherwise,
    );
}

/// Gives it another secret; `otherwise` if it is gone.
pub(crate) fn set_secret(
    batch: &mut Batch,
    hook: HookId,
    secret: &[u8],
    now: Timestamp,
    otherwise: impl Into<Error>,
) {
    batch.must(
        sql!("UPDATE listing_webhooks SET secret = $2, changed_at = $3 WHERE id = $1"),
        params![hook, secret, now],
        otherwise,
    );
}

/// Removes it with what was sent there; `otherwise` if it is gone.
pub(crate) fn delete(batch: &mut Batch, hook: HookId, otherwise: impl Into<Error>) {
    batch.must(sql!("DELETE FROM listing_webhooks WHERE id = $1"), params![hook], otherwise);
}

/// The webhooks of a listing, the oldest first.
pub(crate) async fn of(db: &Db, listing: ListingId) -> Result<Vec<Webhook>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, kind, listing_id, style, url, events, stopped, created_at, changed_at
                 FROM listing_webhooks WHERE kind = $1 AND listing_id = $2 ORDER BY id"
            ),
            params![listing.kind.number(), listing.id],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// One webhook.
pub(crate) async fn find(db: &Db, hook: HookId) -> Result<Option<Webhook>> {
    let row = db
        .opt(
            sql!(
                "SELECT id, kind, listing_id, style, url, events, stopped, created_at, changed_at
                 FROM listing_webhooks WHERE id = $1"
            ),
            params![hook],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// Its sealed secret.
pub(crate) async fn secret(db: &Db, hook: HookId) -> Result<Option<Vec<u8>>> {
    let row = db.opt(sql!("SELECT secret FROM listing_webhooks WHERE id = $1"), params![hook]).await?;
    row.as_ref().map(Row::read).transpose()
}

fn read(row: &Row) -> Result<Webhook> {
    let mut columns = row.columns();
    Ok(Webhook {
        id: columns.next()?,
        listing: ListingId { kind: ListingKind::numbered(columns.next()?)?, id: columns.next::<AnyId>()? },
        style: HookStyle::numbered(columns.next()?)?,
        url: columns.next()?,
        events: HookEvents::from_bits_truncate(columns.next()?),
        stopped: columns.next()?,
        created_at: columns.next()?,
        changed_at: columns.next()?,
    })
}
