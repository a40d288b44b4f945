//! The routes under `/v2`, one file for each kind of thing.

mod appeals;
mod bodies;
mod browse;
pub(crate) mod caller;
mod commands;
mod files;
mod listings;
mod news;
mod packs;
mod reviews;
mod staff;
mod stats;
mod teams;
mod topgg;
mod votes;
mod webhooks;

use axum::middleware::from_fn;
use guildhall_infra::http::as_problems;
use utoipa_axum::router::OpenApiRouter;

use crate::Directory;

pub(crate) use bodies::banner_path;
pub use files::file_routes;
pub use topgg::routes as topgg_routes;

/// The routes and what OpenAPI says of them.
pub fn routes(directory: Directory) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(browse::routes())
        .merge(listings::routes())
        .merge(appeals::routes())
        .merge(commands::routes())
        .merge(news::routes())
        .merge(packs::routes())
        .merge(reviews::routes())
        .merge(staff::routes())
        .merge(stats::routes())
        .merge(teams::routes())
        .merge(votes::routes())
        .merge(webhooks::routes())
        .layer(from_fn(as_problems))
        .with_state(directory)
}
