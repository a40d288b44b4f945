//! The REST routes, without the `/api/v10` before them.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::get;
use guildhall_accounts::{Accounts, Actor};
use guildhall_infra::http::{ApiResult, Json};

use crate::{ApplicationWire, Applications, EditApplication, GuildCount};

#[derive(Clone)]
struct Api {
    applications: Applications,
    guilds: GuildCount,
}

impl FromRef<Api> for Accounts {
    fn from_ref(api: &Api) -> Self {
        api.applications.accounts().clone()
    }
}

/// `/applications/@me` and `/oauth2/applications/@me`. `guilds` says how many guilds a bot is in.
pub fn api_routes(applications: Applications, guilds: GuildCount) -> Router {
    Router::new()
        .route("/applications/@me", get(me).patch(edit))
        .route("/oauth2/applications/@me", get(me))
        .with_state(Api { applications, guilds })
}

async fn me(State(api): State<Api>, actor: Actor) -> ApiResult<Json<ApplicationWire>> {
    let application = api.applications.of_actor(&actor).await?;
    Ok(Json(api.applications.wire(&application, (api.guilds)(actor.id()).await?).await?))
}

async fn edit(
    State(api): State<Api>,
    actor: Actor,
    Json(edit): Json<EditApplication>,
) -> ApiResult<Json<ApplicationWire>> {
    let id = api.applications.of_actor(&actor).await?.id;
    let application = api.applications.edit(&actor, id, edit).await?;
    Ok(Json(api.applications.wire(&application, (api.guilds)(actor.id()).await?).await?))
}
