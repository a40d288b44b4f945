//! The job that makes a copy of all that is somebody's own.

use std::sync::{Arc, Weak};
use std::time::Duration;

use askama::Template;
use futures_util::stream;
use guildhall_base::{Error, Result, UserId};
use guildhall_infra::i18n::{Language, Words};
use guildhall_infra::jobs::{Ctx, Job, Outcome, Rules};
use tokio::sync::mpsc;

use super::{Archive, OwnData};
use crate::Accounts;
use crate::door::Inner;
use crate::letters::Letter;

/// What the copy is called.
pub(crate) const FILE: &str = "my-data.zip";
/// The largest copy.
const MOST: u64 = 20 * 1024 * 1024 * 1024;
/// Pieces on their way from the packer to the store.
const ON_THE_WAY: usize = 4;

/// How long somebody waits for the next copy.
pub(crate) const PAUSE: Duration = Duration::from_secs(24 * 3600);

/// Makes a copy, keeps it for a week, and tells its owner.
pub(crate) struct Export {
    pub(super) inner: Weak<Inner>,
    pub(super) parts: Arc<[Arc<dyn OwnData>]>,
}

impl Job for Export {
    const NAME: &'static str = "accounts.export";
    const RULES: Rules = Rules::new().queue("accounts");
    type Payload = UserId;
    /// The size in bytes.
    type Output = u64;

    async fn run(&self, ctx: Ctx, user: UserId) -> Outcome<u64> {
        let inner = self.inner.upgrade().ok_or_else(|| Error::internal("the accounts are closed"))?;
        let accounts = Accounts(inner);
        let size = ctx.step("archive", async |_| self.keep(&ctx, &accounts, user).await).await?;
        ctx.step("letter", async |effects| {
            Ok(effects.batch(|batch| accounts.tell(batch, &Letter::Export { user }))?)
        })
        .await?;
        let parts = self.parts.len() as u64;
        ctx.progress(parts, parts, "");
        Ok(size)
    }
}

impl Export {
    /// Packs and stores at the same time.
    async fn keep(&self, ctx: &Ctx, accounts: &Accounts, user: UserId) -> Outcome<u64> {
        let (sender, receiver) = mpsc::channel(ON_THE_WAY);
        let pack = async {
            // Nothing that is broken off is taken for the whole.
            if let Err(error) = self.pack(ctx, accounts, user, Archive::new(sender.clone())).await {
                let _ = sender.send(Err(error)).await;
            }
            drop(sender);
        };
        let pieces =
            stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
        let (kept, ()) = tokio::join!(ctx.put_file(FILE, "application/zip", pieces, MOST), pack);
        Ok(kept?.size)
    }

    async fn pack(&self, ctx: &Ctx, accounts: &Accounts, user: UserId, mut archive: Archive) -> Result<()> {
        let total = self.parts.len() as u64;
        for (done, part) in (0..).zip(self.parts.iter()) {
            ctx.progress(done, total, part.name());
            archive.enter(part.name());
            part.export(user, &mut archive).await?;
        }
        let account = accounts.account(user).await?;
        let language = Language::of_tag(&account.settings.locale).unwrap_or_default();
        let index = Index {
            language,
            words: &accounts.offered()?.words,
            name: account.user.display_name(),
            site: &accounts.0.config.name,
            at: accounts.0.clock.now().to_string(),
            parts: self.parts.iter().map(|part| part.name()).collect(),
            files: archive.files(),
        };
        let text = index.render().map_err(Error::internal)?;
        archive.enter("");
        archive.text("index.html", &text).await?;
        archive.end().await
    }
}

/// What people read first.
#[derive(Template)]
#[template(path = "copy_index.html")]
struct Index<'a> {
    language: Language,
    words: &'a Words,
    name: &'a str,
    site: &'a str,
    at: String,
    parts: Vec<&'static str>,
    files: &'a [(&'static str, String)],
}

impl Index<'_> {
    fn t(&self, key: &str) -> String {
        self.words.text_with(self.language, key, &[("site", self.site.into()), ("name", self.name.into())])
    }

    fn about(&self, part: &str) -> String {
        self.t(&format!("life-part-{part}"))
    }

    fn of<'b>(&'b self, part: &'b str) -> impl Iterator<Item = &'b str> + 'b {
        self.files.iter().filter(move |(folder, _)| *folder == part).map(|(_, name)| name.as_str())
    }
}
