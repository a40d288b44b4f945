//! `/oauth2/authorize`: where applications send people, and the page that asks them what the application may do.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use guildhall_accounts::{Actor, MaybeActor, Problems};
use guildhall_base::{Code, Error, GuildId, Kind, Result, Scopes};
use guildhall_infra::db::Batch;
use guildhall_infra::pages::{Page, Reply, html_with};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Hall, Pages};
use crate::actions::authorize::{Known, Unanswered, refusal};
use crate::codes::{NOT_ITS_OWNER, ONLY_PEOPLE};
use crate::model::Application;
use crate::rules::redirect;
use crate::rules::step::Step;
use crate::{GuildChoice, store};

/// A request that the application has to mend; the detail says what.
const BAD_REQUEST: Code = Code::new(Kind::Invalid, 0, "bad_authorization", "This link is not complete.");

/// Marks an address that the browser goes to by itself.
const ONWARD: &str = "&onward=1";

#[derive(Template)]
#[template(path = "onward.html")]
struct OnwardPage {
    page: Page,
    address: String,
}

pub(super) fn open_routes() -> Router<Hall> {
    Router::new().route("/oauth2/authorize", get(show).post(posted))
}

pub(super) fn own_routes() -> Router<Hall> {
    Router::new().route("/oauth2/consent", post(answer))
}

/// Brought by a form of another site (OpenID Connect Core 3.1.2.1): browsers send no session along with that, so it
/// becomes a link.
async fn posted(body: Bytes) -> Redirect {
    let pairs = url::form_urlencoded::parse(&body);
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Redirect::to(&format!("/oauth2/authorize?{query}"))
}

async fn show(pages: Pages, MaybeActor(actor): MaybeActor, RawQuery(query): RawQuery) -> Reply {
    let query = query.unwrap_or_default();
    match pages.server.understand(query.as_bytes()).await {
        Ok(known) => proceed(&pages, actor, &known, query).await,
        Err(unanswered) => pages.unanswered(unanswered),
    }
}

/// What is to happen next with a sound request.
async fn proceed(pages: &Pages, actor: Option<Actor>, known: &Known, query: String) -> Reply {
    if actor.as_ref().is_some_and(|actor| actor.session().is_none()) {
        return Err(Error::from(ONLY_PEOPLE).into());
    }
    let step = pages.server.step(known, actor.as_ref()).await?;
    // Who comes from the sign-in form is still on its way from there, and that page allows its form to lead nowhere but
    // here. So that way ends with a page of ours, which goes on by itself.
    if known.stored.is_some() && !query.contains(ONWARD) && matches!(step, Step::Grant | Step::Refuse(_)) {
        let page = pages.titled(known.application.name.clone(), actor.as_ref());
        let address = format!("/oauth2/authorize?{query}{ONWARD}");
        return html_with(StatusCode::OK, &OnwardPage { page, address });
    }
    match (step, actor) {
        (Step::Refuse(error), _) => {
            pages.refuse(known, error, "Nothing may be shown, and somebody would have to act.")
        }
        (Step::Grant, Some(actor)) => {
            let id = known.application.id;
            let allowed =
                store::grants::consent(&pages.server.0.db, actor.id(), id).await?.unwrap_or_default();
            let address = pages.server.give(known, &actor, allowed, None).await?;
            Ok(Redirect::to(&address).into_response())
        }
        (Step::Consent, Some(actor)) => ask(pages, &actor, known, query, Problems::default()).await,
        (_, actor) => sign_in(pages, actor.is_some(), known).await,
    }
}

/// To the sign-in page, and back with the request, which is kept here meanwhile so that it cannot be changed on the
/// way and a sign-in after it is known to be a fresh one.
async fn sign_in(pages: &Pages, again: bool, known: &Known) -> Reply {
    let back = format!("/oauth2/authorize?{}", pages.server.keep(known).await?);
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut address = format!("/login?next={}", encode(&back));
    if again {
        address.push_str("&again=1");
    }
    if let Some(hint) = &known.request.login_hint {
        address.push_str("&login_hint=");
        address.push_str(&encode(hint));
    }
    Ok(Redirect::to(&address).into_response())
}

impl Pages {
    fn unanswered(&self, unanswered: Unanswered) -> Reply {
        match unanswered {
            Unanswered::Application(refusal) => {
                Ok(Redirect::to(&self.server.refusal_address(&refusal)).into_response())
            }
            Unanswered::Text(key) => Err(BAD_REQUEST.because(self.text(key)).into()),
            Unanswered::Person(error) => Err(error.into()),
        }
    }

    fn refuse(&self, known: &Known, error: &'static str, description: &'static str) -> Reply {
        match known.request.redirect_uri {
            Some(_) => {
                let refusal = refusal(&known.request, error, description);
                Ok(Redirect::to(&self.server.refusal_address(&refusal)).into_response())
            }
            None => Ok(Redirect::to("/channels/@me").into_response()),
        }
    }
}

/// A scope at the consent page.
struct Asked {
    name: &'static str,
    words: String,
    optional: bool,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    page: Page,
    problems: Problems,
    application: Arc<Application>,
    owner: String,
    viewer: String,
    asked: Vec<Asked>,
    /// In words, what the bot would be allowed; none if no bot is asked for.
    bot: Option<Vec<String>>,
    choices: Vec<GuildChoice>,
    selected: Option<GuildId>,
    /// Where the answer goes: a host, or the scheme of an app.
    back: Option<String>,
    owned: bool,
    query: String,
    other_account: String,
}

#[derive(Template)]
#[template(path = "added.html")]
struct AddedPage {
    page: Page,
    bot: String,
    guild: GuildChoice,
}

/// Whether a bot, or its commands, are to be added to a guild.
fn adds(known: &Known) -> bool {
    known.request.scopes.intersects(Scopes::BOT | Scopes::COMMANDS)
}

async fn ask(pages: &Pages, actor: &Actor, known: &Known, query: String, problems: Problems) -> Reply {
    let Known { application, request, .. } = known;
    if adds(known) && !application.public && application.owner != actor.id() {
        return Err(Error::from(NOT_ITS_OWNER).into());
    }
    let owner = pages.server.accounts().user(application.owner).await?.display_name().to_owned();
    let optional = application.client.optional_scopes;
    let shown = request.scopes & !(Scopes::BOT | Scopes::COMMANDS | Scopes::OPENID);
    let asked = shown.names().map(|name| Asked {
        name,
        words: pages.scope(name),
        optional: Scopes::named(name).is_some_and(|scope| optional.contains(scope)),
    });
    let names = |(name, _)| readable(name);
    let bot = adds(known).then(|| request.permissions.iter_names().map(names).collect());
    let mut choices = match adds(known) {
        true => pages.guilds.choices(actor, application.bot()).await?,
        false => Vec::new(),
    };
    if let Some(only) = request.guild.filter(|_| request.guild_fixed) {
        choices.retain(|choice| choice.id == only);
    }
    let encoded = utf8_percent_encode(&format!("/oauth2/authorize?{query}"), NON_ALPHANUMERIC).to_string();
    let page = pages.titled(application.name.clone(), Some(actor));
    let template = ConsentPage {
        page,
        application: application.clone(),
        owner,
        viewer: actor.user.display_name().to_owned(),
        asked: asked.collect(),
        bot,
        choices,
        selected: request.guild,
        back: request.redirect_uri.as_deref().map(redirect::shown),
        owned: request.redirect_uri.as_deref().is_none_or(redirect::is_owned),
        query,
        other_account: format!("/login?again=1&next={encoded}"),
        problems,
    };
    let status = template.problems.status();
    let mut response = html_with(status, &template)?;
    if let Some(address) = &request.redirect_uri {
        let policy = pages.site.policy_with_form_to(&redirect::source(address));
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// `KICK_MEMBERS` as `Kick members`.
fn readable(name: &str) -> String {
    let mut words = name.replace('_', " ").to_lowercase();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// What the consent page sends.
#[derive(Default)]
struct Form {
    query: String,
    allow: bool,
    scopes: Scopes,
    guild: Option<GuildId>,
}

impl Form {
    fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            match &*name {
                "query" => form.query = value.into_owned(),
                "decision" => form.allow = value == "allow",
                "scope" => form.scopes |= Scopes::named(&value).unwrap_or_default(),
                "guild_id" => form.guild = value.parse().ok(),
                _ => {}
            }
        }
        form
    }
}

async fn answer(pages: Pages, MaybeActor(actor): MaybeActor, body: Bytes) -> Reply {
    let form = Form::read(&body);
    let known = match pages.server.understand(form.query.as_bytes()).await {
        Ok(known) => known,
        Err(unanswered) => return pages.unanswered(unanswered),
    };
    // What was true when the page was shown may not be any more: the same decision as there.
    let Some(actor) = actor else { return sign_in(&pages, false, &known).await };
    match pages.server.step(&known, Some(&actor)).await? {
        Step::Consent | Step::Grant => {}
        Step::SignIn => return sign_in(&pages, true, &known).await,
        Step::Refuse(error) => return pages.refuse(&known, error, "Somebody else is signed in by now."),
    }
    if !form.allow {
        let text = "The resource owner or authorization server denied the request";
        return pages.refuse(&known, "access_denied", text);
    }
    if !adds(&known) {
        let address = pages.server.give(&known, &actor, form.scopes, None).await?;
        return Ok(Redirect::to(&address).into_response());
    }
    match add(&pages, &actor, &known, &form).await {
        Ok((_, Some(address))) => Ok(Redirect::to(&address).into_response()),
        Ok((guild, None)) => added(&pages, &actor, &known, guild).await,
        Err(error) => {
            let problems = pages.problems(error)?;
            ask(&pages, &actor, &known, form.query, problems).await
        }
    }
}

/// Adds the bot, and gives the address with the code where the application wants one; both or neither. What is refused
/// here is about the chosen guild.
async fn add(pages: &Pages, actor: &Actor, known: &Known, form: &Form) -> Result<(GuildId, Option<String>)> {
    let guild =
        form.guild.ok_or_else(|| Error::field("guild_id", "BASE_TYPE_REQUIRED", "Choose a guild."))?;
    let (application, permissions) = (known.application.id, known.request.permissions);
    let done = match known.request.redirect_uri {
        Some(_) => pages.server.give(known, actor, form.scopes, Some((&pages.guilds, guild))).await.map(Some),
        None => {
            let nothing = Batch::new();
            pages.guilds.add_bot(actor, guild, application, permissions, nothing).await.map(|()| None)
        }
    };
    match done {
        Ok(address) => Ok((guild, address)),
        Err(error) if matches!(error.kind(), Kind::Forbidden | Kind::NotFound) => {
            Err(Error::field("guild_id", "REFUSED", error.detail))
        }
        Err(error) => Err(error),
    }
}

async fn added(pages: &Pages, actor: &Actor, known: &Known, guild: GuildId) -> Reply {
    let choices = pages.guilds.choices(actor, known.application.bot()).await?;
    let guild = choices.into_iter().find(|choice| choice.id == guild);
    let Some(guild) = guild else { return Ok(Redirect::to("/channels/@me").into_response()) };
    let bot = known.application.name.clone();
    let response: Response =
        html_with(StatusCode::OK, &AddedPage { page: pages.titled(bot.clone(), Some(actor)), bot, guild })?;
    Ok(response)
}
