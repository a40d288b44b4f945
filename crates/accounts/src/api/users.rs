//! `/users/@me`, `/users/{id}`, settings and profiles.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::get;
use guildhall_base::{Scopes, UserId};
use guildhall_infra::http::{ApiResult, Json, Path};
use serde::Serialize;

use crate::actions::{EditMe, EditSettings};
use crate::model::{Profile, Settings};
use crate::picture::MAX_BODY;
use crate::{Accounts, Actor, SelfUser, User};

pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/users/@me", get(me).patch(edit_me).layer(DefaultBodyLimit::max(MAX_BODY)))
        .route("/users/@me/settings", get(settings).patch(edit_settings))
        .route("/users/{user}", get(user))
        .route("/users/{user}/profile", get(profile))
}

/// What an application is told that was not allowed the mail address: the keys are absent, as in Discord.
#[derive(Serialize)]
struct Identity {
    #[serde(flatten)]
    user: User,
    mfa_enabled: bool,
    locale: String,
    premium_type: u8,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Me {
    Whole(SelfUser),
    Identity(Identity),
}

async fn me(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<Me>> {
    let me = accounts.me(&actor).await?;
    Ok(Json(match actor.allows(Scopes::EMAIL) {
        true => Me::Whole(me),
        false => {
            let SelfUser { user, mfa_enabled, locale, premium_type, .. } = me;
            Me::Identity(Identity { user, mfa_enabled, locale, premium_type })
        }
    }))
}

async fn edit_me(
    State(accounts): State<Accounts>,
    actor: Actor,
    Json(edit): Json<EditMe>,
) -> ApiResult<Json<SelfUser>> {
    Ok(Json(accounts.edit_me(&actor, edit).await?))
}

async fn settings(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<Settings>> {
    Ok(Json(accounts.settings(actor.id()).await?))
}

async fn edit_settings(
    State(accounts): State<Accounts>,
    actor: Actor,
    Json(edit): Json<EditSettings>,
) -> ApiResult<Json<Settings>> {
    Ok(Json(accounts.edit_settings(&actor, edit).await?))
}

async fn user(
    State(accounts): State<Accounts>,
    _: Actor,
    Path(user): Path<UserId>,
) -> ApiResult<Json<Arc<User>>> {
    Ok(Json(accounts.user(user).await?))
}

async fn profile(
    State(accounts): State<Accounts>,
    _: Actor,
    Path(user): Path<UserId>,
) -> ApiResult<Json<Profile>> {
    Ok(Json(accounts.profile(user).await?))
}
