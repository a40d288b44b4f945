//! `/users/@me/relationships`: friends, requests and blocks.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, put};
use guildhall_base::{Error, UserId};
use guildhall_infra::http::{ApiResult, Json, Path};
use serde::Deserialize;

use crate::model::{Bond, Relationship};
use crate::{Accounts, Actor};

pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/users/@me/relationships", get(list).post(request_by_name))
        .route("/users/@me/relationships/{user}", put(request).post(request).delete(part))
}

async fn list(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<Vec<Relationship>>> {
    Ok(Json(accounts.relationships(&actor).await?))
}

#[derive(Deserialize)]
struct ByName {
    username: String,
}

async fn request_by_name(
    State(accounts): State<Accounts>,
    actor: Actor,
    Json(body): Json<ByName>,
) -> ApiResult<StatusCode> {
    accounts.befriend_by_name(&actor, &body.username).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Wish {
    /// 2 to block; 1, or nothing, to ask or to agree.
    #[serde(default)]
    r#type: Option<u8>,
}

async fn request(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path(user): Path<UserId>,
    Json(wish): Json<Wish>,
) -> ApiResult<StatusCode> {
    match wish.r#type.map(Bond::from_number) {
        None | Some(Some(Bond::Friend)) => accounts.befriend(&actor, user).await?,
        Some(Some(Bond::Blocked)) => accounts.block(&actor, user).await?,
        Some(_) => {
            let text = "This value is not one of the allowed choices.";
            return Err(Error::field("type", "BASE_TYPE_CHOICES", text).into());
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn part(
    State(accounts): State<Accounts>,
    actor: Actor,
    Path(user): Path<UserId>,
) -> ApiResult<StatusCode> {
    accounts.part(&actor, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
