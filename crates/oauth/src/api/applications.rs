//! `/applications/@me` and `/oauth2/applications/@me`.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use guildhall_accounts::Actor;
use guildhall_infra::http::{ApiResult, Json};

use crate::endpoints::Api;
use crate::{ApplicationWire, EditApplication};

pub(super) fn routes() -> Router<Api> {
    Router::new().route("/applications/@me", get(me).patch(edit)).route("/oauth2/applications/@me", get(me))
}

async fn me(State(api): State<Api>, actor: Actor) -> ApiResult<Json<ApplicationWire>> {
    let application = api.server.applications().of_actor(&actor).await?;
    Ok(Json(api.server.applications().wire(&application, api.guilds.count(actor.id()).await?).await?))
}

async fn edit(
    State(api): State<Api>,
    actor: Actor,
    Json(edit): Json<EditApplication>,
) -> ApiResult<Json<ApplicationWire>> {
    let id = api.server.applications().of_actor(&actor).await?.id;
    let application = api.server.applications().edit(&actor, id, edit).await?;
    Ok(Json(api.server.applications().wire(&application, api.guilds.count(actor.id()).await?).await?))
}
