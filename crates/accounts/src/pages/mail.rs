//! `/login/mail`, `/login/forgot`, `/settings/mail`: signing in, a new password and a new address by mail.
//!
//! The secret of a link is in an address once, in the mail. Opening it moves the secret into a cookie and goes on to a
//! page without it, so that it is in no history and no `Referer`; that page has a button, because programs that look
//! through mails open links too.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use guildhall_base::Error;
use guildhall_infra::pages::{Page, Reply, html_with};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::second_step::go_on;
use super::{Hall, Pages, Problems, add_cookie, local_path};
use crate::actions::MailUsed;
use crate::actor::cookie;
use crate::codes::{MAIL_SPENT, STEP_UP_REQUIRED};
use crate::mail::{LinkInfo, Purpose};
use crate::model::Visit;
use crate::{MaybeActor, Person};

/// The cookie with what belongs to the code of a mail that this browser asked for.
const TICKET: &str = "guildhall_mail";
/// The cookie with the secret of a link that this browser opened.
const LINK: &str = "guildhall_mail_link";
/// Where both are sent.
const PATH: &str = "/login/mail";
/// Seconds; the secrets themselves end then too.
const LIFE: u32 = 600;

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/login/mail", get(sign_in_form).post(sign_in))
        .route("/login/forgot", get(forgot_form).post(forgot))
        .route("/login/mail/code", get(code_form).post(use_code))
        .route("/login/mail/open/{token}", get(open_link))
        .route("/login/mail/open", get(link_form).post(use_link))
        .route("/settings/mail", post(change_address))
}

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    email: String,
    #[serde(default)]
    next: String,
}

/// Asks for an address.
#[derive(Template)]
#[template(path = "mail_ask.html")]
struct AskPage {
    page: Page,
    problems: Problems,
    /// `/login/mail` or `/login/forgot`.
    action: &'static str,
    email: String,
    next: String,
}

async fn sign_in_form(pages: Pages, Query(asked): Query<Asked>) -> Reply {
    show_ask(&pages, Purpose::SignIn, Problems::default(), asked)
}

async fn forgot_form(pages: Pages, Query(asked): Query<Asked>) -> Reply {
    show_ask(&pages, Purpose::Reset, Problems::default(), asked)
}

fn show_ask(pages: &Pages, purpose: Purpose, problems: Problems, Asked { email, next }: Asked) -> Reply {
    let (title, action) = match purpose {
        Purpose::Reset => ("mail-forgot", "/login/forgot"),
        _ => ("mail-sign-in", "/login/mail"),
    };
    html_with(problems.status(), &AskPage { page: pages.page(title, None), problems, action, email, next })
}

async fn sign_in(pages: Pages, visit: Visit, Form(asked): Form<Asked>) -> Reply {
    ask(&pages, Purpose::SignIn, &visit, asked).await
}

async fn forgot(pages: Pages, visit: Visit, Form(asked): Form<Asked>) -> Reply {
    ask(&pages, Purpose::Reset, &visit, asked).await
}

async fn ask(pages: &Pages, purpose: Purpose, visit: &Visit, asked: Asked) -> Reply {
    match pages.accounts.ask_for_mail(purpose, &asked.email, pages.language, visit).await {
        Ok(ticket) => Ok(to_code(pages, &ticket, &asked.next)),
        Err(error) => show_ask(pages, purpose, pages.problems(error)?, asked),
    }
}

/// Sends a browser to the page that asks for the code.
pub(super) fn to_code(pages: &Pages, ticket: &str, next: &str) -> Response {
    let next = utf8_percent_encode(local_path(next), NON_ALPHANUMERIC);
    let mut response = Redirect::to(&format!("{PATH}/code?next={next}")).into_response();
    add_cookie(&pages.accounts, &mut response, &format!("{TICKET}={ticket}; Max-Age={LIFE}"), PATH);
    response
}

async fn change_address(pages: Pages, Person(actor): Person, Form(asked): Form<Asked>) -> Reply {
    let ticket = pages.accounts.ask_to_confirm(&actor, &asked.email, pages.language).await;
    match ticket {
        Ok(ticket) => Ok(to_code(&pages, &ticket, "/settings")),
        Err(error) if error.is(STEP_UP_REQUIRED) => {
            Ok(Redirect::to(&super::security::confirm_first("/settings#address-title")).into_response())
        }
        Err(error) => {
            super::settings::show_mail_problem(&pages, &actor, asked.email, pages.problems(error)?).await
        }
    }
}

/// Asks for the code of a mail, or for the press of a button where its link was opened; for a new password too.
#[derive(Template)]
#[template(path = "mail_use.html")]
struct UsePage {
    page: Page,
    problems: Problems,
    /// Where the form goes.
    action: &'static str,
    info: LinkInfo,
    /// Whether the code is asked for.
    by_code: bool,
    next: String,
}

impl UsePage {
    fn resets(&self) -> bool {
        self.info.purpose == Purpose::Reset
    }

    /// What the button says.
    fn button(&self) -> &'static str {
        match self.info.purpose {
            Purpose::SignIn if self.by_code || self.info.username.is_some() => "mail-go-sign-in",
            Purpose::SignIn => "mail-go-register",
            Purpose::Confirm => "mail-go-confirm",
            Purpose::Reset => "mail-go-reset",
        }
    }
}

#[derive(Deserialize)]
struct Used {
    #[serde(default)]
    code: String,
    #[serde(default)]
    new_password: String,
    #[serde(default)]
    next: String,
}

async fn code_form(
    pages: Pages,
    MaybeActor(actor): MaybeActor,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Reply {
    let ticket = cookie(&headers, TICKET).unwrap_or_default();
    let Some(info) = pages.accounts.mail_ticket(&ticket).await? else { return spent() };
    let page = pages.page("mail-code-title", actor.as_ref());
    show_use(page, Problems::default(), info, true, local_path(&asked.next).to_owned())
}

async fn use_code(
    pages: Pages,
    MaybeActor(actor): MaybeActor,
    visit: Visit,
    headers: HeaderMap,
    Form(form): Form<Used>,
) -> Reply {
    let ticket = cookie(&headers, TICKET).unwrap_or_default();
    let accounts = &pages.accounts;
    let Some(info) = accounts.mail_ticket(&ticket).await? else { return spent() };
    let keep = actor.as_ref();
    match accounts.use_mail_code(&ticket, &form.code, &form.new_password, keep, &visit).await {
        Ok(used) => Ok(done(&pages, &used, &form.next)),
        Err(error) if error.is(MAIL_SPENT) => spent(),
        Err(error) => {
            let page = pages.page("mail-code-title", actor.as_ref());
            show_use(page, pages.problems(error)?, info, true, local_path(&form.next).to_owned())
        }
    }
}

/// Takes the secret out of the address. It is looked at afterwards only.
async fn open_link(pages: Pages, Path(token): Path<String>) -> Response {
    let mut response = Redirect::to("/login/mail/open").into_response();
    let plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if plain && token.len() <= 64 {
        add_cookie(&pages.accounts, &mut response, &format!("{LINK}={token}; Max-Age={LIFE}"), PATH);
    }
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

async fn link_form(pages: Pages, MaybeActor(actor): MaybeActor, headers: HeaderMap) -> Reply {
    let token = cookie(&headers, LINK).unwrap_or_default();
    let Some(info) = pages.accounts.mail_link(&token).await? else { return spent() };
    show_use(pages.page("mail-link-title", actor.as_ref()), Problems::default(), info, false, String::new())
}

async fn use_link(
    pages: Pages,
    MaybeActor(actor): MaybeActor,
    visit: Visit,
    headers: HeaderMap,
    Form(form): Form<Used>,
) -> Reply {
    let token = cookie(&headers, LINK).unwrap_or_default();
    let Some(info) = pages.accounts.mail_link(&token).await? else { return spent() };
    match pages.accounts.use_mail_link(&token, &form.new_password, actor.as_ref(), &visit).await {
        Ok(used) => Ok(done(&pages, &used, "")),
        Err(error) if error.is(MAIL_SPENT) => spent(),
        Err(error) => {
            let page = pages.page("mail-link-title", actor.as_ref());
            show_use(page, pages.problems(error)?, info, false, String::new())
        }
    }
}

fn show_use(page: Page, problems: Problems, info: LinkInfo, by_code: bool, next: String) -> Reply {
    let action = if by_code { "/login/mail/code" } else { "/login/mail/open" };
    html_with(problems.status(), &UsePage { page, problems, action, info, by_code, next })
}

fn spent() -> Reply {
    Err(Error::from(MAIL_SPENT).into())
}

/// On to where they wanted to go, without the secrets.
fn done(pages: &Pages, used: &MailUsed, next: &str) -> Response {
    let mut response = match used {
        MailUsed::SignIn(outcome) => go_on(&pages.accounts, outcome, local_path(next)),
        MailUsed::Confirmed => Redirect::to("/settings?done=mail").into_response(),
    };
    for name in [TICKET, LINK] {
        add_cookie(&pages.accounts, &mut response, &format!("{name}=; Max-Age=0"), PATH);
    }
    response
}
