//! `/register`, `/login`, `/logout`, `/setup`.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use guildhall_infra::pages::{Page, Reply, html_with};
use serde::Deserialize;

use super::language::locale;
use super::mail::to_code;
use super::second_step::go_on;
use super::{Hall, Pages, Problems, add_session, farewell, local_path, welcome};
use crate::actions::Registration;
use crate::codes::{REGISTRATION_CLOSED, SETUP_CODE_SPENT};
use crate::model::{SignedIn, Visit};
use crate::{Actor, MaybeActor};

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/login", get(login_form).post(login))
        .route("/register", get(register_form).post(register))
        .route("/setup", get(setup_form).post(setup))
        .route("/logout", post(logout))
}

/// Where to go afterwards.
#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
    /// Not empty: who is signed in already shall sign in once more (an application wants it fresh, or another account).
    #[serde(default)]
    again: String,
    /// Whom an application expects; only a proposal for the field.
    #[serde(default)]
    login_hint: String,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    page: Page,
    problems: Problems,
    username: String,
    next: String,
    registration: bool,
    /// Whether this site can have passkeys.
    passkeys: bool,
    /// Whether mails can be sent.
    mail: bool,
    /// Names and labels of other sites to sign in by.
    providers: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct LoginForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

async fn login_form(
    pages: Pages,
    MaybeActor(actor): MaybeActor,
    Query(Next { next, again, login_hint }): Query<Next>,
) -> Reply {
    if actor.is_some() && again.is_empty() {
        return Ok(Redirect::to(local_path(&next)).into_response());
    }
    show_login(&pages, Problems::default(), login_hint, next)
}

async fn login(pages: Pages, visit: Visit, Form(form): Form<LoginForm>) -> Reply {
    match pages.accounts.sign_in(&form.username, &form.password, &visit).await {
        Ok(outcome) => Ok(go_on(&pages.accounts, &outcome, local_path(&form.next))),
        Err(error) => show_login(&pages, pages.problems(error)?, form.username, form.next),
    }
}

fn show_login(pages: &Pages, problems: Problems, username: String, next: String) -> Reply {
    let registration = pages.accounts.config().registration;
    let (passkeys, mail) = (pages.accounts.has_passkeys(), pages.accounts.has_mail());
    let providers = pages.accounts.providers();
    let status = problems.status();
    let page = pages.page("accounts-sign-in", None);
    html_with(status, &LoginPage { page, problems, username, next, registration, passkeys, mail, providers })
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    page: Page,
    problems: Problems,
    /// Where the form goes: `/register` or `/setup`.
    action: &'static str,
    username: String,
    global_name: String,
    /// Whether mails can be sent.
    mail: bool,
    email: String,
    next: String,
    /// The administrator's one-time code; empty for others.
    code: String,
}

#[derive(Deserialize)]
struct RegisterForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    global_name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    code: String,
}

impl RegisterForm {
    fn registration(&self, pages: &Pages) -> Registration {
        Registration {
            username: self.username.clone(),
            global_name: Some(self.global_name.clone()),
            password: self.password.clone(),
            email: Some(self.email.clone()),
            locale: Some(locale(pages.language).to_owned()),
        }
    }

    fn page(self, pages: &Pages, action: &'static str, problems: Problems) -> RegisterPage {
        let title = if action == "/setup" { "accounts-set-up" } else { "accounts-register" };
        let Self { username, global_name, email, next, code, .. } = self;
        let (page, mail) = (pages.page(title, None), pages.accounts.has_mail());
        RegisterPage { page, problems, action, username, global_name, mail, email, next, code }
    }
}

async fn register_form(
    pages: Pages,
    MaybeActor(actor): MaybeActor,
    Query(Next { next, .. }): Query<Next>,
) -> Reply {
    if actor.is_some() {
        return Ok(Redirect::to(local_path(&next)).into_response());
    }
    if !pages.accounts.config().registration {
        return Err(guildhall_base::Error::from(REGISTRATION_CLOSED).into());
    }
    show_registration(&pages, "/register", RegisterForm { next, ..empty() }, Problems::default())
}

async fn register(pages: Pages, visit: Visit, Form(form): Form<RegisterForm>) -> Reply {
    match pages.accounts.register(form.registration(&pages), &visit).await {
        Ok(signed_in) => Ok(entered(&pages, &signed_in, &form.next)),
        Err(error) => show_registration(&pages, "/register", form, pages.problems(error)?),
    }
}

#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    code: String,
}

async fn setup_form(pages: Pages, Query(Code { code }): Query<Code>) -> Reply {
    if !pages.accounts.setup_code_is_good(&code).await? {
        return Err(guildhall_base::Error::from(SETUP_CODE_SPENT).into());
    }
    show_registration(&pages, "/setup", RegisterForm { code, ..empty() }, Problems::default())
}

async fn setup(pages: Pages, visit: Visit, Form(form): Form<RegisterForm>) -> Reply {
    match pages.accounts.set_up(&form.code, form.registration(&pages), &visit).await {
        Ok(signed_in) => Ok(entered(&pages, &signed_in, &form.next)),
        Err(error) => show_registration(&pages, "/setup", form, pages.problems(error)?),
    }
}

/// On with the new session; where an address is to be confirmed, past the page that asks for the code.
fn entered(pages: &Pages, signed_in: &SignedIn, next: &str) -> Response {
    let Some(ticket) = &signed_in.mail_ticket else {
        return welcome(&pages.accounts, signed_in, local_path(next));
    };
    let mut response = to_code(pages, ticket, next);
    add_session(&pages.accounts, &mut response, signed_in);
    response
}

fn show_registration(pages: &Pages, action: &'static str, form: RegisterForm, problems: Problems) -> Reply {
    html_with(problems.status(), &form.page(pages, action, problems))
}

fn empty() -> RegisterForm {
    RegisterForm {
        username: String::new(),
        global_name: String::new(),
        password: String::new(),
        email: String::new(),
        next: String::new(),
        code: String::new(),
    }
}

async fn logout(pages: Pages, actor: Option<Actor>) -> Result<Response, guildhall_infra::pages::Failure> {
    if let Some(actor) = actor {
        pages.accounts.sign_out(&actor).await?;
    }
    Ok(farewell(&pages.accounts, "/login"))
}
