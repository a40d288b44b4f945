//! Table `webhook_deliveries`.

use guildhall_base::{Result, Timestamp};
use guildhall_infra::db::{Batch, Db, Row};
use guildhall_infra::{params, sql};

use crate::model::{Delivery, DeliveryId, DeliveryState, HookId};

/// Adds one that waits; nothing if the webhook is gone meanwhile.
pub(crate) fn insert(batch: &mut Batch, delivery: &Delivery) {
    batch.run(
        sql!(
            "INSERT INTO webhook_deliveries (id, hook, message, event, entry, body, state, attempts, status, took_ms, answer,
                                             problem, created_at)
             SELECT $1, $2, $3, $4, $5, '', 0, 0, 0, 0, '', '', $6
             WHERE EXISTS (SELECT 1 FROM listing_webhooks WHERE id = $2)"
        ),
        params![
            delivery.id,
            delivery.hook,
            delivery.message.as_str(),
            delivery.event.as_str(),
            delivery.entry.as_str(),
            delivery.created_at,
        ],
    );
}

/// Writes down what will be sent, before it is.
pub(crate) fn set_body(batch: &mut Batch, id: DeliveryId, body: &str) {
    batch.run(sql!("UPDATE webhook_deliveries SET body = $2 WHERE id = $1"), params![id, body]);
}

/// Writes down what came of the latest attempt.
pub(crate) fn tried(batch: &mut Batch, delivery: &Delivery) {
    batch.run(
        sql!(
            "UPDATE webhook_deliveries SET state = $2, attempts = $3, status = $4, took_ms = $5, answer = $6, problem = $7,
                 tried_at = $8
             WHERE id = $1"
        ),
        params![
            delivery.id,
            delivery.state.number(),
            delivery.attempts,
            delivery.status,
            delivery.took_ms,
            delivery.answer.as_str(),
            delivery.problem.as_str(),
            delivery.tried_at,
        ],
    );
}

/// One of them.
pub(crate) async fn find(db: &Db, id: DeliveryId) -> Result<Option<Delivery>> {
    let row = db
        .opt(
            sql!(
                "SELECT id, hook, message, event, entry, body, state, attempts, status, took_ms, answer, problem, created_at,
                        tried_at
                 FROM webhook_deliveries WHERE id = $1"
            ),
            params![id],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// What was sent to a webhook, the latest first, before one of them if it is named.
pub(crate) async fn page(
    db: &Db,
    hook: HookId,
    before: Option<DeliveryId>,
    limit: u16,
) -> Result<Vec<Delivery>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, hook, message, event, entry, body, state, attempts, status, took_ms, answer, problem, created_at,
                        tried_at
                 FROM webhook_deliveries WHERE hook = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
            ),
            params![hook, before.unwrap_or(DeliveryId::new(i64::MAX)), i64::from(limit)],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Forgets up to `limit` that were asked for before a time; says how many.
pub(crate) async fn forget(db: &Db, before: Timestamp, limit: i64) -> Result<u64> {
    let outcome = db
        .run(
            sql!(
                "DELETE FROM webhook_deliveries WHERE id IN
                     (SELECT id FROM webhook_deliveries WHERE created_at < $1 ORDER BY created_at LIMIT $2)"
            ),
            params![before, limit],
        )
        .await?;
    Ok(outcome.affected)
}

fn read(row: &Row) -> Result<Delivery> {
    let mut columns = row.columns();
    Ok(Delivery {
        id: columns.next()?,
        hook: columns.next()?,
        message: columns.next()?,
        event: columns.next()?,
        entry: columns.next()?,
        body: columns.next()?,
        state: DeliveryState::numbered(columns.next()?)?,
        attempts: columns.next()?,
        status: columns.next()?,
        took_ms: columns.next()?,
        answer: columns.next()?,
        problem: columns.next()?,
        created_at: columns.next()?,
        tried_at: columns.next()?,
    })
}
