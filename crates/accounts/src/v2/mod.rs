//! Our own REST routes, without the `/v2` before them: signing in without a password, one's sessions, oneself, staff.
//!
//! Sessions that begin here are those of programs ([`SessionClass::Api`](crate::SessionClass::Api)): they live for minutes after their last use.

mod auth;
mod life;
mod sessions;
mod staff;

use axum::Router;
use axum::middleware::from_fn;
use guildhall_base::{Timestamp, UserId};
use guildhall_infra::http::{Json, as_problems};
use serde::Serialize;

pub use life::life_routes;

use crate::{Accounts, Leaving, SecondStep, SignIn, SignedIn};

/// The routes. What staff are refused is told as problem details (RFC 9457).
pub fn v2_routes(accounts: Accounts) -> Router {
    let staff = staff::routes().layer(from_fn(as_problems));
    Router::new().merge(auth::routes()).merge(sessions::routes()).merge(staff).with_state(accounts)
}

/// What a sign-in answers: a token, or the ticket of the second step that is owed.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Entered {
    SignedIn {
        user_id: UserId,
        session_id: String,
        /// For `Authorization`; it is told once.
        token: String,
    },
    SecondStep {
        user_id: UserId,
        /// For `POST /v2/auth/second-step`, within ten minutes.
        ticket: String,
    },
    /// The account waits for its deletion.
    Leaving {
        user_id: UserId,
        /// When it is deleted.
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
