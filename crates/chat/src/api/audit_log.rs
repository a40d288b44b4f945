//! `/guilds/{guild}/audit-logs`.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use guildhall_accounts::Actor;
use guildhall_base::{AnyId, AuditEntryId, GuildId, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use serde::Deserialize;

use crate::Chat;
use crate::actions::audit_log::AuditLog;
use crate::store::audit::Filter;

pub(super) fn routes() -> Router<Chat> {
    Router::new().route("/guilds/{guild}/audit-logs", get(read))
}

#[derive(Deserialize)]
struct PageQuery {
    user_id: Option<UserId>,
    target_id: Option<AnyId>,
    action_type: Option<i64>,
    before: Option<AuditEntryId>,
    after: Option<AuditEntryId>,
    limit: Option<i64>,
}

async fn read(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<AuditLog>> {
    let filter = Filter {
        user: page.user_id,
        target: page.target_id,
        action: page.action_type,
        before: page.before,
        after: page.after,
    };
    Ok(Json(chat.audit_log(&actor, guild, filter, page.limit).await?))
}
