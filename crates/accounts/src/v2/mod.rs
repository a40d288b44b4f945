//! Our own REST routes, under `/v2`: signing in without a password, one's sessions, oneself, staff. Each says by
//! `utoipa::path` what it is, so that the router and its OpenAPI document are one thing.
//!
//! Sessions that begin here are those of programs ([`SessionClass::Api`](crate::SessionClass::Api)): they live for minutes after their last use.

mod auth;
mod life;
mod sessions;
mod staff;

use axum::middleware::from_fn;
use guildhall_base::{Timestamp, UserId};
use guildhall_infra::http::{Json, as_problems};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use crate::{Accounts, Leaving, SecondStep, SignIn, SignedIn};

/// The routes, and what OpenAPI says of them.
pub fn v2_routes(accounts: Accounts) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(auth::routes())
        .merge(sessions::routes())
        .merge(life::routes())
        .merge(staff::routes())
        .layer(from_fn(as_problems))
        .with_state(accounts)
}

/// What a sign-in answers: a token, or the ticket of the second step that is owed.
#[derive(Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
#[schema(example = json!({
    "state": "signed_in", "user_id": "1573306918502576128", "session_id": "1573306918502576129",
    "token": "MTU3MzMwNjkxODUwMjU3NjEyOA.Z0r4Kw.c2VjcmV0"
}))]
enum Entered {
    /// Signed in.
    SignedIn {
        #[schema(value_type = String)]
        user_id: UserId,
        session_id: String,
        /// For `Authorization`; it is told once.
        token: String,
    },
    /// A second factor is still to be shown.
    SecondStep {
        #[schema(value_type = String)]
        user_id: UserId,
        /// For `POST /v2/auth/second-step`, within ten minutes.
        ticket: String,
    },
    /// The account waits for its deletion.
    Leaving {
        #[schema(value_type = String)]
        user_id: UserId,
        /// When it is deleted.
        #[schema(value_type = String, format = DateTime)]
        deleted_at: Timestamp,
        /// For `POST /v2/auth/keep`, within ten minutes: keeps the account and signs in.
        ticket: String,
    },
}

impl From<SignIn> for Json<Entered> {
    fn from(outcome: SignIn) -> Self {
        Self(match outcome {
            SignIn::Done(done) => Entered::from(done),
            SignIn::SecondStep(SecondStep { user, ticket }) => Entered::SecondStep { user_id: user, ticket },
            SignIn::Leaving(Leaving { user, due, ticket }) => {
                Entered::Leaving { user_id: user, deleted_at: due, ticket }
            }
        })
    }
}

impl From<SignedIn> for Entered {
    fn from(done: SignedIn) -> Self {
        Self::SignedIn { user_id: done.user.id, session_id: done.session.to_string(), token: done.token }
    }
}
