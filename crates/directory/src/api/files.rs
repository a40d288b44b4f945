//! Banners, for everybody who has their address.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use guildhall_infra::pictures;

use crate::Directory;
use crate::actions::BANNERS;

/// The routes of files.
pub fn file_routes(directory: Directory) -> Router {
    Router::new().route("/listing-banners/{file}", get(banner)).with_state(directory)
}

async fn banner(State(directory): State<Directory>, Path(file): Path<String>) -> Response {
    pictures::show(Some(&directory.0.blobs), BANNERS, &file).await
}
