//! The pages on which a guild's webhooks, emojis and stickers are managed. They work without scripts.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Multipart, Path, State};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guildhall_accounts::{Actor, Person, Problems, viewer};
use guildhall_base::{ChannelId, EmojiId, Error, GuildId, Permissions, StickerId, WebhookId, codes};
use guildhall_infra::http::Upload;
use guildhall_infra::i18n::Language;
use guildhall_infra::pages::{Page, Reply, html_with};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Pages;
use crate::access::GuildAccess;
use crate::model::{Emoji, Sticker, Webhook};

pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route("/guilds/{guild}/settings/webhooks", get(webhooks).post(create_webhook))
        .route("/guilds/{guild}/settings/webhooks/{entry}/delete", post(delete_webhook))
        .route("/guilds/{guild}/settings/emojis", get(emojis).post(create_emoji))
        .route("/guilds/{guild}/settings/emojis/{entry}/rename", post(rename_emoji))
        .route("/guilds/{guild}/settings/emojis/{entry}/delete", post(delete_emoji))
        .route("/guilds/{guild}/settings/stickers", get(stickers).post(create_sticker))
        .route("/guilds/{guild}/settings/stickers/{entry}/rename", post(rename_sticker))
        .route("/guilds/{guild}/settings/stickers/{entry}/delete", post(delete_sticker))
}

/// What the three pages have in common.
struct Frame {
    guild: GuildId,
    name: String,
    /// Which of the three pages are for this reader.
    webhooks: bool,
    expressions: bool,
    problems: Problems,
}

/// Who asks for one of the pages, and how.
struct Visit {
    pages: Pages,
    language: Language,
    actor: Actor,
    guild: GuildId,
}

impl Visit {
    fn page(&self, title: &str) -> Page {
        let title = self.pages.site.words().text(self.language, title);
        self.pages.site.page(title).read_in(self.language).seen_by(Some(viewer(&self.actor)))
    }

    fn frame(&self, access: &GuildAccess, problems: Problems) -> Frame {
        Frame {
            guild: self.guild,
            name: access.room.read().guild.settings.name.clone(),
            webhooks: access.permissions.contains(Permissions::MANAGE_WEBHOOKS),
            expressions: access.makes_expressions(),
            problems,
        }
    }

    /// Back to the list, or the list with what was wrong.
    async fn after<T>(self, list: &'static str, done: Result<T, Error>) -> Reply {
        let problems = match done {
            Ok(_) => {
                return Ok(Redirect::to(&format!("/guilds/{}/settings/{list}", self.guild)).into_response());
            }
            Err(error) => Problems::of(error, self.pages.site.words(), self.language)?,
        };
        match list {
            "webhooks" => show_webhooks(self, problems).await,
            "emojis" => show_emojis(self, problems).await,
            _ => show_stickers(self, problems).await,
        }
    }
}

/// The fields of a JSON body.
fn body<const N: usize>(fields: [(&str, String); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

#[derive(Template)]
#[template(path = "guild_webhooks.html")]
struct WebhooksPage {
    page: Page,
    frame: Frame,
    webhooks: Vec<(Webhook, String)>,
    /// Those that webhooks can be made for.
    channels: Vec<(ChannelId, String)>,
}

async fn webhooks(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
) -> Reply {
    show_webhooks(Visit { pages, language, actor, guild }, Problems::default()).await
}

async fn show_webhooks(visit: Visit, problems: Problems) -> Reply {
    let chat = &visit.pages.chat;
    let listed = chat.guild_webhooks(&visit.actor, visit.guild).await?;
    let access = chat.guild(&visit.actor, visit.guild).await?;
    let channels = chat.channels_for_webhooks(&access);
    let names: HashMap<ChannelId, String> = {
        let state = access.room.read();
        let name = |id: &ChannelId| state.channels.get(id)?.channel.settings.name.clone();
        listed.iter().filter_map(|webhook| Some((webhook.channel_id, name(&webhook.channel_id)?))).collect()
    };
    let place = |webhook: Webhook| {
        let name = names.get(&webhook.channel_id).cloned().unwrap_or_default();
        (webhook, name)
    };
    let webhooks = listed.into_iter().map(place).collect();
    let (page, frame) = (visit.page("chat-webhooks"), visit.frame(&access, problems));
    html_with(frame.problems.status(), &WebhooksPage { page, frame, webhooks, channels })
}

#[derive(Deserialize)]
struct NewWebhook {
    #[serde(default)]
    name: String,
    channel: ChannelId,
}

async fn create_webhook(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
    Form(new): Form<NewWebhook>,
) -> Reply {
    let visit = Visit { pages, language, actor, guild };
    let body = body([("name", new.name)]);
    let done = visit.pages.chat.create_webhook(&visit.actor, new.channel, &body, None).await;
    visit.after("webhooks", done).await
}

async fn delete_webhook(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path((guild, webhook)): Path<(GuildId, WebhookId)>,
) -> Reply {
    let visit = Visit { pages, language, actor, guild };
    let done = visit.pages.chat.delete_webhook(&visit.actor, webhook, None).await;
    visit.after("webhooks", done).await
}

#[derive(Template)]
#[template(path = "guild_emojis.html")]
struct EmojisPage {
    page: Page,
    frame: Frame,
    emojis: Vec<Emoji>,
}

async fn emojis(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
) -> Reply {
    show_emojis(Visit { pages, language, actor, guild }, Problems::default()).await
}

async fn show_emojis(visit: Visit, problems: Problems) -> Reply {
    let access = visit.pages.chat.guild(&visit.actor, visit.guild).await?;
    let emojis = visit.pages.chat.guild_emojis(&visit.actor, visit.guild).await?;
    let (page, frame) = (visit.page("chat-emojis"), visit.frame(&access, problems));
    html_with(frame.problems.status(), &EmojisPage { page, frame, emojis })
}

/// A form with texts and one file.
#[derive(Default)]
struct Sent {
    texts: HashMap<String, String>,
    file: Option<Upload>,
}

impl Sent {
    async fn read(mut form: Multipart) -> Result<Self, Error> {
        let broken = |error: axum::extract::multipart::MultipartError| -> Error {
            codes::INVALID_FORM.because(error.body_text())
        };
        let mut sent = Self::default();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            let filename = field.file_name().map(str::to_owned);
            let data = field.bytes().await.map_err(broken)?;
            match filename {
                Some(filename) => {
                    sent.file = Some(Upload { index: 0, filename, content_type: None, data });
                }
                None => drop(sent.texts.insert(name, String::from_utf8_lossy(&data).into_owned())),
            }
        }
        Ok(sent)
    }

    fn text(&mut self, name: &str) -> String {
        self.texts.remove(name).unwrap_or_default()
    }
}

async fn create_emoji(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
    form: Multipart,
) -> Reply {
    let visit = Visit { pages, language, actor, guild };
    let mut sent = Sent::read(form).await?;
    let image = sent.file.take().map(|file| file.data).unwrap_or_default();
    let image = format!("data:application/octet-stream;base64,{}", STANDARD.encode(image));
    let body = body([("name", sent.text("name")), ("image", image)]);
    let done = visit.pages.chat.create_emoji(&visit.actor, guild, &body, None).await;
    visit.after("emojis", done).await
}

#[derive(Deserialize)]
struct NewName {
    #[serde(default)]
    name: String,
}

async fn rename_emoji(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path((guild, emoji)): Path<(GuildId, EmojiId)>,
    Form(new): Form<NewName>,
) -> Reply {
    let visit = Visit { pages, language, actor, guild };
    let body = body([("name", new.name)]);
    let done = visit.pages.chat.update_emoji(&visit.actor, guild, emoji, &body, None).await;
    visit.after("emojis", done).await
}

async fn delete_emoji(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path((guild, emoji)): Path<(GuildId, EmojiId)>,
) -> Reply {
    let visit = Visit { pages, language, actor, guild };
    let done = visit.pages.chat.delete_emoji(&visit.actor, guild, emoji, None).await;
    visit.after("emojis", done).await
}

#[derive(Template)]
#[template(path = "guild_stickers.html")]
struct StickersPage {
    page: Page,
    frame: Frame,
    stickers: Vec<Sticker>,
}

async fn stickers(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
) -> Reply {
    show_stickers(Visit { pages, language, actor, guild }, Problems::default()).await
}

async fn show_stickers(visit: Visit, problems: Problems) -> Reply {
    let access = visit.pages.chat.guild(&visit.actor, visit.guild).await?;
    let stickers = visit.pages.chat.guild_stickers(&visit.actor, visit.guild).await?;
    let (page, frame) = (visit.page("chat-stickers"), visit.frame(&access, problems));
    html_with(frame.problems.status(), &StickersPage { page, frame, stickers })
}

async fn create_sticker(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(guild): Path<GuildId>,
    form: Multipart,
) -> Reply {
    let visit = Visit { pages, language, actor, guild };
    let mut sent = Sent::read(form).await?;
    let fields = ["name", "tags", "description"].map(|name| (name, sent.text(name)));
    let done = visit.pages.chat.create_sticker(&visit.actor, guild, &body(fields), sent.file, None).await;
    visit.after("stickers", done).await
}

async fn rename_sticker(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path((guild, sticker)): Path<(GuildId, StickerId)>,
    Form(new): Form<NewName>,
) -> Reply {
    let visit = Visit { pages, language, actor, guild };
    let body = body([("name", new.name)]);
    let done = visit.pages.chat.update_sticker(&visit.actor, guild, sticker, &body, None).await;
    visit.after("stickers", done).await
}

async fn delete_sticker(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path((guild, sticker)): Path<(GuildId, StickerId)>,
) -> Reply {
    let visit = Visit { pages, language, actor, guild };
    let done = visit.pages.chat.delete_sticker(&visit.actor, guild, sticker, None).await;
    visit.after("stickers", done).await
}
