//! `/v2/listings/{kind}/{id}/reviews` and `/v2/reviews/{id}`: reviews, answers, what others think of them.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_accounts::{Actor, MaybeActor, User};
use guildhall_base::{AnyId, Result, ReviewId, Timestamp, UserId};
use guildhall_infra::http::{ApiResult, Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::listings::{Address, named};
use crate::Directory;
use crate::actions::reviews::Written;
use crate::model::{self, Cursor, ListingKind, ReviewSort, Voice};
use crate::store::reviews::Wanted;

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, edit, remove))
        .routes(routes!(replies))
        .routes(routes!(vote, unvote))
        .routes(routes!(edits))
}

/// Somebody who wrote something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Person {
    #[schema(value_type = String, example = "1573306918502576128")]
    id: UserId,
    name: String,
    /// The path of their picture.
    avatar: Option<String>,
}

impl Person {
    pub(super) fn new(id: UserId, user: Option<&Arc<User>>) -> Self {
        Self {
            id,
            name: user.map_or_else(String::new, |user| user.display_name().to_owned()),
            avatar: user
                .and_then(|user| user.avatar.as_ref())
                .map(|hash| format!("/avatars/{id}/{hash}.png")),
        }
    }
}

/// A review, or an answer below one.
#[derive(Debug, Serialize, ToSchema)]
struct Review {
    #[schema(value_type = String)]
    id: ReviewId,
    listing_kind: ListingKind,
    #[schema(value_type = String)]
    listing_id: AnyId,
    /// The review at the top; null: this is one.
    #[schema(value_type = Option<String>)]
    root_id: Option<ReviewId>,
    /// What it answers.
    #[schema(value_type = Option<String>)]
    parent_id: Option<ReviewId>,
    /// Null: it was taken away, and is only the place of the answers to it.
    author: Option<Person>,
    /// 0 to 10, of reviews.
    #[schema(example = 8)]
    stars: Option<u64>,
    text: String,
    /// Whether it speaks for the listing.
    official: bool,
    up: u64,
    down: u64,
    /// What the caller thinks of it.
    voted: Option<Voice>,
    /// Answers in its thread; 0 for answers.
    replies: u64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    edited_at: Option<Timestamp>,
}

impl Directory {
    /// Reviews with who wrote them, read at once.
    async fn shown_reviews(&self, reviews: Vec<model::Review>) -> Result<Vec<Review>> {
        let mut ids: Vec<UserId> = reviews.iter().filter_map(|review| review.author).collect();
        ids.sort_unstable();
        ids.dedup();
        let users = self.0.accounts.users(&ids).await?;
        Ok(reviews.into_iter().map(|review| shown(review, &users)).collect())
    }

    async fn shown_review(&self, review: model::Review) -> Result<Review> {
        let author: Vec<UserId> = review.author.into_iter().collect();
        Ok(shown(review, &self.0.accounts.users(&author).await?))
    }
}

fn shown(review: model::Review, users: &HashMap<UserId, Arc<User>>) -> Review {
    Review {
        id: review.id,
        listing_kind: review.listing.kind,
        listing_id: review.listing.id,
        root_id: review.root,
        parent_id: review.parent,
        author: review.author.map(|author| Person::new(author, users.get(&author))),
        stars: review.stars,
        text: review.text,
        official: review.official,
        up: review.up,
        down: review.down,
        voted: review.voted,
        replies: review.replies,
        created_at: review.id.created_at(),
        edited_at: review.edited_at,
    }
}

/// Which reviews are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// `newest` (the default) or `helpful`.
    #[param(inline)]
    sort: Option<ReviewSort>,
    /// Only what this person wrote.
    #[param(value_type = Option<String>)]
    user_id: Option<UserId>,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor<2>>,
    /// 1 to 50; 9 by default.
    limit: Option<u16>,
}

/// A page of reviews.
#[derive(Debug, Serialize, ToSchema)]
struct Page {
    reviews: Vec<Review>,
    /// Given as `after` for the next page; null: this is the last one.
    #[schema(value_type = Option<String>)]
    next: Option<Cursor<2>>,
    /// How many reviews the listing has.
    count: u64,
    /// Their average, 0 to 10.
    #[schema(example = 7.5)]
    rating: Option<f64>,
}

/// The reviews of a listing. The answers to each are read at `/v2/reviews/{id}/replies`.
#[utoipa::path(get, path = "/v2/listings/{kind}/{id}/reviews", tag = "directory", security(()),
    params(("kind" = String, Path, description = "`bots` or `guilds`"), ("id" = String, Path), Which),
    responses((status = 200, body = Page), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn list(
    State(directory): State<Directory>,
    MaybeActor(viewer): MaybeActor,
    address: Address,
    Query(which): Query<Which>,
) -> ApiResult<Json<Page>> {
    let wanted = Wanted {
        sort: which.sort.unwrap_or_default(),
        author: which.user_id,
        after: which.after,
        limit: which.limit.unwrap_or(9),
    };
    let page = directory.reviews(viewer.as_ref(), named(address)?, wanted).await?;
    let reviews = directory.shown_reviews(page.reviews).await?;
    Ok(Json(Page { reviews, next: page.next, count: page.count, rating: page.rating }))
}

/// What is written.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({ "stars": 8, "text": "Does what it says, and never went down." }))]
struct New {
    /// 0 to 10; answers have none.
    #[schema(value_type = Option<u8>)]
    stars: Option<i64>,
    /// 10 to 20,000 characters.
    text: String,
    /// What is answered: a review of this listing, or an answer below one.
    #[schema(value_type = Option<String>)]
    parent_id: Option<ReviewId>,
}

/// Reviews a listing, or answers a review of it. Each person reviews each listing once; those who keep it answer.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/reviews", tag = "directory", request_body = New,
    params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 201, body = Review), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn add(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(new): Json<New>,
) -> ApiResult<(StatusCode, Json<Review>)> {
    let id = named(address)?;
    let written = Written { stars: new.stars, text: &new.text };
    let review = match new.parent_id {
        None => directory.add_review(&actor, id, written).await?,
        Some(parent) => directory.reply(&actor, id, parent, written).await?,
    };
    Ok((StatusCode::CREATED, Json(directory.shown_review(review).await?)))
}

/// A review or an answer.
#[utoipa::path(get, path = "/v2/reviews/{id}", tag = "directory", security(()), params(("id" = String, Path)),
    responses((status = 200, body = Review), (status = 404, body = Problem)))]
async fn get(
    State(directory): State<Directory>,
    MaybeActor(viewer): MaybeActor,
    Path(id): Path<ReviewId>,
) -> ApiResult<Json<Review>> {
    let (review, _) = directory.review(viewer.as_ref(), id).await?;
    Ok(Json(directory.shown_review(review).await?))
}

/// What is changed.
#[derive(Debug, Deserialize, ToSchema)]
struct Changed {
    /// 0 to 10, of reviews.
    #[schema(value_type = Option<u8>)]
    stars: Option<i64>,
    /// 10 to 20,000 characters.
    text: Option<String>,
}

/// Changes what one wrote. What was said before is kept.
#[utoipa::path(patch, path = "/v2/reviews/{id}", tag = "directory", request_body = Changed,
    params(("id" = String, Path)),
    responses((status = 200, body = Review), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn edit(
    State(directory): State<Directory>,
    actor: Actor,
    Path(id): Path<ReviewId>,
    Json(changed): Json<Changed>,
) -> ApiResult<Json<Review>> {
    let review = directory.edit_review(&actor, id, changed.stars, changed.text.as_deref()).await?;
    Ok(Json(directory.shown_review(review).await?))
}

/// Why something is done.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Why {
    /// 5 to 512 characters, of staff who take away what is not theirs.
    pub(super) reason: Option<String>,
}

/// Takes away a review with all answers to it, or what an answer says. For who wrote it, and for staff with
/// `listings.moderate`.
#[utoipa::path(delete, path = "/v2/reviews/{id}", tag = "directory", params(("id" = String, Path), Why),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn remove(
    State(directory): State<Directory>,
    actor: Actor,
    Path(id): Path<ReviewId>,
    Query(Why { reason }): Query<Why>,
) -> ApiResult<StatusCode> {
    directory.remove_review(&actor, id, reason.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which answers are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// What comes after this answer.
    #[param(value_type = Option<String>)]
    after: Option<ReviewId>,
    /// 1 to 100; 50 by default.
    limit: Option<u16>,
}

/// The answers below a review, the oldest first and flat: `parent_id` says what each answers. Of an answer: those to it.
#[utoipa::path(get, path = "/v2/reviews/{id}/replies", tag = "directory", security(()), params(("id" = String, Path), After),
    responses((status = 200, body = Vec<Review>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn replies(
    State(directory): State<Directory>,
    MaybeActor(viewer): MaybeActor,
    Path(id): Path<ReviewId>,
    Query(After { after, limit }): Query<After>,
) -> ApiResult<Json<Vec<Review>>> {
    let replies = directory.replies(viewer.as_ref(), id, after, limit.unwrap_or(50)).await?;
    Ok(Json(directory.shown_reviews(replies).await?))
}

/// What somebody thinks of a review.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({ "vote": "up" }))]
struct Thought {
    vote: Voice,
}

/// Says that a review is helpful, or not, in place of what one said before.
#[utoipa::path(put, path = "/v2/reviews/{id}/vote", tag = "directory", request_body = Thought,
    params(("id" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn vote(
    State(directory): State<Directory>,
    actor: Actor,
    Path(id): Path<ReviewId>,
    Json(Thought { vote }): Json<Thought>,
) -> ApiResult<StatusCode> {
    directory.vote_review(&actor, id, Some(vote)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes back what one said of a review.
#[utoipa::path(delete, path = "/v2/reviews/{id}/vote", tag = "directory", params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn unvote(
    State(directory): State<Directory>,
    actor: Actor,
    Path(id): Path<ReviewId>,
) -> ApiResult<StatusCode> {
    directory.vote_review(&actor, id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a review said before.
#[derive(Debug, Serialize, ToSchema)]
struct Edit {
    /// 1 for what was said first.
    version: i64,
    stars: Option<u64>,
    text: String,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

/// What a review said before it was changed, the latest first. For who wrote it, the listing's keepers and staff.
#[utoipa::path(get, path = "/v2/reviews/{id}/edits", tag = "directory", params(("id" = String, Path)),
    responses((status = 200, body = Vec<Edit>), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn edits(
    State(directory): State<Directory>,
    actor: Actor,
    Path(id): Path<ReviewId>,
) -> ApiResult<Json<Vec<Edit>>> {
    let edits = directory.review_edits(&actor, id).await?;
    let edits = edits.into_iter().map(|edit| Edit {
        version: edit.version,
        stars: edit.stars,
        text: edit.text,
        changed_at: edit.changed_at,
    });
    Ok(Json(edits.collect()))
}
