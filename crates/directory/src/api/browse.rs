//! `/v2/directory/...` and `/v2/listings/{kind}`: finding listings. What everybody sees alike is kept, and has an ETag.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use guildhall_base::{AnyId, Error, Result};
use guildhall_infra::http::{ApiResult, Json, Kept, Path, Problem, Query};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::Card;
use super::listings::{Address, named};
use crate::model::ListingKind;
use crate::rules::browse::Browse;
use crate::shelf::Key;
use crate::{Directory, codes};

/// How long others may keep an answer without asking again.
const OTHERS_KEEP: Duration = Duration::from_secs(30);

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(labels))
        .routes(routes!(random))
        .routes(routes!(browse))
        .routes(routes!(similar))
}

/// The kind of listing that an address names.
fn kind_of(plural: &str) -> Result<ListingKind> {
    let kind = ListingKind::ALL.into_iter().find(|kind| kind.plural() == plural);
    kind.ok_or_else(|| codes::UNKNOWN_LISTING.into())
}

/// JSON that is kept.
fn kept(body: &impl Serialize) -> Result<Kept> {
    let body = serde_json::to_vec(body).map_err(Error::internal)?;
    Ok(Kept::new("application/json", body, OTHERS_KEEP))
}

fn cards(cards: Vec<crate::model::Card>) -> Vec<Card> {
    cards.into_iter().map(Card::from).collect()
}

/// A tag, and how many listed things have it.
#[derive(Debug, Serialize, ToSchema)]
struct Tag {
    name: String,
    count: u64,
}

/// The beginning of the directory.
#[derive(Debug, Serialize, ToSchema)]
struct Index {
    random: Vec<Card>,
    new: Vec<Card>,
    top_voted: Vec<Card>,
    certified: Vec<Card>,
    /// The most frequent ones.
    tags: Vec<Tag>,
    features: Vec<String>,
}

/// The beginning of the directory: twelve listings each by chance, of the newest, of the most voted for and of the
/// certified ones.
#[utoipa::path(get, path = "/v2/directory/{kind}", tag = "directory", security(()),
    params(("kind" = String, Path, description = "`bots` or `guilds`")),
    responses((status = 200, body = Index), (status = 304), (status = 404, body = Problem)))]
async fn index(
    State(directory): State<Directory>,
    Path(kind): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let kind = kind_of(&kind)?;
    let make = async {
        let index = directory.index(kind).await?;
        kept(&Index {
            random: cards(index.random),
            new: cards(index.new),
            top_voted: cards(index.top_voted),
            certified: cards(index.certified),
            tags: index.tags.into_iter().map(|(name, count)| Tag { name, count }).collect(),
            features: index.features,
        })
    };
    Ok(directory.0.shelf.get(Key::Index(kind), make).await?.answer(&headers))
}

/// Labels that there are.
#[derive(Debug, Serialize, ToSchema)]
struct Labels {
    tags: Vec<String>,
    features: Vec<String>,
}

/// The tags and features that listings of a kind may have. Guilds may make further tags.
#[utoipa::path(get, path = "/v2/directory/{kind}/labels", tag = "directory", security(()), params(("kind" = String, Path)),
    responses((status = 200, body = Labels), (status = 404, body = Problem)))]
async fn labels(State(directory): State<Directory>, Path(kind): Path<String>) -> ApiResult<Json<Labels>> {
    let (tags, features) = directory.labels(kind_of(&kind)?).await?;
    Ok(Json(Labels { tags, features }))
}

/// One listing by chance.
#[derive(Debug, Serialize, ToSchema)]
struct Chosen {
    kind: ListingKind,
    #[schema(value_type = String)]
    id: AnyId,
}

/// A listing by chance; `Location` is where it is.
#[utoipa::path(get, path = "/v2/directory/{kind}/random", tag = "directory", security(()), params(("kind" = String, Path)),
    responses((status = 200, body = Chosen), (status = 404, body = Problem)))]
async fn random(State(directory): State<Directory>, Path(kind): Path<String>) -> ApiResult<Response> {
    let id = directory.random(kind_of(&kind)?).await?;
    let mut response = (StatusCode::OK, axum::Json(Chosen { kind: id.kind, id: id.id })).into_response();
    if let Ok(place) = HeaderValue::try_from(format!("/v2/listings/{id}")) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
struct Found {
    listings: Vec<Card>,
    /// Where the next page begins: `?after=`; null on the last one.
    #[schema(example = "42.1573306918502576128")]
    next: Option<String>,
}

/// Listings in order, or by words, with filters.
#[utoipa::path(get, path = "/v2/listings/{kind}", tag = "directory", security(()), params(("kind" = String, Path), Browse),
    responses((status = 200, body = Found), (status = 304), (status = 400, body = Problem),
        (status = 404, body = Problem)))]
async fn browse(
    State(directory): State<Directory>,
    Path(kind): Path<String>,
    Query(browse): Query<Browse>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let kind = kind_of(&kind)?;
    browse.check()?;
    let make = async {
        let found = directory.browse(kind, &browse).await?;
        let next = found.next.map(|after| after.to_string());
        kept(&Found { listings: cards(found.listings), next })
    };
    Ok(directory.0.shelf.get(Key::Browse(kind, browse.clone()), make).await?.answer(&headers))
}

/// What has the most tags in common with a listing.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/similar", tag = "directory", security(()),
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Vec<Card>), (status = 304), (status = 404, body = Problem)))]
async fn similar(
    State(directory): State<Directory>,
    address: Address,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let id = named(address)?;
    let make = async { kept(&cards(directory.similar(id).await?)) };
    Ok(directory.0.shelf.get(Key::Similar(id), make).await?.answer(&headers))
}
