//! `/developers/{application}`: one application as an OAuth2 client, its secrets, its install link, what it uses.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use guildhall_accounts::{Actor, Person, Problems, Rights};
use guildhall_base::{ApplicationId, Error, Permissions, Scopes, Timestamp};
use guildhall_infra::pages::{Page, Reply, html_with};
use serde::Deserialize;

use super::{Hall, Pages};
use crate::actions::counting::hour;
use crate::codes::ONLY_PEOPLE;
use crate::model::SigningAlg;
use crate::store::usage::{self, Delivery, Hour};
use crate::{Application, EditClient};

/// How many days the graph shows.
const DAYS: u32 = 2;
/// How high it is, in the units of its drawing.
const HEIGHT: u64 = 60;

pub(super) fn routes() -> Router<Hall> {
    Router::new()
        .route("/developers/{application}/client", post(edit))
        .route("/developers/{application}/secret", post(add_secret))
        .route("/developers/{application}/secret/{secret}/remove", post(remove_secret))
        .route("/developers/{application}/link", post(link))
        .route("/developers/{application}/deliveries/{delivery}/repeat", post(repeat))
        .route("/developers/{application}/vouch", post(vouch))
}

/// A secret, shown once.
pub(super) struct Secret {
    pub(super) title: String,
    pub(super) text: String,
}

struct KnownSecret {
    id: i64,
    hint: String,
    created: String,
    expires: Option<String>,
}

struct ScopeChoice {
    name: &'static str,
    words: String,
    allowed: bool,
    optional: bool,
}

/// One hour of the graph.
struct Bar {
    x: usize,
    y: u64,
    height: u64,
    refused: bool,
}

struct Graph {
    bars: Vec<Bar>,
    width: usize,
    requests: u64,
    refused: u64,
}

struct Sent {
    at: String,
    delivery: Delivery,
}

#[derive(Template)]
#[template(path = "developer.html")]
struct DeveloperPage {
    page: Page,
    problems: Problems,
    application: Arc<Application>,
    secret: Option<Secret>,
    secrets: Vec<KnownSecret>,
    scopes: Vec<ScopeChoice>,
    eddsa: bool,
    permissions: Vec<(&'static str, String)>,
    link: String,
    limits: [u32; 4],
    graph: Graph,
    sent: Vec<Sent>,
    staff: bool,
}

/// `2026-11-20 21:19 UTC`.
fn minute(at: Timestamp) -> String {
    format!("{} UTC", at.to_string().get(..16).unwrap_or_default().replace('T', " "))
}

pub(super) async fn show_one(
    pages: &Pages,
    actor: &Actor,
    id: ApplicationId,
    problems: Problems,
    secret: Option<Secret>,
) -> Reply {
    let link = format!("/oauth2/authorize?client_id={id}&scope=bot+applications.commands&permissions=0");
    show_with(pages, actor, id, problems, secret, link).await
}

async fn show_with(
    pages: &Pages,
    actor: &Actor,
    id: ApplicationId,
    problems: Problems,
    secret: Option<Secret>,
    link: String,
) -> Reply {
    if actor.session().is_none() {
        return Err(Error::from(ONLY_PEOPLE).into());
    }
    // Staff look at applications of others, too, to vouch for them.
    let applications = pages.server.applications();
    let accounts = pages.server.accounts();
    let staff = accounts.holds_rights(actor, Rights::APPLICATIONS_VERIFY).await?;
    let application = match staff {
        true => applications.get(id).await?,
        false => applications.owned(actor, id).await?,
    };
    let client = &application.client;
    let known = applications.secrets(id).await?;
    let secrets = known.iter().map(|secret| KnownSecret {
        id: secret.id,
        hint: secret.hint.clone(),
        created: minute(secret.created),
        expires: secret.expires.map(minute),
    });
    let scopes = Scopes::all().names().filter_map(|name| {
        let scope = Scopes::named(name)?;
        let (allowed, optional) = (client.scopes.contains(scope), client.optional_scopes.contains(scope));
        Some(ScopeChoice { name, words: pages.scope(name), allowed, optional })
    });
    let config = pages.server.config();
    let own = |own: u32, default: u32| if own > 0 { own } else { default };
    let limits = [
        own(client.per_second, config.per_second),
        own(client.per_day, config.per_day),
        config.user_per_second,
        config.user_per_day,
    ];
    let sent = usage::deliveries(&pages.server.0.db, id, 20).await?;
    let graph = graph(&pages.server.usage(id, DAYS).await?, hour(pages.server.0.clock.now()));
    let template = DeveloperPage {
        page: pages.titled(application.name.clone(), Some(actor)),
        secrets: secrets.collect(),
        scopes: scopes.collect(),
        eddsa: client.id_token_alg == SigningAlg::EdDsa,
        permissions: Permissions::all()
            .iter_names()
            .map(|(name, _)| (name, name.replace('_', " ").to_lowercase()))
            .collect(),
        link: format!("{}{link}", config.issuer),
        limits,
        graph,
        sent: sent.into_iter().map(|delivery| Sent { at: minute(delivery.at), delivery }).collect(),
        staff,
        application: application.clone(),
        problems,
        secret,
    };
    html_with(template.problems.status(), &template)
}

/// The last hours as bars, the newest at the right.
fn graph(hours: &[Hour], now: i64) -> Graph {
    let count = usize::try_from(DAYS).unwrap_or(2) * 24;
    let most = hours.iter().map(|hour| hour.requests).max().unwrap_or(0).max(1);
    let bars = hours.iter().filter_map(|hour| {
        let ago = usize::try_from(now - hour.hour).ok().filter(|ago| *ago < count)?;
        let height = (hour.requests * HEIGHT).div_ceil(most);
        Some(Bar { x: (count - 1 - ago) * 8, y: HEIGHT - height, height, refused: hour.refused > 0 })
    });
    Graph {
        bars: bars.collect(),
        width: count * 8,
        requests: hours.iter().map(|hour| hour.requests).sum(),
        refused: hours.iter().map(|hour| hour.refused).sum(),
    }
}

/// One address in each line.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn read(body: &[u8]) -> EditClient {
    let mut edit = EditClient::default();
    for (name, value) in url::form_urlencoded::parse(body) {
        match &*name {
            "redirect_uris" => edit.redirect_uris = lines(&value),
            "logout_uris" => edit.logout_uris = lines(&value),
            "backchannel_logout_uri" => {
                edit.backchannel_logout_uri = Some(value.trim().to_owned()).filter(|uri| !uri.is_empty());
            }
            "scope" => edit.scopes |= Scopes::named(&value).unwrap_or_default(),
            "optional_scope" => edit.optional_scopes |= Scopes::named(&value).unwrap_or_default(),
            "public_client" => edit.public = true,
            "eddsa" => edit.eddsa = true,
            "require_pkce" => edit.require_pkce = true,
            "require_par" => edit.require_par = true,
            "dpop_bound" => edit.dpop_bound = true,
            _ => {}
        }
    }
    edit
}

async fn edit(pages: Pages, Person(actor): Person, Path(id): Path<ApplicationId>, body: Bytes) -> Reply {
    match pages.server.applications().edit_client(&actor, id, read(&body)).await {
        Ok(_) => Ok(Redirect::to(&format!("/developers/{id}")).into_response()),
        Err(error) => show_one(&pages, &actor, id, pages.problems(error)?, None).await,
    }
}

async fn add_secret(pages: Pages, Person(actor): Person, Path(id): Path<ApplicationId>) -> Reply {
    let overlap = pages.server.config().secret_overlap;
    let text = pages.server.applications().rotate_secret(&actor, id, overlap).await?;
    let secret = Secret { title: pages.text("oauth-dev-secret-once"), text };
    show_one(&pages, &actor, id, Problems::default(), Some(secret)).await
}

async fn remove_secret(
    pages: Pages,
    Person(actor): Person,
    Path((id, secret)): Path<(ApplicationId, i64)>,
) -> Reply {
    pages.server.applications().remove_secret(&actor, id, secret).await?;
    Ok(Redirect::to(&format!("/developers/{id}")).into_response())
}

/// Sends again what an address of the application did not take.
async fn repeat(
    pages: Pages,
    Person(actor): Person,
    Path((id, delivery)): Path<(ApplicationId, i64)>,
) -> Reply {
    pages.server.repeat_delivery(&actor, id, delivery).await?;
    Ok(Redirect::to(&format!("/developers/{id}#sent-title")).into_response())
}

/// Puts an install link together from ticked permissions.
async fn link(pages: Pages, Person(actor): Person, Path(id): Path<ApplicationId>, body: Bytes) -> Reply {
    let ticked = url::form_urlencoded::parse(&body).filter(|(name, _)| name == "permission");
    let permissions: Permissions = ticked.filter_map(|(_, name)| Permissions::from_name(&name)).collect();
    let link = format!(
        "/oauth2/authorize?client_id={id}&scope=bot+applications.commands&permissions={}",
        permissions.bits()
    );
    show_with(&pages, &actor, id, Problems::default(), None, link).await
}

#[derive(Deserialize)]
struct Vouch {
    #[serde(default)]
    verified: Option<String>,
    #[serde(default)]
    per_second: u32,
    #[serde(default)]
    per_day: u32,
}

async fn vouch(
    pages: Pages,
    Person(actor): Person,
    Path(id): Path<ApplicationId>,
    Form(form): Form<Vouch>,
) -> Reply {
    let limits = (form.per_second, form.per_day);
    pages.server.applications().vouch(&actor, id, form.verified.is_some(), limits).await?;
    Ok(Redirect::to(&format!("/developers/{id}")).into_response())
}
