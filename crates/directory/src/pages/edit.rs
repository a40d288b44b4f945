//! Adding a listing and changing it, with a preview of what its text becomes.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use guildhall_accounts::{Actor, Person, Problems};
use guildhall_base::{AnyId, Result};
use guildhall_infra::i18n::Language;
use guildhall_infra::pages::{Page, Reply, html, html_with};

use super::{At, Pages};
use crate::codes;
use crate::model::{Flags, Link, Listing, ListingId, ListingKind, ListingRights, PageStyle, TextFormat};
use crate::rules::draft::Draft;
use crate::shown::text;
use crate::shown::text::Markup;

/// Something that can be listed.
struct Choice {
    id: AnyId,
    name: String,
    listed: bool,
}

#[derive(Template)]
#[template(path = "listing_choose.html")]
struct ChoosePage {
    page: Page,
    kind: ListingKind,
    choices: Vec<Choice>,
}

pub(super) async fn choose_bot(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
) -> Reply {
    let applications = pages.directory.0.applications.of_owner(actor.id()).await?;
    let choices = applications.into_iter().map(|one| (one.id.cast(), one.name)).collect();
    pages.choose(ListingKind::Bot, language, &actor, choices).await
}

pub(super) async fn choose_guild(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
) -> Reply {
    let mut choices = Vec::new();
    for room in pages.directory.0.chat.world().guilds_of(actor.id()).await? {
        if pages.directory.manages(&actor, room.id).await? {
            choices.push((room.id.cast(), room.read().guild.settings.name.clone()));
        }
    }
    pages.choose(ListingKind::Guild, language, &actor, choices).await
}

impl Pages {
    async fn choose(
        &self,
        kind: ListingKind,
        language: Language,
        actor: &Actor,
        own: Vec<(AnyId, String)>,
    ) -> Reply {
        let mut choices = Vec::new();
        for (id, name) in own {
            let listed = self.directory.listing(Some(actor), ListingId { kind, id }).await.is_ok();
            choices.push(Choice { id, name, listed });
        }
        let page = self.titled("listing-add", language, Some(actor));
        html(&ChoosePage { page, kind, choices })
    }
}

/// What the form's fields say, as texts.
#[derive(Debug, Clone, Default)]
struct Fields(HashMap<String, String>);

impl Fields {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The form as a listing fills it.
    fn of(listing: &Listing) -> Self {
        let details = &listing.details;
        let links: Vec<String> =
            details.links.iter().map(|link| format!("{} {}", link.name, link.url)).collect();
        let optional = |value: &Option<String>| value.clone().unwrap_or_default();
        let source = |banner: &Option<crate::model::Banner>| {
            banner.as_ref().map(|banner| banner.source.clone()).unwrap_or_default()
        };
        let mut fields = HashMap::from([
            ("short", listing.short.clone()),
            ("long", listing.long.clone()),
            ("language", listing.language.clone()),
            ("tags", listing.tags.join(", ")),
            ("features", listing.features.join(", ")),
            ("prefix", optional(&details.prefix)),
            ("library", optional(&details.library)),
            ("invite", optional(&details.invite)),
            ("card_banner", source(&details.card_banner)),
            ("page_banner", source(&details.page_banner)),
            ("links", links.join("\n")),
            ("style", listing.style.clone()),
            ("vanity", optional(&listing.vanity)),
        ]);
        let switches = [
            ("html", details.format == TextFormat::Html),
            ("single_scroll", details.page_style == PageStyle::SingleScroll),
            ("nsfw", listing.flags.contains(Flags::NSFW)),
            ("keep_banner_decor", listing.flags.contains(Flags::KEEP_BANNER_DECOR)),
            ("whitelist_only", listing.flags.contains(Flags::WHITELIST_ONLY)),
            ("login_required", listing.flags.contains(Flags::LOGIN_REQUIRED)),
        ];
        fields.extend(switches.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name, "on".to_owned())));
        Self(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// What the form says; every field is there, empty ones clear.
    fn draft(&self) -> Draft {
        let text = |name: &str| Some(self.get(name).trim().to_owned());
        let list = |name: &str| {
            let names = self.get(name).split(',').map(str::trim).filter(|one| !one.is_empty());
            Some(names.map(str::to_lowercase).collect())
        };
        let cleared = |name: &str| Some(text(name).filter(|value| !value.is_empty()));
        let link = |line: &str| {
            let (name, url) = line.trim().rsplit_once(char::is_whitespace)?;
            Some(Link { name: name.trim().to_owned(), url: url.to_owned() })
        };
        let lines = self.get("links").lines().filter(|line| !line.trim().is_empty());
        let links = lines.map(|line| {
            link(line).unwrap_or_else(|| Link { name: String::new(), url: line.trim().to_owned() })
        });
        let flags = ["nsfw", "keep_banner_decor", "whitelist_only", "login_required"];
        Draft {
            short: text("short"),
            // Browsers send line ends as two signs.
            long: Some(self.get("long").replace("\r\n", "\n")),
            format: Some(if self.has("html") { TextFormat::Html } else { TextFormat::Markdown }),
            language: text("language"),
            tags: list("tags"),
            features: list("features"),
            prefix: cleared("prefix"),
            library: cleared("library"),
            invite: cleared("invite"),
            card_banner: cleared("card_banner"),
            page_banner: cleared("page_banner"),
            links: Some(links.collect()),
            page_style: Some(if self.has("single_scroll") {
                PageStyle::SingleScroll
            } else {
                PageStyle::Tabs
            }),
            style: Some(Some(self.get("style").replace("\r\n", "\n"))),
            vanity: cleared("vanity"),
            flags: Some(flags.into_iter().filter(|name| self.has(name)).map(str::to_owned).collect()),
        }
    }
}

#[derive(Template)]
#[template(path = "listing_form.html")]
struct FormPage {
    page: Page,
    id: ListingId,
    name: String,
    fields: Fields,
    problems: Problems,
    known_tags: Vec<String>,
    known_features: Vec<String>,
    /// Whether it is there already.
    listed: bool,
    locked: bool,
    deletes: bool,
    /// What the long text becomes, if that was asked for.
    preview: Option<String>,
}

impl Pages {
    /// The form, filled.
    async fn form(
        &self,
        id: ListingId,
        (language, actor): (Language, &Actor),
        fields: Option<Fields>,
        problems: Problems,
    ) -> Result<FormPage> {
        let known = self.directory.listing(Some(actor), id).await.ok();
        if let Some(access) = &known {
            access.require(ListingRights::EDIT)?;
        }
        let name = match &known {
            Some(access) => access.listing.name.clone(),
            None => self.directory.look_up("", id).await?.name,
        };
        let (known_tags, known_features) = self.directory.labels(id.kind).await?;
        let fields = fields.or_else(|| known.as_ref().map(|access| Fields::of(&access.listing)));
        let fields = fields
            .unwrap_or_else(|| Fields(HashMap::from([("language".to_owned(), language.tag().to_owned())])));
        let (locked, deletes) = known.as_ref().map_or((false, false), |access| {
            let locked = access.listing.flags.contains(Flags::EDIT_LOCKED);
            (locked, access.rights.contains(ListingRights::DELETE))
        });
        let title = if known.is_some() { "listing-edit" } else { "listing-add" };
        Ok(FormPage {
            page: self.titled(title, language, Some(actor)),
            id,
            name,
            fields,
            problems,
            known_tags,
            known_features,
            listed: known.is_some(),
            locked,
            deletes,
            preview: None,
        })
    }
}

pub(super) async fn show(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    At(id): At,
) -> Reply {
    html(&pages.form(id, (language, &actor), None, Problems::default()).await?)
}

pub(super) async fn save(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    At(id): At,
    Form(fields): Form<HashMap<String, String>>,
) -> Reply {
    let fields = Fields(fields);
    let draft = fields.draft();
    if fields.has("preview") {
        let markup = if fields.has("html") { Markup::Html } else { Markup::Markdown };
        let safe = text::html(markup, draft.long.as_deref().unwrap_or_default());
        let mut form = pages.form(id, (language, &actor), Some(fields), Problems::default()).await?;
        form.preview = Some(safe);
        return html(&form);
    }
    let done = match pages.directory.listing(Some(&actor), id).await {
        Ok(_) => pages.directory.edit(&actor, id, &draft).await,
        Err(error) if error.is(codes::UNKNOWN_LISTING) => pages.directory.add(&actor, id, "", &draft).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(Redirect::to(&id.path()).into_response()),
        Err(error) => {
            let problems = Problems::of(error, pages.site.words(), language)?;
            let form = pages.form(id, (language, &actor), Some(fields), problems).await?;
            html_with(StatusCode::UNPROCESSABLE_ENTITY, &form)
        }
    }
}

pub(super) async fn lock(
    State(pages): State<Pages>,
    Person(actor): Person,
    At(id): At,
    Form(fields): Form<HashMap<String, String>>,
) -> Reply {
    pages.directory.lock(&actor, id, fields.contains_key("lock")).await?;
    Ok(Redirect::to(&format!("{}/listing", id.path())).into_response())
}

pub(super) async fn delete(State(pages): State<Pages>, Person(actor): Person, At(id): At) -> Reply {
    pages.directory.remove(&actor, id).await?;
    Ok(Redirect::to(&format!("/{}", id.kind.plural())).into_response())
}
