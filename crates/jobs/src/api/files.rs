//! Files that jobs made, by links that live ten minutes.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use guildhall_base::{JobId, Timestamp};
use guildhall_infra::http::{ApiResult, Json, Path, Problem, Query};
use guildhall_infra::jobs::Signed;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Asker, Desk};

/// A file that a job made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct File {
    name: String,
    /// In bytes.
    size: u64,
    content_type: String,
    /// Where it is, for whoever has this address, until `expires_at`.
    url: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// The files that a job made, with links that live ten minutes and need no credentials.
#[utoipa::path(get, path = "/v2/jobs/{id}/files", tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = Vec<File>), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn list(
    State(desk): State<Desk>,
    asker: Asker,
    Path(id): Path<JobId>,
) -> ApiResult<Json<Vec<File>>> {
    let mut files = Vec::new();
    for file in desk.files(&asker, id).await? {
        let (url, expires_at) = desk.link(id, &file.name);
        files.push(File {
            name: file.name,
            size: file.size,
            content_type: file.content_type,
            url,
            expires_at,
        });
    }
    Ok(Json(files))
}

/// What a link carries.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Link {
    /// When it ends, in milliseconds since 1970.
    expires: i64,
    /// What only this server can make.
    signature: String,
}

/// A file, by its link.
#[utoipa::path(get, path = "/v2/jobs/{id}/files/{name}", tag = "jobs",
    params(("id" = String, Path), ("name" = String, Path), Link), security(()),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, body = Problem)))]
pub(super) async fn download(
    State(desk): State<Desk>,
    Path((job, name)): Path<(JobId, String)>,
    Query(link): Query<Link>,
) -> ApiResult<Response> {
    let expires = Timestamp::from_millis(link.expires);
    let (file, blob) =
        desk.jobs().open_signed(&Signed { job, name, expires, signature: link.signature }).await?;
    // Whatever it is, a browser shall save it and not run it.
    let disposition = format!("attachment; filename=\"{}\"", file.name);
    let headers = [
        (header::CONTENT_TYPE, file.content_type),
        (header::CONTENT_LENGTH, blob.size().to_string()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(blob.stream())).into_response())
}

impl Desk {
    /// The address of a file, and until when it is good.
    pub(crate) fn link(&self, job: JobId, name: &str) -> (String, Timestamp) {
        let Signed { expires, signature, .. } = self.jobs().sign(job, name);
        let base = &self.0.public_url;
        let url =
            format!("{base}/v2/jobs/{job}/files/{name}?expires={}&signature={signature}", expires.millis());
        (url, expires)
    }
}
