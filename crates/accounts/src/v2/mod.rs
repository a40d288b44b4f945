//! Our own REST routes, without the `/v2` before them.

mod staff;

use axum::Router;

use crate::Accounts;

/// The routes of staff: ranks, states, the audit log.
pub fn v2_routes(accounts: Accounts) -> Router {
    staff::routes().with_state(accounts)
}
