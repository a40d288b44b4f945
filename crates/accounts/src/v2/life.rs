//! `/v2/me/export`, `/v2/me/deletion`, `/v2/auth/keep`: copies of one's data, the end of one's account, keeping it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use guildhall_base::Timestamp;
use guildhall_infra::http::{ApiResult, Json, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Entered;
use crate::actions::{Copy, Farewell};
use crate::model::{SessionClass, Visit};
use crate::{Accounts, Actor};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(export, ask_for_export))
        .routes(routes!(farewell, leave))
        .routes(routes!(keep))
}

/// A copy of somebody's data.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "job_id": "1573306918502576128", "state": "done", "done": 5, "total": 5,
    "asked_at": "2026-11-21T04:00:00.000000+00:00", "next_at": "2026-11-22T04:00:00.000000+00:00",
    "file": {
        "path": "/v2/jobs/1573306918502576128/files/my-data.zip?expires=1790000000000&signature=c2lnbmF0dXJl",
        "size": 48213, "expires_at": "2026-11-21T04:20:00.000000+00:00"
    }
}))]
struct CopyAnswer {
    /// The job that makes it; `GET /v2/jobs/{id}/events` follows it.
    job_id: String,
    /// Where the job stands; null once its record is gone, and the file with it.
    state: Option<&'static str>,
    done: u64,
    total: Option<u64>,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    /// When the next copy may be asked for.
    #[schema(value_type = String, format = DateTime)]
    next_at: Timestamp,
    /// The ZIP file, when it is there.
    file: Option<FileAnswer>,
}

/// A file by a link that needs no credentials.
#[derive(Serialize, ToSchema)]
struct FileAnswer {
    /// On this server.
    path: String,
    /// In bytes.
    size: u64,
    /// Until when the link is good.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<Copy> for CopyAnswer {
    fn from(copy: Copy) -> Self {
        let Copy { job, state, progress, asked, next, file } = copy;
        let file = file.map(|file| FileAnswer { path: file.path, size: file.size, expires_at: file.expires });
        let state = state.map(|state| state.as_str());
        let (done, total) = (progress.done, progress.total);
        Self { job_id: job.to_string(), state, done, total, asked_at: asked, next_at: next, file }
    }
}

/// The latest copy of one's data, with a link that lives ten minutes. Null if none was asked for.
#[utoipa::path(get, path = "/v2/me/export", tag = "account",
    responses((status = 200, body = Option<CopyAnswer>), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn export(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<Option<CopyAnswer>>> {
    Ok(Json(accounts.copy(&actor).await?.map(CopyAnswer::from)))
}

/// Asks for a copy of all that is one's own; once a day. Needs a sign-in from the last minutes.
#[utoipa::path(post, path = "/v2/me/export", tag = "account",
    responses((status = 202, body = Option<CopyAnswer>), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 429, body = Problem)))]
async fn ask_for_export(
    State(accounts): State<Accounts>,
    actor: Actor,
) -> ApiResult<(StatusCode, Json<Option<CopyAnswer>>)> {
    accounts.ask_for_copy(&actor).await?;
    Ok((StatusCode::ACCEPTED, Json(accounts.copy(&actor).await?.map(CopyAnswer::from))))
}

/// What stands between somebody and the end of their account.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "delay_seconds": 1_209_600, "bots": ["robot"],
    "hindrances": [{ "kind": "guild", "id": "1573306918502576128", "name": "Workshop" }]
}))]
struct FarewellAnswer {
    /// For how long the account may still be kept.
    delay_seconds: u64,
    /// What must have another owner or be deleted first.
    #[schema(value_type = Vec<Object>)]
    hindrances: Vec<crate::life::Hindrance>,
    /// The names of the bots that go too, with their applications.
    bots: Vec<String>,
}

/// What stands between oneself and the end of one's account, and what goes with it.
#[utoipa::path(get, path = "/v2/me/deletion", tag = "account",
    responses((status = 200, body = FarewellAnswer), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn farewell(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<Json<FarewellAnswer>> {
    let Farewell { hindrances, bots } = accounts.farewell(&actor).await?;
    let delay_seconds = accounts.config().deletion_delay.as_secs();
    Ok(Json(FarewellAnswer { delay_seconds, hindrances, bots }))
}

/// When an account is deleted.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "deleted_at": "2026-12-05T04:00:00.000000+00:00" }))]
struct LeftAnswer {
    #[schema(value_type = String, format = DateTime)]
    deleted_at: Timestamp,
}

/// Asks for the deletion of one's account. Every session ends now, also the one that asks. Needs a sign-in from the last
/// minutes.
#[utoipa::path(post, path = "/v2/me/deletion", tag = "account",
    responses((status = 202, body = LeftAnswer), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem)))]
async fn leave(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<(StatusCode, Json<LeftAnswer>)> {
    let deleted_at = accounts.leave(&actor).await?;
    Ok((StatusCode::ACCEPTED, Json(LeftAnswer { deleted_at })))
}

/// What keeps an account.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "ticket": "k5Jm0nq2" }))]
struct Keep {
    /// The ticket of a sign-in, or the secret of the mail's link.
    ticket: String,
}

/// Keeps an account that waits for its deletion. The ticket of a sign-in signs in, as `POST /v2/auth/password` answers;
/// the secret of the mail's link only keeps it (204).
#[utoipa::path(post, path = "/v2/auth/keep", tag = "account", request_body = Keep, security(()),
    responses((status = 200, body = Entered), (status = 204), (status = 400, body = Problem)))]
async fn keep(State(accounts): State<Accounts>, visit: Visit, Json(body): Json<Keep>) -> ApiResult<Response> {
    let visit = Visit { class: SessionClass::Api, ..visit };
    Ok(match accounts.keep(&body.ticket, &visit).await? {
        Some(outcome) => Json::<Entered>::from(outcome).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}
