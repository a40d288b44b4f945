//! What keepers tell everybody of their listing: news, and where there is more to read.

use guildhall_accounts::Actor;
use guildhall_base::{AnyId, Form, Result, Timestamp};
use serde_json::json;

use super::Change;
use crate::model::{EventName, ListingId, ListingRights, News, NewsKind, Resource};
use crate::rules::draft::is_https;
use crate::{Directory, store};

impl Directory {
    /// News of a listing, the latest first; those that ended only where `all` are wanted.
    pub(crate) async fn news(
        &self,
        viewer: Option<&Actor>,
        id: ListingId,
        all: bool,
        before: Option<AnyId>,
        limit: u16,
    ) -> Result<Vec<News>> {
        self.listing(viewer, id).await?;
        let mut form = Form::new();
        form.range("limit", limit.into(), 1..=50);
        form.finish()?;
        let current = (!all).then(|| self.now());
        store::news::of(&self.0.db, id, current, before, limit).await
    }

    /// Tells everybody something.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, locks, wrong fields, `TOO_MANY_ENTRIES`.
    pub(crate) async fn add_news(
        &self,
        actor: &Actor,
        id: ListingId,
        (kind, title, text): (NewsKind, &str, &str),
        ends_at: Option<Timestamp>,
    ) -> Result<News> {
        self.listing_to_change(actor, id).await?.require_open(ListingRights::POST)?;
        let (title, text) = (title.trim(), text.trim());
        let mut form = Form::new();
        form.length("title", title, 3..=100);
        form.length("text", text, 10..=4000);
        plain(&mut form, &[("title", title), ("text", text)]);
        if ends_at.is_some_and(|ends_at| ends_at <= self.now()) {
            form.refuse("ends_at", "BASE_TYPE_BAD", "Must be later than now.");
        }
        form.finish()?;
        let news =
            News { id: self.0.ids.next(), kind, title: title.to_owned(), text: text.to_owned(), ends_at };
        let mut change = Change::new();
        store::news::insert(&mut change.batch, id, &news);
        let context = json!({ "news_id": news.id, "type": kind, "title": title });
        self.note(&mut change, id, EventName::NewsAdd, Some(actor.id()), context);
        self.commit_for_keepers(change, id).await?;
        Ok(news)
    }

    /// Tells it no longer.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, locks, `UNKNOWN_ENTRY`.
    pub(crate) async fn remove_news(&self, actor: &Actor, id: ListingId, news: AnyId) -> Result<()> {
        self.listing_to_change(actor, id).await?.require_open(ListingRights::POST)?;
        let mut change = Change::new();
        store::news::delete(&mut change.batch, id, news);
        self.note(&mut change, id, EventName::NewsDelete, Some(actor.id()), json!({ "news_id": news }));
        self.commit_for_keepers(change, id).await
    }

    /// Where there is more to read about a listing.
    pub(crate) async fn resources(&self, viewer: Option<&Actor>, id: ListingId) -> Result<Vec<Resource>> {
        self.listing(viewer, id).await?;
        store::news::resources(&self.0.db, id).await
    }

    /// Says where there is more to read.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, locks, wrong fields, `TOO_MANY_ENTRIES`.
    pub(crate) async fn add_resource(
        &self,
        actor: &Actor,
        id: ListingId,
        (title, description, url): (&str, &str, &str),
    ) -> Result<Resource> {
        self.listing_to_change(actor, id).await?.require_open(ListingRights::EDIT)?;
        let (title, description) = (title.trim(), description.trim());
        let mut form = Form::new();
        form.length("title", title, 3..=100);
        form.length("description", description, 0..=500);
        plain(&mut form, &[("title", title), ("description", description)]);
        if !is_https(url, 400) {
            form.refuse("url", "URL_TYPE_INVALID_URL", "Must be an https address.");
        }
        form.finish()?;
        let resource = Resource {
            id: self.0.ids.next(),
            title: title.to_owned(),
            description: description.to_owned(),
            url: url.to_owned(),
        };
        let mut change = Change::new();
        store::news::insert_resource(&mut change.batch, id, &resource);
        let context = json!({ "resource_id": resource.id, "title": title });
        self.note(&mut change, id, EventName::ResourceAdd, Some(actor.id()), context);
        self.commit_for_keepers(change, id).await?;
        Ok(resource)
    }

    /// Says it no longer.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`, locks, `UNKNOWN_ENTRY`.
    pub(crate) async fn remove_resource(&self, actor: &Actor, id: ListingId, resource: AnyId) -> Result<()> {
        self.listing_to_change(actor, id).await?.require_open(ListingRights::EDIT)?;
        let mut change = Change::new();
        store::news::delete_resource(&mut change.batch, id, resource);
        let context = json!({ "resource_id": resource });
        self.note(&mut change, id, EventName::ResourceDelete, Some(actor.id()), context);
        self.commit_for_keepers(change, id).await
    }
}

/// Refuses the one character that no database keeps in texts.
fn plain(form: &mut Form, texts: &[(&str, &str)]) {
    for (path, text) in texts {
        if text.contains('\0') {
            form.refuse(*path, "BASE_TYPE_BAD", "Must not contain the character U+0000.");
        }
    }
}
