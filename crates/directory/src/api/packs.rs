//! `/v2/packs`: bots that somebody thinks go well together.

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_accounts::Actor;
use guildhall_base::{PackId, Result, Timestamp, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{Card, banner_path};
use super::reviews::{Person, Why};
use crate::rules::pack::PackDraft;
use crate::{Directory, model};

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(get, edit, remove))
}

/// A pack.
#[derive(Debug, Serialize, ToSchema)]
struct Pack {
    #[schema(value_type = String)]
    id: PackId,
    owner: Person,
    name: String,
    description: String,
    /// The path of its small picture.
    icon: Option<String>,
    /// The path of its large picture.
    banner: Option<String>,
    /// Those of its bots that are in the lists, in their order.
    bots: Vec<Card>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

impl Directory {
    /// Packs with their bots and owners, each read at once.
    async fn shown_packs(&self, packs: Vec<model::Pack>) -> Result<Vec<Pack>> {
        let cards = self.cards_of_packs(&packs).await?;
        let owners: Vec<UserId> = packs.iter().map(|pack| pack.owner).collect();
        let users = self.0.accounts.users(&owners).await?;
        let shown = |pack: model::Pack| Pack {
            id: pack.id,
            owner: Person::new(pack.owner, users.get(&pack.owner)),
            name: pack.name,
            description: pack.description,
            icon: pack.icon.map(|picture| banner_path(&picture.file)),
            banner: pack.banner.map(|picture| banner_path(&picture.file)),
            bots: pack
                .bots
                .iter()
                .filter_map(|bot| cards.iter().find(|card| card.id.id == *bot))
                .map(|card| card.clone().into())
                .collect(),
            created_at: pack.id.created_at(),
            changed_at: pack.changed_at,
        };
        Ok(packs.into_iter().map(shown).collect())
    }

    async fn shown_pack(&self, pack: model::Pack) -> Result<Pack> {
        let mut shown = self.shown_packs(vec![pack]).await?;
        shown.pop().ok_or_else(|| crate::codes::UNKNOWN_PACK.into())
    }
}

/// Which packs are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Words of their name or description.
    q: Option<String>,
    /// Only those of this person.
    #[param(value_type = Option<String>)]
    owner: Option<UserId>,
    /// Those made before this one.
    #[param(value_type = Option<String>)]
    before: Option<PackId>,
    /// 1 to 50; 12 by default.
    limit: Option<u16>,
}

/// Packs, the latest first.
#[utoipa::path(get, path = "/v2/packs", tag = "directory", security(()), params(Which),
    responses((status = 200, body = Vec<Pack>), (status = 400, body = Problem)))]
async fn list(State(directory): State<Directory>, Query(which): Query<Which>) -> ApiResult<Json<Vec<Pack>>> {
    let words = which.q.unwrap_or_default();
    let packs = directory.packs(which.owner, &words, which.before, which.limit.unwrap_or(12)).await?;
    Ok(Json(directory.shown_packs(packs).await?))
}

/// Makes a pack of 2 to 7 bots.
#[utoipa::path(post, path = "/v2/packs", tag = "directory", request_body = PackDraft,
    responses((status = 201, body = Pack), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn add(
    State(directory): State<Directory>,
    actor: Actor,
    Json(draft): Json<PackDraft>,
) -> ApiResult<(StatusCode, Json<Pack>)> {
    let pack = directory.add_pack(&actor, &draft).await?;
    Ok((StatusCode::CREATED, Json(directory.shown_pack(pack).await?)))
}

/// A pack.
#[utoipa::path(get, path = "/v2/packs/{id}", tag = "directory", security(()), params(("id" = String, Path)),
    responses((status = 200, body = Pack), (status = 404, body = Problem)))]
async fn get(State(directory): State<Directory>, Path(id): Path<PackId>) -> ApiResult<Json<Pack>> {
    let pack = directory.pack(id).await?;
    Ok(Json(directory.shown_pack(pack).await?))
}

/// Changes a pack. What is absent stays, null clears. For its owner.
#[utoipa::path(patch, path = "/v2/packs/{id}", tag = "directory", request_body = PackDraft,
    params(("id" = String, Path)),
    responses((status = 200, body = Pack), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn edit(
    State(directory): State<Directory>,
    actor: Actor,
    Path(id): Path<PackId>,
    Json(draft): Json<PackDraft>,
) -> ApiResult<Json<Pack>> {
    let pack = directory.edit_pack(&actor, id, &draft).await?;
    Ok(Json(directory.shown_pack(pack).await?))
}

/// Removes a pack. For its owner, and for staff with `listings.moderate`.
#[utoipa::path(delete, path = "/v2/packs/{id}", tag = "directory", params(("id" = String, Path), Why),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn remove(
    State(directory): State<Directory>,
    actor: Actor,
    Path(id): Path<PackId>,
    Query(Why { reason }): Query<Why>,
) -> ApiResult<StatusCode> {
    directory.remove_pack(&actor, id, reason.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
