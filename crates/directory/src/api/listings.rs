//! `/v2/listings/{kind}/{id}`: adding, reading, changing, removing, and who keeps it. `kind` is `bots` or `guilds`.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use guildhall_accounts::{Actor, MaybeActor};
use guildhall_base::{AnyId, HistoryId, Result, TeamId, Timestamp, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{Card, Listing, Owner};
use crate::model::{EventName, Keeper, ListingId, ListingKind, ListingRights};
use crate::rules::draft::Draft;
use crate::store::vanities::Named;
use crate::{Directory, codes};

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new()
        .routes(routes!(get, add, edit, remove))
        .routes(routes!(sources))
        .routes(routes!(import))
        .routes(routes!(lock, unlock))
        .routes(routes!(owners))
        .routes(routes!(put_owner, remove_owner))
        .routes(routes!(transfer))
        .routes(routes!(set_team))
        .routes(routes!(history))
        .routes(routes!(of_user))
        .routes(routes!(vanity))
}

/// The two parts of a listing's address.
pub(super) type Address = Path<(String, AnyId)>;

/// Which listing an address names.
pub(super) fn named(Path((kind, id)): Address) -> Result<ListingId> {
    let kind = ListingKind::ALL.into_iter().find(|known| known.plural() == kind);
    Ok(ListingId { kind: kind.ok_or(codes::UNKNOWN_LISTING)?, id })
}

/// A listing. Pending and hidden ones are there for their keepers and staff only.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}", tag = "directory", security(()),
    params(("kind" = String, Path, description = "`bots` or `guilds`"), ("id" = String, Path)),
    responses((status = 200, body = Listing), (status = 404, body = Problem)))]
async fn get(
    State(directory): State<Directory>,
    MaybeActor(viewer): MaybeActor,
    address: Address,
) -> ApiResult<Json<Listing>> {
    let access = directory.listing(viewer.as_ref(), named(address)?).await?;
    Ok(Json(Listing::new(access.listing, access.inside)))
}

/// A listing that is added.
#[derive(Debug, Deserialize, ToSchema)]
struct New {
    /// Where the bot or the guild is; empty: on this server.
    #[serde(default)]
    platform: String,
    #[serde(flatten)]
    draft: Draft,
}

/// Lists a bot or a guild. Bots wait for staff.
#[utoipa::path(put, path = "/v2/listings/{kind}/{id}", tag = "directory", request_body = New,
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 201, body = Listing), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn add(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(new): Json<New>,
) -> ApiResult<(StatusCode, HeaderMap, Json<Listing>)> {
    let id = named(address)?;
    let listing = directory.add(&actor, id, &new.platform, &new.draft).await?;
    let mut headers = HeaderMap::new();
    if let Ok(place) = HeaderValue::try_from(format!("/v2/listings/{id}")) {
        headers.insert(header::LOCATION, place);
    }
    Ok((StatusCode::CREATED, headers, Json(Listing::new(listing, true))))
}

/// Changes what a listing says. What is absent stays, null clears.
#[utoipa::path(patch, path = "/v2/listings/{kind}/{id}", tag = "directory", request_body = Draft,
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Listing), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn edit(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(draft): Json<Draft>,
) -> ApiResult<Json<Listing>> {
    let listing = directory.edit(&actor, named(address)?, &draft).await?;
    Ok(Json(Listing::new(listing, true)))
}

/// Removes a listing, with its votes and reviews.
#[utoipa::path(delete, path = "/v2/listings/{kind}/{id}", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn remove(State(directory): State<Directory>, actor: Actor, address: Address) -> ApiResult<StatusCode> {
    directory.remove(&actor, named(address)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The other lists from which bots can be imported, by name.
#[utoipa::path(get, path = "/v2/directory/sources", tag = "directory", security(()),
    responses((status = 200, body = Vec<String>)))]
async fn sources(State(directory): State<Directory>) -> ApiResult<Json<Vec<String>>> {
    Ok(Json(directory.config().sources.keys().cloned().collect()))
}

/// From where a listing is imported.
#[derive(Debug, Deserialize, ToSchema)]
struct From {
    /// One of `/v2/directory/sources`.
    source: String,
}

/// Lists a bot with what another list says of it. Tags that are unknown here are left out. Who has the listing as JSON
/// brings it by PUT.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/import", tag = "directory", request_body = From,
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 201, body = Listing), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 503, body = Problem)))]
async fn import(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(from): Json<From>,
) -> ApiResult<(StatusCode, Json<Listing>)> {
    let listing = directory.import(&actor, named(address)?, &from.source).await?;
    Ok((StatusCode::CREATED, Json(Listing::new(listing, true))))
}

/// Locks a listing against changes, by mistake or with a stolen session.
#[utoipa::path(put, path = "/v2/listings/{kind}/{id}/lock", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn lock(State(directory): State<Directory>, actor: Actor, address: Address) -> ApiResult<StatusCode> {
    directory.lock(&actor, named(address)?, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unlocks it.
#[utoipa::path(delete, path = "/v2/listings/{kind}/{id}/lock", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn unlock(State(directory): State<Directory>, actor: Actor, address: Address) -> ApiResult<StatusCode> {
    directory.lock(&actor, named(address)?, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who keeps a listing, its main owner first.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/owners", tag = "directory", security(()),
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Vec<Owner>), (status = 404, body = Problem)))]
async fn owners(
    State(directory): State<Directory>,
    MaybeActor(viewer): MaybeActor,
    address: Address,
) -> ApiResult<Json<Vec<Owner>>> {
    let keepers = directory.keepers(viewer.as_ref(), named(address)?).await?;
    Ok(Json(directory.with_names(&keepers).await?))
}

impl Directory {
    /// Keepers with their names.
    pub(super) async fn with_names(&self, keepers: &[Keeper]) -> Result<Vec<Owner>> {
        let ids: Vec<UserId> = keepers.iter().map(|keeper| keeper.user).collect();
        let users = self.0.accounts.users(&ids).await?;
        let owner = |keeper: &Keeper| Owner::new(keeper, users.get(&keeper.user).map(AsRef::as_ref));
        Ok(keepers.iter().map(owner).collect())
    }
}

/// What somebody may do.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Allowed {
    /// `edit`, `post`, `webhooks`, `reply`, `appeal`, `owners`, `delete`.
    #[schema(value_type = Vec<String>)]
    pub(super) rights: ListingRights,
}

/// Makes somebody one of its keepers, or changes what they may do. At most five keep a listing.
#[utoipa::path(put, path = "/v2/listings/{kind}/{id}/owners/{user}", tag = "directory", request_body = Allowed,
    params(("kind" = String, Path), ("id" = String, Path), ("user" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn put_owner(
    State(directory): State<Directory>,
    actor: Actor,
    Path((kind, id, user)): Path<(String, AnyId, UserId)>,
    Json(allowed): Json<Allowed>,
) -> ApiResult<StatusCode> {
    directory.put_keeper(&actor, named(Path((kind, id)))?, user, allowed.rights).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes somebody off. Everybody may take themselves off.
#[utoipa::path(delete, path = "/v2/listings/{kind}/{id}/owners/{user}", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), ("user" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn remove_owner(
    State(directory): State<Directory>,
    actor: Actor,
    Path((kind, id, user)): Path<(String, AnyId, UserId)>,
) -> ApiResult<StatusCode> {
    directory.remove_keeper(&actor, named(Path((kind, id)))?, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// To whom a listing goes.
#[derive(Debug, Deserialize, ToSchema)]
struct Heir {
    /// One of its keepers.
    #[schema(value_type = String)]
    user_id: UserId,
}

/// Makes one of its keepers the main owner. For the main owner.
#[utoipa::path(put, path = "/v2/listings/{kind}/{id}/main-owner", tag = "directory", request_body = Heir,
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn transfer(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(heir): Json<Heir>,
) -> ApiResult<StatusCode> {
    directory.transfer(&actor, named(address)?, heir.user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which team keeps a listing.
#[derive(Debug, Deserialize, ToSchema)]
struct OfTeam {
    /// Null: none.
    #[schema(value_type = Option<String>)]
    team_id: Option<TeamId>,
}

/// Lets a team keep it, or none. For the main owner.
#[utoipa::path(put, path = "/v2/listings/{kind}/{id}/team", tag = "directory", request_body = OfTeam,
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn set_team(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(team): Json<OfTeam>,
) -> ApiResult<StatusCode> {
    directory.set_team(&actor, named(address)?, team.team_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Something that happened to a listing.
#[derive(Debug, Serialize, ToSchema)]
struct Happened {
    #[schema(value_type = String)]
    id: HistoryId,
    event: EventName,
    #[schema(value_type = Option<String>)]
    user_id: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Depends on the event.
    #[schema(value_type = Object)]
    context: Value,
}

/// Which part of the history is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Before {
    /// What was before this entry.
    #[param(value_type = Option<String>)]
    before: Option<HistoryId>,
    /// 1 to 100; 50 by default.
    limit: Option<u16>,
}

/// What happened to a listing, the latest first: the events that the gateway tells live. For its keepers and staff.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/history", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), Before),
    responses((status = 200, body = Vec<Happened>), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn history(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Query(Before { before, limit }): Query<Before>,
) -> ApiResult<Json<Vec<Happened>>> {
    let entries = directory.history(&actor, named(address)?, before, limit.unwrap_or(50)).await?;
    let happened = entries.into_iter().map(|entry| Happened {
        id: entry.id,
        event: entry.event,
        user_id: entry.user,
        at: entry.at(),
        context: entry.context,
    });
    Ok(Json(happened.collect()))
}

/// The listings that somebody keeps: all of one's own, of others those in lists.
#[utoipa::path(get, path = "/v2/users/{user}/listings", tag = "directory", security(()), params(("user" = String, Path)),
    responses((status = 200, body = Vec<Card>)))]
async fn of_user(
    State(directory): State<Directory>,
    MaybeActor(viewer): MaybeActor,
    Path(user): Path<UserId>,
) -> ApiResult<Json<Vec<Card>>> {
    let cards = directory.kept_by(viewer.as_ref(), user).await?;
    Ok(Json(cards.into_iter().map(Card::from).collect()))
}

/// What a short name leads to.
#[derive(Debug, Serialize, ToSchema)]
struct Vanity {
    /// `bot`, `guild` or `profile`.
    kind: &'static str,
    #[schema(value_type = String)]
    id: AnyId,
}

/// What a short name leads to.
#[utoipa::path(get, path = "/v2/vanities/{code}", tag = "directory", security(()), params(("code" = String, Path)),
    responses((status = 200, body = Vanity), (status = 404, body = Problem)))]
async fn vanity(
    State(directory): State<Directory>,
    MaybeActor(viewer): MaybeActor,
    Path(code): Path<String>,
) -> ApiResult<Json<Vanity>> {
    Ok(Json(match directory.named(viewer.as_ref(), &code).await? {
        Named::Listing(id) => Vanity { kind: id.kind.name(), id: id.id },
        Named::Profile(user) => Vanity { kind: "profile", id: user.cast() },
    }))
}
