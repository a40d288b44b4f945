//! `/v2/auth/...`: signing in by mail, by password, and the second step.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use guildhall_base::Error;
use guildhall_infra::http::{ApiResult, Json};
use guildhall_infra::i18n::Language;
use serde::{Deserialize, Serialize};

use super::Entered;
use crate::actions::{MailUsed, PROOF_LIFE};
use crate::model::{SessionClass, Visit};
use crate::{Accounts, Actor, MaybeActor, Purpose, SessionScopes};

pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/auth/email", post(ask))
        .route("/auth/email/exchange", post(exchange))
        .route("/auth/password", post(password))
        .route("/auth/second-step", post(second_step))
        .route("/auth/logout", post(logout))
}

/// What a program wants its session for.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wanted {
    /// Names of scopes; all that there are where it is not said.
    scopes: Option<Vec<String>>,
}

impl Wanted {
    /// The visit of a program.
    fn program(&self, visit: Visit) -> Result<Visit, Error> {
        let scopes = self.scopes.as_deref().map_or(Ok(SessionScopes::all()), SessionScopes::asked)?;
        Ok(Visit { class: SessionClass::Api, scopes, ..visit })
    }
}

#[derive(Deserialize)]
struct Ask {
    email: String,
    /// Whether the mail is to choose a new password with.
    #[serde(default)]
    reset: bool,
    /// The language of the mail, a tag; by default what `Accept-Language` prefers.
    #[serde(default)]
    locale: Option<String>,
}

#[derive(Serialize)]
struct Asked {
    /// What belongs to the mail's code.
    ticket: String,
    /// Seconds.
    expires_in: u64,
}

/// The same answer whether the address is known or not.
async fn ask(
    State(accounts): State<Accounts>,
    language: Language,
    visit: Visit,
    Json(body): Json<Ask>,
) -> ApiResult<Response> {
    let purpose = if body.reset { Purpose::Reset } else { Purpose::SignIn };
    let language = body.locale.as_deref().and_then(Language::of_tag).unwrap_or(language);
    let ticket = accounts.ask_for_mail(purpose, &body.email, language, &visit).await?;
    let asked = Asked { ticket, expires_in: PROOF_LIFE.as_secs() };
    Ok((StatusCode::ACCEPTED, Json(asked)).into_response())
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Secret {
    /// The secret at the end of the mail's link.
    Link { token: String },
    /// The code, and the ticket that it belongs to.
    Code { ticket: String, code: String },
}

#[derive(Deserialize)]
struct Exchange {
    #[serde(flatten)]
    secret: Secret,
    /// Where the mail is to choose one with.
    #[serde(default)]
    new_password: String,
    #[serde(flatten)]
    wanted: Wanted,
}

async fn exchange(
    State(accounts): State<Accounts>,
    MaybeActor(actor): MaybeActor,
    visit: Visit,
    Json(body): Json<Exchange>,
) -> ApiResult<Response> {
    let (visit, actor, password) = (body.wanted.program(visit)?, actor.as_ref(), &body.new_password);
    let used = match &body.secret {
        Secret::Link { token } => accounts.use_mail_link(token, password, actor, &visit).await?,
        Secret::Code { ticket, code } => {
            accounts.use_mail_code(ticket, code, password, actor, &visit).await?
        }
    };
    Ok(match used {
        MailUsed::SignIn(outcome) => Json::<Entered>::from(outcome).into_response(),
        MailUsed::Confirmed => StatusCode::NO_CONTENT.into_response(),
    })
}

#[derive(Deserialize)]
struct Password {
    username: String,
    password: String,
    #[serde(flatten)]
    wanted: Wanted,
}

async fn password(
    State(accounts): State<Accounts>,
    visit: Visit,
    Json(body): Json<Password>,
) -> ApiResult<Json<Entered>> {
    Ok(accounts.sign_in(&body.username, &body.password, &body.wanted.program(visit)?).await?.into())
}

#[derive(Deserialize)]
struct Step {
    ticket: String,
    code: String,
    #[serde(flatten)]
    wanted: Wanted,
}

async fn second_step(
    State(accounts): State<Accounts>,
    visit: Visit,
    Json(body): Json<Step>,
) -> ApiResult<Json<Entered>> {
    Ok(accounts.finish_second_step(&body.ticket, &body.code, &body.wanted.program(visit)?).await?.into())
}

async fn logout(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<StatusCode> {
    accounts.sign_out(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
