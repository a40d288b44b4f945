//! `/settings`: profile, looks, password, sessions.

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Multipart, Path, Query};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use guildhall_base::{Error, codes};
use guildhall_infra::pages::{Page, Reply, html_with};
use serde::Deserialize;

use super::{Hall, Pages, Problems};
use crate::actions::{EditMe, EditSettings};
use crate::model::{Session, Settings};
use crate::picture::MAX_BYTES;
use crate::{Actor, Person, PictureUpload, SessionId};

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/settings", get(show))
        .route("/settings/profile", post(profile))
        .route("/settings/avatar", post(avatar).layer(DefaultBodyLimit::max(MAX_BYTES + 64 * 1024)))
        .route("/settings/avatar/remove", post(remove_avatar))
        .route("/settings/preferences", post(preferences))
        .route("/settings/password", post(password))
        .route("/settings/sessions/revoke-others", post(revoke_others))
        .route("/settings/sessions/{session}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    page: Page,
    /// What was just done: a text's key.
    done: Option<&'static str>,
    profile: ProfileForm,
    profile_problems: Problems,
    /// The picture's address, where there is one.
    avatar: Option<String>,
    settings: Settings,
    password_problems: Problems,
    has_password: bool,
    /// Whether mails can be sent.
    mail: bool,
    mail_problems: Problems,
    /// The confirmed mail address.
    address: Option<String>,
    new_address: String,
    sessions: Vec<Session>,
    here: Option<SessionId>,
    /// Whether staff pages are linked.
    staff: bool,
}

#[derive(Deserialize)]
struct Done {
    #[serde(default)]
    done: String,
}

/// The text of what was done, for a code in the address that anybody may write there.
fn done_text(code: &str) -> Option<&'static str> {
    match code {
        "profile" => Some("accounts-done-profile"),
        "avatar" => Some("accounts-done-avatar"),
        "preferences" => Some("accounts-done-preferences"),
        "password" => Some("accounts-done-password"),
        "sessions" => Some("accounts-done-sessions"),
        "mail" => Some("mail-done"),
        _ => None,
    }
}

async fn show(pages: Pages, Person(actor): Person, Query(query): Query<Done>) -> Reply {
    render(&pages, &actor, Shown { done: done_text(&query.done), ..Shown::default() }).await
}

/// What the page says beside what is: what was done, what was refused.
#[derive(Default)]
struct Shown {
    done: Option<&'static str>,
    profile: Option<(ProfileForm, Problems)>,
    password: Problems,
    mail: Problems,
    new_address: String,
}

/// The settings, with what is wrong with a new address.
pub(super) async fn show_mail_problem(
    pages: &Pages,
    actor: &Actor,
    new_address: String,
    mail: Problems,
) -> Reply {
    render(pages, actor, Shown { mail, new_address, ..Shown::default() }).await
}

async fn render(pages: &Pages, actor: &Actor, shown: Shown) -> Reply {
    let accounts = &pages.accounts;
    let (profile, profile_problems) = match shown.profile {
        Some(refused) => refused,
        None => (ProfileForm::of(pages, actor).await?, Problems::default()),
    };
    let avatar = accounts.user(actor.id()).await?.avatar.clone();
    let status = profile_problems.status().max(shown.password.status()).max(shown.mail.status());
    let page = SettingsPage {
        page: pages.page("accounts-settings", Some(actor)),
        done: shown.done,
        profile,
        profile_problems,
        avatar: avatar.map(|hash| format!("/avatars/{}/{hash}.png", actor.id())),
        settings: accounts.settings(actor.id()).await?,
        password_problems: shown.password,
        has_password: accounts.has_password(actor).await?,
        mail: accounts.has_mail(),
        mail_problems: shown.mail,
        address: accounts.me(actor).await?.email,
        new_address: shown.new_address,
        sessions: accounts.sessions(actor).await?,
        here: actor.session(),
        staff: accounts.views_staff_pages(actor).await?,
    };
    html_with(status, &page)
}

#[derive(Deserialize)]
struct ProfileForm {
    username: String,
    #[serde(default)]
    global_name: String,
    #[serde(default)]
    pronouns: String,
    #[serde(default)]
    bio: String,
}

impl ProfileForm {
    async fn of(pages: &Pages, actor: &Actor) -> Result<Self, Error> {
        let profile = pages.accounts.profile(actor.id()).await?;
        Ok(Self {
            username: profile.user.username.clone(),
            global_name: profile.user.global_name.clone().unwrap_or_default(),
            pronouns: profile.user_profile.pronouns,
            bio: profile.user_profile.bio,
        })
    }
}

async fn profile(pages: Pages, Person(actor): Person, Form(form): Form<ProfileForm>) -> Reply {
    let edit = EditMe {
        username: Some(form.username.clone()),
        global_name: Some(Some(form.global_name.clone())),
        // Browsers send line ends as CR LF; a profile has one character for each.
        bio: Some(form.bio.replace("\r\n", "\n")),
        pronouns: Some(form.pronouns.clone()),
        ..EditMe::default()
    };
    match pages.accounts.edit_me(&actor, edit).await {
        Ok(_) => Ok(Redirect::to("/settings?done=profile").into_response()),
        Err(error) => {
            let problems = pages.problems(error)?;
            render(&pages, &actor, Shown { profile: Some((form, problems)), ..Shown::default() }).await
        }
    }
}

async fn avatar(pages: Pages, Person(actor): Person, mut form: Multipart) -> Reply {
    let broken =
        |error: axum::extract::multipart::MultipartError| codes::INVALID_FORM.because(error.body_text());
    let mut upload = None;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("avatar") {
            upload = Some(field.bytes().await.map_err(broken)?);
        }
    }
    let edit = EditMe { avatar: Some(Some(PictureUpload(upload.unwrap_or_default()))), ..EditMe::default() };
    match pages.accounts.edit_me(&actor, edit).await {
        Ok(_) => Ok(Redirect::to("/settings?done=avatar").into_response()),
        Err(error) => {
            let refused = (ProfileForm::of(&pages, &actor).await?, pages.problems(error)?);
            render(&pages, &actor, Shown { profile: Some(refused), ..Shown::default() }).await
        }
    }
}

async fn remove_avatar(pages: Pages, Person(actor): Person) -> Reply {
    pages.accounts.edit_me(&actor, EditMe { avatar: Some(None), ..EditMe::default() }).await?;
    Ok(Redirect::to("/settings?done=avatar").into_response())
}

async fn preferences(pages: Pages, Person(actor): Person, Form(edit): Form<EditSettings>) -> Reply {
    pages.accounts.edit_settings(&actor, edit).await?;
    Ok(Redirect::to("/settings?done=preferences").into_response())
}

#[derive(Deserialize)]
struct PasswordForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    new_password: String,
}

async fn password(pages: Pages, Person(actor): Person, Form(form): Form<PasswordForm>) -> Reply {
    match pages.accounts.change_password(&actor, &form.password, &form.new_password).await {
        Ok(()) => Ok(Redirect::to("/settings?done=password").into_response()),
        Err(error) => {
            let password = pages.problems(error)?;
            render(&pages, &actor, Shown { password, ..Shown::default() }).await
        }
    }
}

async fn revoke(pages: Pages, Person(actor): Person, Path(session): Path<SessionId>) -> Reply {
    pages.accounts.revoke_session(&actor, session).await?;
    Ok(Redirect::to("/settings?done=sessions").into_response())
}

async fn revoke_others(pages: Pages, actor: Actor) -> Reply {
    pages.accounts.revoke_other_sessions(&actor).await?;
    Ok(Redirect::to("/settings?done=sessions").into_response())
}
