//! Asking for jobs, looking at them, cancelling them.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use guildhall_base::{Error, JobId};
use guildhall_infra::http::{ApiResult, Json, Path, Problem, Query};
use guildhall_infra::jobs::Record;

use super::bodies::{self, Job, Line, NewJob, Preview};
use crate::{Asker, Desk, Kind, NewRequest, Wanted};

/// Asks for a job. A program or a person that sends the same `Idempotency-Key` again gets the same job.
#[utoipa::path(post, path = "/v2/jobs", tag = "jobs", request_body = NewJob,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 bytes; kept as long as the job")),
    responses((status = 202, body = Job), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn create(
    State(desk): State<Desk>,
    asker: Asker,
    headers: HeaderMap,
    Json(new): Json<NewJob>,
) -> ApiResult<(StatusCode, Json<Job>)> {
    let key = headers.get("idempotency-key").map(|key| {
        let text = key.to_str().map(str::to_owned);
        text.map_err(|_| Error::field("Idempotency-Key", "BASE_TYPE_BAD", "Not readable"))
    });
    let record = desk.request(&asker, asked(new, key.transpose()?)).await?;
    Ok((StatusCode::ACCEPTED, shown(&desk, &asker, record).await?))
}

/// A job with as much as the asker may see of it.
async fn shown(desk: &Desk, asker: &Asker, record: Record) -> guildhall_base::Result<Json<Job>> {
    Ok(Json(Job::new(record, desk.looks_after(asker).await?)))
}

fn asked(new: NewJob, key: Option<String>) -> NewRequest {
    NewRequest {
        name: new.name,
        payload: new.payload.to_string(),
        user: new.user_id,
        guild: new.guild_id,
        delay: Duration::from_secs(new.delay_seconds),
        priority: new.priority,
        unique: new.unique_key,
        key,
    }
}

/// What a job would do, without asking for it: how many members or messages it would touch. What comes depends on the
/// kind; null where it has nothing to say.
#[utoipa::path(post, path = "/v2/jobs/preview", tag = "jobs", request_body = NewJob,
    responses((status = 200, body = Preview), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn preview(
    State(desk): State<Desk>,
    asker: Asker,
    Json(new): Json<NewJob>,
) -> ApiResult<Json<Preview>> {
    Ok(Json(Preview { preview: desk.preview(&asker, asked(new, None)).await? }))
}

/// Has what a job did undone, by a job of its own. Sent again, it gives that same job.
#[utoipa::path(post, path = "/v2/jobs/{id}/undo", tag = "jobs", params(("id" = String, Path)),
    responses((status = 202, body = Job), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn undo(
    State(desk): State<Desk>,
    asker: Asker,
    Path(id): Path<JobId>,
) -> ApiResult<(StatusCode, Json<Job>)> {
    let record = desk.undo(&asker, id).await?;
    Ok((StatusCode::ACCEPTED, shown(&desk, &asker, record).await?))
}

/// The newest jobs: a program's own, a person's own, with `guild_id` those of a guild that the person manages; who
/// has the right `jobs.manage` sees all.
#[utoipa::path(get, path = "/v2/jobs", tag = "jobs", params(bodies::Query),
    responses((status = 200, body = Vec<Job>), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn list(
    State(desk): State<Desk>,
    asker: Asker,
    Query(query): Query<bodies::Query>,
) -> ApiResult<Json<Vec<Job>>> {
    let wanted = Wanted {
        guild: query.guild_id,
        user: query.user_id,
        state: query.state.map(Into::into),
        name: query.name,
        before: query.before,
        limit: query.limit.unwrap_or(50),
    };
    let staff = desk.looks_after(&asker).await?;
    let records = desk.list(&asker, wanted).await?;
    Ok(Json(records.into_iter().map(|record| Job::new(record, staff)).collect()))
}

/// The kinds of jobs that the asker may start.
#[utoipa::path(get, path = "/v2/jobs/kinds", tag = "jobs",
    responses((status = 200, body = Vec<Kind>), (status = 401, body = Problem)))]
pub(super) async fn kinds(State(desk): State<Desk>, asker: Asker) -> ApiResult<Json<Vec<Kind>>> {
    Ok(Json(desk.kinds(&asker).await?))
}

/// A job.
#[utoipa::path(get, path = "/v2/jobs/{id}", tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = Job), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(desk): State<Desk>,
    asker: Asker,
    Path(id): Path<JobId>,
) -> ApiResult<Json<Job>> {
    let record = desk.job(&asker, id).await?;
    Ok(shown(&desk, &asker, record).await?)
}

/// Cancels a job. One that runs ends within seconds; `cancelling` says so until then.
#[utoipa::path(post, path = "/v2/jobs/{id}/cancel", tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = Job), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub(super) async fn cancel(
    State(desk): State<Desk>,
    asker: Asker,
    Path(id): Path<JobId>,
) -> ApiResult<Json<Job>> {
    let record = desk.cancel(&asker, id).await?;
    Ok(shown(&desk, &asker, record).await?)
}

/// Tries a dead or cancelled job again; steps that were completed stay completed.
#[utoipa::path(post, path = "/v2/jobs/{id}/retry", tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = Job), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub(super) async fn retry(
    State(desk): State<Desk>,
    asker: Asker,
    Path(id): Path<JobId>,
) -> ApiResult<Json<Job>> {
    let record = desk.retry(&asker, id).await?;
    Ok(shown(&desk, &asker, record).await?)
}

/// What the job has said, the newest 200 lines, oldest first.
#[utoipa::path(get, path = "/v2/jobs/{id}/lines", tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = Vec<Line>), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn lines(
    State(desk): State<Desk>,
    asker: Asker,
    Path(id): Path<JobId>,
) -> ApiResult<Json<Vec<Line>>> {
    desk.job(&asker, id).await?;
    let lines = desk.jobs().lines(id, 200).await?;
    Ok(Json(lines.into_iter().map(Line::from).collect()))
}
