//! The routes under `/v2`: backups of a guild, and restores. Making a backup, following and undoing a restore are jobs
//! like others, under `/v2/jobs`.

use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn;
use bytes::Bytes;
use futures_util::stream;
use guildhall_accounts::{Accounts, Actor};
use guildhall_base::{Error, GuildId, JobId};
use guildhall_infra::http::{ApiResult, Json, Path, Problem, as_problems};
use guildhall_infra::jobs::Owner;
use percent_encoding::percent_decode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Backups;
use crate::actions::{Into, Wish};
use crate::plan::{Budget, Deed, Difference, LeftOut, Operation, Options, What};

impl FromRef<Backups> for Accounts {
    fn from_ref(backups: &Backups) -> Self {
        backups.0.accounts.clone()
    }
}

/// The routes and what OpenAPI says of them.
pub fn routes(backups: Backups) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, bring))
        .routes(routes!(forget))
        .routes(routes!(plan))
        .routes(routes!(restore))
        .layer(from_fn(as_problems))
        .with_state(backups)
}

/// A backup of a guild.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Backup {
    /// The job that made or read it; its file is under `/v2/jobs/{id}/files`.
    #[schema(value_type = String)]
    id: JobId,
    /// `guild_backup` or `backup_import`.
    kind: String,
    /// The job's state.
    state: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: guildhall_base::Timestamp,
    /// The file's name, once it is there.
    file: Option<String>,
    /// Bytes of the file.
    size: Option<u64>,
}

/// The backups of a guild, newest first. For its administrators.
#[utoipa::path(get, path = "/v2/guilds/{guild}/backups", tag = "backups", params(("guild" = String, Path)),
    responses((status = 200, body = Vec<Backup>), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
async fn list(
    State(backups): State<Backups>,
    actor: Actor,
    Path(guild): Path<GuildId>,
) -> ApiResult<Json<Vec<Backup>>> {
    let kept = backups.list(&actor, guild).await?;
    let shown = kept.into_iter().map(|kept| Backup {
        id: kept.record.id,
        kind: kept.record.name,
        state: kept.record.state.as_str().to_owned(),
        created_at: kept.record.created_at,
        size: kept.file.as_ref().map(|(_, size)| *size),
        file: kept.file.map(|(name, _)| name),
    });
    Ok(Json(shown.collect()))
}

/// A job that was started.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Started {
    /// The job, to be followed under `/v2/jobs/{id}`.
    #[schema(value_type = String)]
    job: JobId,
}

/// What a sealed file is opened with.
const PASSPHRASE: &str = "x-backup-passphrase";

/// Brings a backup: a file of Guildhall or of discord-backup, or an `iblfile` of AntiRaid. Larger files are brought by the page.
#[utoipa::path(post, path = "/v2/guilds/{guild}/backups", tag = "backups",
    params(("guild" = String, Path), ("X-Backup-Passphrase" = Option<String>, Header,
        description = "What the file was sealed with, percent-encoded where it is not ASCII. Gone when the job is over.")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 202, body = Started), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 413, body = Problem)))]
async fn bring(
    State(backups): State<Backups>,
    actor: Actor,
    Path(guild): Path<GuildId>,
    headers: HeaderMap,
    file: Bytes,
) -> ApiResult<(StatusCode, Json<Started>)> {
    let owner = Owner { user: Some(actor.id()), guild: Some(guild) };
    let passphrase = headers.get(PASSPHRASE).map(|text| percent_decode(text.as_bytes()).decode_utf8());
    let passphrase = passphrase.transpose().map_err(|_| {
        Error::field("X-Backup-Passphrase", "BASE_TYPE_BAD", "It must be percent-encoded UTF-8")
    })?;
    let passphrase = passphrase.as_deref().filter(|text| !text.is_empty());
    let job = backups.import(owner, stream::iter([Ok(file)]), passphrase).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job })))
}

/// Removes a backup.
#[utoipa::path(delete, path = "/v2/backups/{id}", tag = "backups", params(("id" = String, Path)),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
async fn forget(
    State(backups): State<Backups>,
    actor: Actor,
    Path(id): Path<JobId>,
) -> ApiResult<StatusCode> {
    backups.forget(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A restore.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct Asked {
    /// The job that made or read the backup.
    #[schema(value_type = String)]
    backup: JobId,
    /// What it was sealed with.
    passphrase: Option<String>,
    /// Where it goes: `{"at": "here", "guild": ID}`, `{"at": "new", "name": TEXT or null}`, or `{"at": "elsewhere",
    /// "address": URL, "token": of a bot, "guild": ID}`.
    #[schema(value_type = Object)]
    into: Into,
    /// What is wanted.
    #[serde(default)]
    options: Options,
}

impl From<Asked> for Wish {
    fn from(asked: Asked) -> Self {
        let Asked { backup, passphrase, into, options } = asked;
        Self { backup, passphrase, into, options }
    }
}

/// One thing that would be done.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Step {
    deed: Deed,
    what: What,
    /// What it is called.
    name: String,
    /// How many things, where it is about several.
    count: u64,
    differences: Vec<Difference>,
}

impl From<Operation> for Step {
    fn from(operation: Operation) -> Self {
        let Operation { deed, what, name, count, differences, .. } = operation;
        Self { deed, what, name, count, differences }
    }
}

/// What a restore would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Foretold {
    steps: Vec<Step>,
    left_out: Vec<LeftOut>,
    budget: Budget,
    /// Whose limits the budget goes by.
    limits: String,
}

/// What a restore would do and how long it would take, without doing it.
#[utoipa::path(post, path = "/v2/restores/plan", tag = "backups", request_body = Asked,
    responses((status = 200, body = Foretold), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn plan(
    State(backups): State<Backups>,
    actor: Actor,
    Json(asked): Json<Asked>,
) -> ApiResult<Json<Foretold>> {
    let foretold = backups.foretell(&actor, &asked.into()).await?;
    Ok(Json(Foretold {
        steps: foretold.plan.operations.into_iter().map(Step::from).collect(),
        left_out: foretold.plan.left_out,
        budget: foretold.budget,
        limits: foretold.limits.to_owned(),
    }))
}

/// Has a guild restored. It can be undone by `/v2/jobs/{id}/undo` once it has ended.
#[utoipa::path(post, path = "/v2/restores", tag = "backups", request_body = Asked,
    responses((status = 202, body = Started), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn restore(
    State(backups): State<Backups>,
    actor: Actor,
    Json(asked): Json<Asked>,
) -> ApiResult<(StatusCode, Json<Started>)> {
    let job = backups.restore(&actor, &asked.into()).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job })))
}
