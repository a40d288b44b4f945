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

use super::fields::{Fields, at_the_form};
use super::{At, Pages};
use crate::codes;
use crate::model::{Flags, ListingId, ListingKind, ListingRights};
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
            None => self.directory.listable(actor, id, "").await?.name,
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
            let problems = Problems::of(at_the_form(error), pages.site.words(), language)?;
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
