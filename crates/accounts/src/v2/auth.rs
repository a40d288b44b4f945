//! `/v2/auth/...`: signing in by mail, by password, and the second step.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use guildhall_base::Error;
use guildhall_infra::http::{ApiResult, Json, Problem};
use guildhall_infra::i18n::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Entered;
use crate::actions::{MailUsed, PROOF_LIFE};
use crate::model::{SessionClass, Visit};
use crate::{Accounts, Actor, MaybeActor, Purpose, SessionScopes};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(ask))
        .routes(routes!(exchange))
        .routes(routes!(password))
        .routes(routes!(second_step))
        .routes(routes!(logout))
}

/// What a program wants its session for.
#[derive(Deserialize, Default, ToSchema)]
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

/// Who wants a mail.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "email": "ada@example.org", "locale": "fi" }))]
struct Ask {
    /// Where to; whether somebody has an account with it is not told.
    email: String,
    /// Whether the mail is to choose a new password with.
    #[serde(default)]
    reset: bool,
    /// The language of the mail, a tag; by default what `Accept-Language` prefers.
    #[serde(default)]
    locale: Option<String>,
}

/// A mail that was sent, as far as anybody is told.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "ticket": "k5Jm0nq2", "expires_in": 600 }))]
struct Asked {
    /// What belongs to the mail's code.
    ticket: String,
    /// Seconds.
    expires_in: u64,
}

/// Has a mail sent with a link and a code to sign in with. The answer is the same whether the address is known or not.
#[utoipa::path(post, path = "/v2/auth/email", tag = "sign-in", request_body = Ask, security(()),
    responses((status = 202, body = Asked), (status = 400, body = Problem), (status = 429, body = Problem)))]
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

/// What the mail said: either.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum Secret {
    /// The secret at the end of the mail's link.
    Link { token: String },
    /// The code, and the ticket that it belongs to.
    Code { ticket: String, code: String },
}

/// What a mail is used for.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "ticket": "k5Jm0nq2", "code": "042137", "scopes": ["read", "write"] }))]
struct Exchange {
    #[serde(flatten)]
    secret: Secret,
    /// Where the mail is to choose one with.
    #[serde(default)]
    #[schema(format = Password)]
    new_password: String,
    #[serde(flatten)]
    wanted: Wanted,
}

/// Signs in by a mail's link or its code, once. A mail that confirms an address only does that: 204.
#[utoipa::path(post, path = "/v2/auth/email/exchange", tag = "sign-in", request_body = Exchange, security(()),
    responses((status = 200, body = Entered), (status = 204), (status = 400, body = Problem),
        (status = 403, body = Problem), (status = 429, body = Problem)))]
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

/// A name and its password.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "username": "ada", "password": "correct horse battery staple", "scopes": ["read"] }))]
struct Password {
    username: String,
    #[schema(format = Password)]
    password: String,
    #[serde(flatten)]
    wanted: Wanted,
}

/// Signs in by name and password.
#[utoipa::path(post, path = "/v2/auth/password", tag = "sign-in", request_body = Password, security(()),
    responses((status = 200, body = Entered), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 429, body = Problem)))]
async fn password(
    State(accounts): State<Accounts>,
    visit: Visit,
    Json(body): Json<Password>,
) -> ApiResult<Json<Entered>> {
    Ok(accounts.sign_in(&body.username, &body.password, &body.wanted.program(visit)?).await?.into())
}

/// The second step of a sign-in.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "ticket": "k5Jm0nq2", "code": "042137" }))]
struct Step {
    /// What the first step answered.
    ticket: String,
    /// Of the authenticator app, or a recovery code.
    code: String,
    #[serde(flatten)]
    wanted: Wanted,
}

/// Finishes a sign-in of somebody who has a second factor.
#[utoipa::path(post, path = "/v2/auth/second-step", tag = "sign-in", request_body = Step, security(()),
    responses((status = 200, body = Entered), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 429, body = Problem)))]
async fn second_step(
    State(accounts): State<Accounts>,
    visit: Visit,
    Json(body): Json<Step>,
) -> ApiResult<Json<Entered>> {
    Ok(accounts.finish_second_step(&body.ticket, &body.code, &body.wanted.program(visit)?).await?.into())
}

/// Ends the session that asks.
#[utoipa::path(post, path = "/v2/auth/logout", tag = "sign-in",
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn logout(State(accounts): State<Accounts>, actor: Actor) -> ApiResult<StatusCode> {
    accounts.sign_out(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
