//! Queues, for who looks after jobs.

use axum::extract::State;
use axum::http::StatusCode;
use guildhall_infra::http::{ApiResult, Json, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Asker, Desk};

/// How a queue is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Queue {
    name: String,
    /// Whether its jobs are held back.
    paused: bool,
    /// Jobs that are due.
    ready: u64,
    /// Jobs that wait for their time.
    scheduled: u64,
    running: u64,
    /// Jobs that were given up.
    dead: u64,
    done_last_hour: u64,
}

/// How the queues are. Needs the right `jobs.manage`.
#[utoipa::path(get, path = "/v2/jobs/queues", tag = "jobs",
    responses((status = 200, body = Vec<Queue>), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list(State(desk): State<Desk>, asker: Asker) -> ApiResult<Json<Vec<Queue>>> {
    let queues = desk.queues(&asker).await?.into_iter().map(|queue| Queue {
        name: queue.name,
        paused: queue.paused,
        ready: queue.ready,
        scheduled: queue.scheduled,
        running: queue.running,
        dead: queue.dead,
        done_last_hour: queue.done_last_hour,
    });
    Ok(Json(queues.collect()))
}

/// Holds the jobs of a queue back; what runs goes on. Needs the right `jobs.manage`.
#[utoipa::path(post, path = "/v2/jobs/queues/{queue}/pause", tag = "jobs", params(("queue" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn pause(
    State(desk): State<Desk>,
    asker: Asker,
    Path(queue): Path<String>,
) -> ApiResult<StatusCode> {
    desk.pause(&asker, &queue, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives out the jobs of a queue again. Needs the right `jobs.manage`.
#[utoipa::path(post, path = "/v2/jobs/queues/{queue}/resume", tag = "jobs", params(("queue" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn resume(
    State(desk): State<Desk>,
    asker: Asker,
    Path(queue): Path<String>,
) -> ApiResult<StatusCode> {
    desk.pause(&asker, &queue, false).await?;
    Ok(StatusCode::NO_CONTENT)
}
