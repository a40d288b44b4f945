//! Lists as top.gg's API asks for them, by number and not by place.

use guildhall_base::{Result, UserId};
use guildhall_infra::db::{Db, Row};
use guildhall_infra::{params, sql};

use crate::model::State;
use crate::rules::topgg::Order;

/// The bots in lists with this in their name, and how many there are.
pub(crate) async fn bots(
    db: &Db,
    name: &str,
    order: Order,
    (limit, offset): (u16, u32),
) -> Result<(Vec<UserId>, u64)> {
    let escaped = name.chars().flat_map(|sign| match sign {
        '%' | '_' | '!' => vec!['!', sign],
        sign => vec![sign],
    });
    let pattern = format!("%{}%", escaped.collect::<String>());
    let states: Vec<i64> = State::ALL.iter().filter(|s| s.is_listed()).map(|s| s.number()).collect();
    let total = db
        .one(
            sql!("SELECT COUNT(*) FROM listings WHERE kind = 0 AND state {in $1} AND LOWER(name) LIKE $2 ESCAPE '!'"),
            params![&states, &pattern],
        )
        .await?;
    let sign = if order.rising { -1_i64 } else { 1 };
    let rows = db
        .all(
            sql!(
                "SELECT l.id FROM listings AS l JOIN listing_counts AS c ON c.kind = l.kind AND c.id = l.id
                 WHERE l.kind = 0 AND l.state {in $1} AND LOWER(l.name) LIKE $2 ESCAPE '!'
                 ORDER BY CAST($4 AS BIGINT) * (CASE CAST($3 AS BIGINT) WHEN 0 THEN c.votes WHEN 1 THEN c.total_votes
                                                WHEN 2 THEN c.guilds ELSE l.created_at END) DESC, l.id
                 LIMIT $5 OFFSET $6"
            ),
            params![&states, &pattern, order.by as i64, sign, limit, offset],
        )
        .await?;
    Ok((rows.iter().map(Row::read).collect::<Result<_>>()?, total.read()?))
}
