//! Packs: making, changing, finding and removing them.

use guildhall_accounts::{Actor, Rights};
use guildhall_base::{Form, PackId, Result, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::events::{Audience, NewEvent};
use serde::Serialize;

use crate::model::{Card, ListingKind, Pack};
use crate::rules::pack::PackDraft;
use crate::{Directory, codes, store};

/// What the gateway tells of a pack.
#[derive(Serialize)]
struct Told<'a> {
    id: PackId,
    name: &'a str,
    owner_id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl Directory {
    /// A pack.
    ///
    /// # Errors
    /// `UNKNOWN_PACK`.
    pub(crate) async fn pack(&self, id: PackId) -> Result<Pack> {
        store::packs::find(&self.0.db, id).await?.ok_or_else(|| codes::UNKNOWN_PACK.into())
    }

    /// Packs, the latest first.
    pub(crate) async fn packs(
        &self,
        owner: Option<UserId>,
        words: &str,
        before: Option<PackId>,
        limit: u16,
    ) -> Result<Vec<Pack>> {
        let mut form = Form::new();
        form.range("limit", limit.into(), 1..=50);
        form.length("q", words, 0..=100);
        if words.contains('\0') {
            form.refuse("q", "BASE_TYPE_BAD", "Must not contain the character U+0000.");
        }
        form.finish()?;
        store::packs::page(&self.0.db, owner, words, before, limit).await
    }

    /// The bots of packs that are in the lists, read at once.
    pub(crate) async fn cards_of_packs(&self, packs: &[Pack]) -> Result<Vec<Card>> {
        let mut ids: Vec<_> = packs.iter().flat_map(|pack| pack.bots.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut cards = store::listings::cards(&self.0.db, ListingKind::Bot, &ids).await?;
        cards.retain(|card| card.state.is_listed());
        Ok(cards)
    }

    /// Makes a pack.
    ///
    /// # Errors
    /// Wrong fields, bots that are in no list among them; `TOO_MANY_PACKS`.
    pub(crate) async fn add_pack(&self, actor: &Actor, draft: &PackDraft) -> Result<Pack> {
        self.require_editor(actor).await?;
        draft.check(true)?;
        let mut pack = Pack {
            id: self.0.ids.next(),
            owner: actor.id(),
            name: String::new(),
            description: String::new(),
            icon: None,
            banner: None,
            bots: Vec::new(),
            version: 1,
            changed_at: self.now(),
        };
        self.fill(draft, &mut pack).await?;
        let mut batch = Batch::new();
        store::packs::insert(&mut batch, &pack)?;
        self.commit_pack(batch, "PACK_CREATE", actor, &pack, None).await?;
        Ok(pack)
    }

    /// Changes a pack of one's own.
    ///
    /// # Errors
    /// `UNKNOWN_PACK`, `NOT_YOUR_PACK`, wrong fields, `CONFLICT`.
    pub(crate) async fn edit_pack(&self, actor: &Actor, id: PackId, draft: &PackDraft) -> Result<Pack> {
        self.require_editor(actor).await?;
        let mut pack = self.pack(id).await?;
        if pack.owner != actor.id() {
            return Err(codes::NOT_YOUR_PACK.into());
        }
        draft.check(false)?;
        self.fill(draft, &mut pack).await?;
        pack.changed_at = self.now();
        let mut batch = Batch::new();
        store::packs::update(&mut batch, &pack)?;
        self.commit_pack(batch, "PACK_UPDATE", actor, &pack, None).await?;
        self.pack(id).await
    }

    /// Removes a pack. For its owner, and for moderators of the installation, who say why.
    ///
    /// # Errors
    /// `UNKNOWN_PACK`, `MISSING_RIGHTS`, no reason.
    pub(crate) async fn remove_pack(&self, actor: &Actor, id: PackId, reason: Option<&str>) -> Result<()> {
        self.require_editor(actor).await?;
        let pack = self.pack(id).await?;
        let mut batch = Batch::new();
        let mut why = None;
        if pack.owner != actor.id() {
            self.0.accounts.require_rights(actor, Rights::LISTINGS_MODERATE).await?;
            let reason = reason.unwrap_or_default().trim();
            let mut form = Form::new();
            form.length("reason", reason, 5..=512);
            form.finish()?;
            let what = ("pack.delete", Some(pack.owner));
            let row = (format!("{} {}", pack.id, pack.name), String::new());
            self.0.accounts.note_staff_action(&mut batch, actor, what, reason.to_owned(), row);
            why = Some(reason);
        }
        store::packs::delete(&mut batch, id);
        self.commit_pack(batch, "PACK_DELETE", actor, &pack, why).await
    }

    async fn fill(&self, draft: &PackDraft, pack: &mut Pack) -> Result<()> {
        draft.apply(pack);
        if draft.bots.is_some() {
            let listed = self.cards_of_packs(std::slice::from_ref(pack)).await?;
            let mut form = Form::new();
            for (index, bot) in pack.bots.iter().enumerate() {
                form.choice(&format!("bots.{index}"), listed.iter().any(|card| card.id.id == *bot));
            }
            form.finish()?;
        }
        self.take_banner("icon", &draft.icon, &mut pack.icon).await?;
        self.take_banner("banner", &draft.banner, &mut pack.banner).await
    }

    async fn commit_pack(
        &self,
        batch: Batch,
        name: &'static str,
        actor: &Actor,
        pack: &Pack,
        reason: Option<&str>,
    ) -> Result<()> {
        let told = Told { id: pack.id, name: &pack.name, owner_id: pack.owner, reason };
        let event = NewEvent::new(name, Audience::Users(vec![pack.owner]), &told)?.by(actor.id());
        self.0.log.commit_leaf(batch, &[event]).await?;
        Ok(())
    }
}
