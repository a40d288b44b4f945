//! `/v2/listings/{kind}/{id}/actions` and `/v2/staff/listings`: what staff do.

use axum::extract::State;
use guildhall_accounts::Actor;
use guildhall_base::{Timestamp, UserId};
use guildhall_infra::http::{ApiResult, Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{Card, Listing};
use super::listings::{Address, named};
use crate::actions::staff::Order;
use crate::model::{self, Cursor, ListingKind};
use crate::{Directory, StaffAction};

pub(super) fn routes() -> OpenApiRouter<Directory> {
    OpenApiRouter::new().routes(routes!(act)).routes(routes!(queue))
}

/// What a member of staff does, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({ "action": "approve", "reason": "Works as described, answers quickly." }))]
struct Wanted {
    action: StaffAction,
    /// 5 to 512 characters. The listing's keepers read it.
    reason: String,
    /// Which flag, for `set_flag` and `unset_flag`: `staff_locked`, `stats_locked`, `vote_locked`, `system`, `nsfw`,
    /// `keep_banner_decor`, `whitelist_only`, `login_required`; `edit_locked` can only be cleared.
    flag: Option<String>,
}

/// Does something with a listing as staff. Each action needs a right of the installation and a state that it is done in;
/// a listing that somebody claimed is decided on by them, or by moderators.
#[utoipa::path(post, path = "/v2/listings/{kind}/{id}/actions", tag = "directory", request_body = Wanted,
    params(("kind" = String, Path, description = "`bots` or `guilds`"), ("id" = String, Path)),
    responses((status = 200, body = Listing), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn act(
    State(directory): State<Directory>,
    actor: Actor,
    address: Address,
    Json(wanted): Json<Wanted>,
) -> ApiResult<Json<Listing>> {
    let order = Order { action: wanted.action, reason: &wanted.reason, flag: wanted.flag.as_deref() };
    let listing = directory.staff_act(&actor, named(address)?, order).await?;
    Ok(Json(Listing::new(listing, true)))
}

/// Which listings are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// `pending` by default.
    state: Option<model::State>,
    /// Only bots, or only guilds.
    kind: Option<ListingKind>,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor<3>>,
    /// 1 to 100; 50 by default.
    limit: Option<u16>,
}

/// A listing that staff look after.
#[derive(Debug, Serialize, ToSchema)]
struct Waiting {
    #[serde(flatten)]
    card: Card,
    #[schema(value_type = String)]
    owner_id: UserId,
    /// Who claimed it or decided on it.
    #[schema(value_type = Option<String>)]
    reviewer_id: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

/// A page of the queue.
#[derive(Debug, Serialize, ToSchema)]
struct Page {
    listings: Vec<Waiting>,
    /// Given as `after` for the next page; null: this is the last one.
    #[schema(value_type = Option<String>)]
    next: Option<Cursor<3>>,
}

/// Listings in one state, the oldest first. For staff with `listings.review`.
#[utoipa::path(get, path = "/v2/staff/listings", tag = "directory", params(Which),
    responses((status = 200, body = Page), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn queue(
    State(directory): State<Directory>,
    actor: Actor,
    Query(which): Query<Which>,
) -> ApiResult<Json<Page>> {
    let state = which.state.unwrap_or(model::State::Pending);
    let queue =
        directory.staff_queue(&actor, state, which.kind, which.after, which.limit.unwrap_or(50)).await?;
    let waiting = queue.places.into_iter().map(|(place, card)| Waiting {
        card: card.into(),
        owner_id: place.owner,
        reviewer_id: place.reviewer,
        created_at: place.created_at,
        changed_at: place.changed_at,
    });
    Ok(Json(Page { listings: waiting.collect(), next: queue.next }))
}
