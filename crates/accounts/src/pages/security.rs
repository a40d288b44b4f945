//! `/settings/security`: the second factor, recovery codes, passkeys; and the page that asks for a fresh proof.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use guildhall_base::Error;
use guildhall_infra::pages::{Page, Reply, html, html_with};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{Hall, Pages, Problems, local_path};
use crate::actions::{Guard, LinkedIdentity, NewAuthenticator, qr_code};
use crate::codes::STEP_UP_REQUIRED;
use crate::passkey::{PasskeyEntry, PasskeyId};
use crate::{Actor, Person, Proof};

/// The page itself.
const PATH: &str = "/settings/security";

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/settings/security", get(show))
        .route("/settings/security/confirm", get(confirm_form).post(confirm))
        .route("/settings/security/authenticator", post(begin))
        .route("/settings/security/authenticator/confirm", post(confirm_app))
        .route("/settings/security/authenticator/remove", post(remove_app))
        .route("/settings/security/recovery", post(renew))
        .route("/settings/security/passkeys/{passkey}/rename", post(rename_passkey))
        .route("/settings/security/passkeys/{passkey}/remove", post(remove_passkey))
}

#[derive(Template)]
#[template(path = "security.html")]
struct SecurityPage {
    page: Page,
    /// What was just done: a text's key.
    done: Option<&'static str>,
    problems: Problems,
    guard: Guard,
    /// Whether this site can have passkeys at all.
    passkeys_here: bool,
    passkeys: Vec<PasskeyEntry>,
    /// Names and labels.
    providers: Vec<(String, String)>,
    identities: Vec<LinkedIdentity>,
}

#[derive(Deserialize)]
struct Done {
    #[serde(default)]
    done: String,
}

/// What was done, for a code in the address that anybody may write there.
fn done_text(code: &str) -> Option<&'static str> {
    match code {
        "removed" => Some("security-done-removed"),
        "linked" => Some("security-done-linked"),
        "unlinked" => Some("security-done-unlinked"),
        "passkey" => Some("security-done-passkey"),
        "passkey-renamed" => Some("security-done-passkey-renamed"),
        "passkey-removed" => Some("security-done-passkey-removed"),
        _ => None,
    }
}

async fn show(pages: Pages, Person(actor): Person, Query(query): Query<Done>) -> Reply {
    render(&pages, &actor, done_text(&query.done), Problems::default()).await
}

async fn render(pages: &Pages, actor: &Actor, done: Option<&'static str>, problems: Problems) -> Reply {
    let page = SecurityPage {
        page: pages.page("security-title", Some(actor)),
        done,
        guard: pages.accounts.guard(actor).await?,
        passkeys_here: pages.accounts.has_passkeys(),
        passkeys: pages.accounts.passkeys(actor).await?,
        providers: pages.accounts.providers(),
        identities: pages.accounts.identities(actor).await?,
        problems,
    };
    html_with(page.problems.status(), &page)
}

/// Answers what was refused: where a fresh proof is needed, by asking for it; otherwise with the page.
pub(super) async fn refuse(pages: &Pages, actor: &Actor, error: Error) -> Reply {
    if error.is(STEP_UP_REQUIRED) {
        return Ok(Redirect::to(&confirm_first(PATH)).into_response());
    }
    render(pages, actor, None, pages.problems(error)?).await
}

/// The page that asks for a fresh proof and then goes on to `next`.
pub(super) fn confirm_first(next: &str) -> String {
    format!("{PATH}/confirm?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC))
}

pub(super) fn done(code: &str) -> Response {
    Redirect::to(&format!("{PATH}?done={code}")).into_response()
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    page: Page,
    problems: Problems,
    /// Whether a code is asked for; otherwise the password.
    code: bool,
    passkeys: bool,
    next: String,
}

#[derive(Deserialize)]
struct ConfirmForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

async fn confirm_form(pages: Pages, Person(actor): Person, Query(form): Query<ConfirmForm>) -> Reply {
    show_confirm(&pages, &actor, Problems::default(), form.next).await
}

async fn show_confirm(pages: &Pages, actor: &Actor, problems: Problems, next: String) -> Reply {
    let code = pages.accounts.guard(actor).await?.second_factor;
    let passkeys = !pages.accounts.passkeys(actor).await?.is_empty();
    let page = pages.page("security-confirm-title", Some(actor));
    html_with(problems.status(), &ConfirmPage { page, problems, code, passkeys, next })
}

async fn confirm(pages: Pages, Person(actor): Person, Form(form): Form<ConfirmForm>) -> Reply {
    let proof = match form.code.is_empty() {
        true => Proof::Password(form.password),
        false => Proof::Code(form.code),
    };
    match pages.accounts.prove(&actor, &proof).await {
        Ok(()) => Ok(Redirect::to(local_path(&form.next)).into_response()),
        Err(error) => show_confirm(&pages, &actor, pages.problems(error)?, form.next).await,
    }
}

#[derive(Template)]
#[template(path = "authenticator.html")]
struct AuthenticatorPage {
    page: Page,
    problems: Problems,
    app: NewAuthenticator,
    /// An SVG element of our own making.
    qr: String,
}

async fn begin(pages: Pages, Person(actor): Person) -> Reply {
    show_app(&pages, &actor, Problems::default()).await
}

async fn show_app(pages: &Pages, actor: &Actor, problems: Problems) -> Reply {
    let app = match pages.accounts.begin_authenticator(actor, pages.site.name()).await {
        Ok(app) => app,
        Err(error) => return refuse(pages, actor, error).await,
    };
    let (page, qr) = (pages.page("security-app-title", Some(actor)), qr_code(&app.address)?);
    html_with(problems.status(), &AuthenticatorPage { page, problems, app, qr })
}

#[derive(Deserialize)]
struct CodeForm {
    #[serde(default)]
    code: String,
}

async fn confirm_app(pages: Pages, Person(actor): Person, Form(form): Form<CodeForm>) -> Reply {
    match pages.accounts.confirm_authenticator(&actor, &form.code).await {
        Ok(codes) => show_codes(&pages, &actor, codes),
        Err(error) if error.is(crate::codes::WRONG_CODE) => {
            show_app(&pages, &actor, pages.problems(error)?).await
        }
        Err(error) => refuse(&pages, &actor, error).await,
    }
}

#[derive(Template)]
#[template(path = "recovery.html")]
struct RecoveryPage {
    page: Page,
    codes: Vec<String>,
}

/// The one time that recovery codes are shown.
fn show_codes(pages: &Pages, actor: &Actor, codes: Vec<String>) -> Reply {
    html(&RecoveryPage { page: pages.page("security-recovery-title", Some(actor)), codes })
}

async fn renew(pages: Pages, Person(actor): Person) -> Reply {
    match pages.accounts.renew_recovery_codes(&actor).await {
        Ok(codes) => show_codes(&pages, &actor, codes),
        Err(error) => refuse(&pages, &actor, error).await,
    }
}

async fn remove_app(pages: Pages, Person(actor): Person) -> Reply {
    match pages.accounts.remove_authenticator(&actor).await {
        Ok(()) => Ok(done("removed")),
        Err(error) => refuse(&pages, &actor, error).await,
    }
}

#[derive(Deserialize)]
struct NameForm {
    #[serde(default)]
    name: String,
}

async fn rename_passkey(
    pages: Pages,
    Person(actor): Person,
    Path(passkey): Path<PasskeyId>,
    Form(form): Form<NameForm>,
) -> Reply {
    match pages.accounts.rename_passkey(&actor, passkey, &form.name).await {
        Ok(()) => Ok(done("passkey-renamed")),
        Err(error) => refuse(&pages, &actor, error).await,
    }
}

async fn remove_passkey(pages: Pages, Person(actor): Person, Path(passkey): Path<PasskeyId>) -> Reply {
    match pages.accounts.remove_passkey(&actor, passkey).await {
        Ok(()) => Ok(done("passkey-removed")),
        Err(error) => refuse(&pages, &actor, error).await,
    }
}
