//! `/v2/listings/{kind}/{id}/news` and `/v2/listings/{kind}/{id}/resources`: what keepers tell everybody.

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_accounts::{Actor, MaybeActor};
use guildhall_base::{AnyId, Timestamp};
use guildhall_infra::http::{ApiResult, Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::listings::{Address, named};
use crate::Directory;
use crate::model::{self, NewsKind};

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new()
        .routes(routes!(list, tell))
        .routes(routes!(untell))
        .routes(routes!(resources, add_resource))
        .routes(routes!(remove_resource))
}

/// Something that keepers tell everybody.
#[derive(Debug, Serialize, ToSchema)]
struct News {
    #[schema(value_type = String)]
    id: AnyId,
    #[serde(rename = "type")]
    kind: NewsKind,
    title: String,
    text: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When it is news no longer; null: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
}

impl From<model::News> for News {
    fn from(news: model::News) -> Self {
        Self {
            id: news.id,
            kind: news.kind,
            title: news.title,
            text: news.text,
            since: news.id.created_at(),
            ends_at: news.ends_at,
        }
    }
}

/// Which news are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Those that ended too.
    #[serde(default)]
    all: bool,
    /// What was told before this.
    #[param(value_type = Option<String>)]
    before: Option<AnyId>,
    /// 1 to 50; 10 by default.
    limit: Option<u16>,
}

/// News of a listing, the latest first.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/news", tag = "directory", security(()),
    params(("kind" = String, Path, description = "`bots` or `guilds`"), ("id" = String, Path), Which),
    responses((status = 200, body = Vec<News>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn list(
    State(directory): State<Directory>,
    MaybeActor(viewer): MaybeActor,
    address: Address,
    Query(Which { all, before, limit }): Query<Which>,
) -> ApiResult<Json<Vec<News>>> {
    let news = directory.news(viewer.as_ref(), named(address)?, all, before, limit.unwrap_or(10)).await?;
    Ok(Json(news.into_iter().map(News::from).collect()))
}

/// What is told.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({ "type": "maintenance", "title": "A new database",
    "text": "Commands will be slow on Sunday evening.", "ends_at": "2027-01-01T00:00:00Z" }))]
struct New {
    #[serde(rename = "type")]
    kind: NewsKind,
    /// 3 to 100 characters.
    title: String,
    /// 10 to 4,000 characters.
    text: String,
    /// When it is news no longer, later than now.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
}

/// Tells everybody something. For keepers who may `post`.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/news", tag = "directory", request_body = New,
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 201, body = News), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn tell(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(new): Json<New>,
) -> ApiResult<(StatusCode, Json<News>)> {
    let words = (new.kind, new.title.as_str(), new.text.as_str());
    let news = directory.add_news(&actor, named(address)?, words, new.ends_at).await?;
    Ok((StatusCode::CREATED, Json(news.into())))
}

/// Tells it no longer.
#[utoipa::path(delete, path = "/v2/listings/{kind}/{id}/news/{entry}", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), ("entry" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn untell(
    State(directory): State<Directory>,
    actor: Actor,
    Path((kind, id, entry)): Path<(String, AnyId, AnyId)>,
) -> ApiResult<StatusCode> {
    directory.remove_news(&actor, named(Path((kind, id)))?, entry).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where there is more to read about a listing.
#[derive(Debug, Serialize, ToSchema)]
struct Resource {
    #[schema(value_type = String)]
    id: AnyId,
    title: String,
    description: String,
    url: String,
}

impl From<model::Resource> for Resource {
    fn from(resource: model::Resource) -> Self {
        Self { id: resource.id, title: resource.title, description: resource.description, url: resource.url }
    }
}

/// Where there is more to read about a listing.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/resources", tag = "directory", security(()),
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Vec<Resource>), (status = 404, body = Problem)))]
async fn resources(
    State(directory): State<Directory>,
    MaybeActor(viewer): MaybeActor,
    address: Address,
) -> ApiResult<Json<Vec<Resource>>> {
    let resources = directory.resources(viewer.as_ref(), named(address)?).await?;
    Ok(Json(resources.into_iter().map(Resource::from).collect()))
}

/// A resource that is added.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({ "title": "Handbook", "description": "All settings.", "url": "https://example.com/docs" }))]
struct NewResource {
    /// 3 to 100 characters.
    title: String,
    /// At most 500 characters.
    #[serde(default)]
    description: String,
    /// https, at most 400 characters.
    url: String,
}

/// Says where there is more to read, in at most 30 places. For keepers who may `edit`.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/resources", tag = "directory", request_body = NewResource,
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 201, body = Resource), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn add_resource(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(new): Json<NewResource>,
) -> ApiResult<(StatusCode, Json<Resource>)> {
    let words = (new.title.as_str(), new.description.as_str(), new.url.as_str());
    let resource = directory.add_resource(&actor, named(address)?, words).await?;
    Ok((StatusCode::CREATED, Json(resource.into())))
}

/// Says it no longer.
#[utoipa::path(delete, path = "/v2/listings/{kind}/{id}/resources/{entry}", tag = "directory",
    params(("kind" = String, Path), ("id" = String, Path), ("entry" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn remove_resource(
    State(directory): State<Directory>,
    actor: Actor,
    Path((kind, id, entry)): Path<(String, AnyId, AnyId)>,
) -> ApiResult<StatusCode> {
    directory.remove_resource(&actor, named(Path((kind, id)))?, entry).await?;
    Ok(StatusCode::NO_CONTENT)
}
