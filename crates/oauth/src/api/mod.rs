//! Discord's routes, without the `/api/v10` before them.

mod applications;
mod discord;

use axum::Router;

use crate::endpoints::Api;
use crate::{Guilds, OAuth};

/// Discord's routes, without the `/api/v10` before them. [`crate::admit`] must stand around them.
pub fn api_routes(server: OAuth, guilds: Guilds) -> Router {
    Router::new().merge(applications::routes()).merge(discord::routes()).with_state(Api { server, guilds })
}
