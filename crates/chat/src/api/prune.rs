//! `/guilds/{guild}/prune`.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use guildhall_accounts::Actor;
use guildhall_base::{Form, GuildId, RoleId};
use guildhall_infra::http::{ApiResult, Json, Path, Query};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::reason::Reason;
use crate::Chat;
use crate::actions::members::Inactive;
use crate::rules::read::{Object, snowflake};

/// Days that are meant where none are said.
const DEFAULT_DAYS: i64 = 7;

pub(super) fn routes() -> Router<Chat> {
    Router::new().route("/guilds/{guild}/prune", get(count).post(prune))
}

#[derive(Deserialize)]
struct CountQuery {
    days: Option<i64>,
    /// Ids with commas between them.
    #[serde(default)]
    include_roles: String,
}

async fn count(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Query(query): Query<CountQuery>,
) -> ApiResult<Json<Value>> {
    let mut form = Form::new();
    let ids = query.include_roles.split(',').map(str::trim).filter(|id| !id.is_empty());
    let roles: Vec<Value> = ids.map(Value::from).collect();
    let inactive = Inactive {
        days: query.days.unwrap_or(DEFAULT_DAYS),
        roles: roles
            .iter()
            .filter_map(|id| snowflake(&mut form, id, "include_roles".to_owned()))
            .map(guildhall_base::AnyId::cast)
            .collect(),
    };
    form.finish()?;
    let pruned = chat.count_inactive(&actor, guild, &inactive).await?;
    Ok(Json(json!({ "pruned": pruned })))
}

async fn prune(
    State(chat): State<Chat>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    Reason(reason): Reason,
    body: Option<Json<Map<String, Value>>>,
) -> ApiResult<Json<Value>> {
    let body = body.map(|Json(body)| body).unwrap_or_default();
    let mut form = Form::new();
    let object = Object::body(&body);
    let counted = object.boolean(&mut form, "compute_prune_count").unwrap_or(true);
    let roles: Vec<RoleId> = object
        .list(&mut form, "include_roles", 0..=250)
        .into_iter()
        .filter_map(|entry| snowflake(&mut form, entry.value, entry.path))
        .map(guildhall_base::AnyId::cast)
        .collect();
    let days = object.integer(&mut form, "days", 1..=30).unwrap_or(DEFAULT_DAYS);
    form.finish()?;
    let pruned = chat.prune(&actor, guild, &Inactive { days, roles }, reason).await?;
    Ok(Json(json!({ "pruned": counted.then_some(pruned) })))
}
