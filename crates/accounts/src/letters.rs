//! The job that writes and sends mails.
//!
//! The secrets of a mail are made when it is sent, so that no job row holds them: until then the database knows only
//! that a mail was asked for, afterwards only hashes. Where sending fails, the next attempt makes new ones.

use std::sync::Weak;

use askama::Template;
use guildhall_base::{Error, Result, Timestamp, UserId};
use guildhall_infra::i18n::Language;
use guildhall_infra::jobs::{Ctx, Job, NewJob, Outcome, Rules, Stop};
use guildhall_infra::mail::{Mail, REFUSED};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use crate::Accounts;
use crate::door::Inner;
use crate::mail::{MailProof, Post, ProofId, Purpose};
use crate::store::{life, mail_proofs, users};
use crate::token::{TokenHash, new_code};

/// What a mail is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Letter {
    /// The link and the code of a proof.
    Proof(ProofId),
    /// Tells an old address that it no longer belongs to the account.
    Moved { user: UserId, old: String, locale: String },
    /// Says that the account will be deleted, and keeps it by a link.
    Leaving { user: UserId, due: Timestamp },
    /// Says that the account stays after all, because something needs it.
    Stays { user: UserId },
    /// Says that the account is deleted.
    Gone { to: String, locale: String },
    /// Says that the copy of one's data is there.
    Export { user: UserId },
    /// What another feature has to say.
    Notice(Notice),
}

/// A mail that another feature sends to somebody: the feature's texts, and a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notice {
    /// To whom; who has no address gets none.
    pub user: UserId,
    /// How its texts' keys begin; `-subject`, `-opening`, `-action` and `-closing` follow. They may name `$site` and `$name`.
    pub texts: String,
    /// Where its link leads, from the root of the site.
    pub path: String,
    /// What it is about.
    pub name: String,
}

/// Sends one [`Letter`].
pub(crate) struct SendLetter(Weak<Inner>);

impl Accounts {
    /// Makes the kinds of jobs of accounts known. Without it, mails wait.
    pub fn register_jobs(&self) {
        if let Some(post) = &self.0.config.post {
            // Weak, because the engine is reached from the accounts.
            post.jobs.register(SendLetter(std::sync::Arc::downgrade(&self.0)));
        }
    }

    /// Adds a mail to a batch.
    pub(crate) fn enqueue_letter(
        &self,
        batch: &mut guildhall_infra::db::Batch,
        post: &Post,
        letter: &Letter,
    ) -> Result<()> {
        post.jobs.enqueue(batch, NewJob::of::<SendLetter>(letter)).map(drop)
    }
}

impl Accounts {
    /// Adds a mail to a batch, if mails are sent here.
    pub(crate) fn tell(&self, batch: &mut guildhall_infra::db::Batch, letter: &Letter) -> Result<()> {
        match &self.0.config.post {
            Some(post) => self.enqueue_letter(batch, post, letter),
            None => Ok(()),
        }
    }
}

impl Accounts {
    /// Adds a mail of another feature to a batch. Says whether mails are sent here at all.
    ///
    /// # Errors
    /// Internal, if it cannot be written down.
    pub fn notify(&self, batch: &mut guildhall_infra::db::Batch, notice: &Notice) -> Result<bool> {
        self.tell(batch, &Letter::Notice(notice.clone()))?;
        Ok(self.0.config.post.is_some())
    }
}

impl Job for SendLetter {
    const NAME: &'static str = "accounts.mail";
    const RULES: Rules = Rules::new()
        .queue("mail")
        .attempts(12, std::time::Duration::from_secs(2), std::time::Duration::from_secs(120))
        .limit(std::time::Duration::from_secs(60))
        .keep(std::time::Duration::from_secs(24 * 3600));
    type Payload = Letter;
    type Output = ();

    async fn run(&self, ctx: Ctx, letter: Letter) -> Outcome {
        let inner = self.0.upgrade().ok_or_else(|| Error::internal("the accounts are closed"))?;
        let accounts = Accounts(inner);
        let Some(post) = accounts.0.config.post.clone() else { return Ok(()) };
        let id = format!("{}-{}", ctx.id(), ctx.failures());
        let mail = match &letter {
            Letter::Proof(proof) => accounts.write_proof(&post, *proof, id).await?,
            Letter::Moved { user, old, locale } => {
                accounts.write_moved(&post, *user, old, locale, id).await?
            }
            Letter::Leaving { user, due } => accounts.write_leaving(&post, *user, *due, id).await?,
            Letter::Stays { user } => {
                accounts.write_to(&post, *user, &own("stays"), ("/settings/data", ""), id).await?
            }
            Letter::Export { user } => {
                accounts.write_to(&post, *user, &own("copy"), ("/settings/data", ""), id).await?
            }
            Letter::Notice(Notice { user, texts, path, name }) => {
                accounts.write_to(&post, *user, texts, (path, name), id).await?
            }
            Letter::Gone { to, locale } => {
                Some(compose(&post, locale, &own("gone"), (to, id), &Links::default())?)
            }
        };
        let Some(mail) = mail else { return Ok(()) };
        match post.mailer.send(&mail).await {
            Err(error) if error.is(REFUSED) => Err(Stop::fail(error)),
            other => Ok(other?),
        }
    }
}

/// What a mail says.
#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    tag: &'static str,
    site: &'a str,
    subject: &'a str,
    opening: &'a str,
    link: Option<&'a str>,
    action: &'a str,
    or_code: &'a str,
    code: &'a str,
    closing: &'a str,
}

#[derive(Template)]
#[template(path = "letter.txt")]
struct Text<'a> {
    site: &'a str,
    opening: &'a str,
    link: Option<&'a str>,
    action: &'a str,
    or_code: &'a str,
    code: &'a str,
    closing: &'a str,
}

impl Accounts {
    /// Makes the secrets of a proof, and the mail that carries them. None if nobody is to get one.
    async fn write_proof(&self, post: &Post, id: ProofId, mail_id: String) -> Result<Option<Mail>> {
        let now = self.0.clock.now();
        let Some(proof) = mail_proofs::find(&self.0.db, id, now).await? else { return Ok(None) };
        let Some(kind) = self.kind_of_letter(&proof).await? else { return Ok(None) };
        let token = new_code(&mut rand::rng());
        let code = format!("{:06}", rand::rng().random_range(0..1_000_000));
        let hash = TokenHash::of(&token).ok_or_else(|| Error::internal("a link that cannot be hashed"))?;
        let armed = mail_proofs::arm(&self.0.db, id, hash, self.0.hasher.hash(&code).await?, now).await?;
        if !armed {
            return Ok(None);
        }
        let link = format!("{}/login/mail/open/{token}", post.public_url);
        let links = Links { link: Some(&link), code: &code, ..Links::default() };
        compose(post, &proof.locale, &own(kind), (&proof.address, mail_id), &links).map(Some)
    }

    /// Which texts a proof's mail has; none if nobody is to get it.
    async fn kind_of_letter(&self, proof: &MailProof) -> Result<Option<&'static str>> {
        let known = users::find_by_email(&self.0.db, &proof.address).await?.is_some();
        Ok(match proof.purpose {
            Purpose::SignIn if known => Some("sign-in"),
            Purpose::SignIn if self.0.config.registration => Some("welcome"),
            Purpose::Confirm if !known => Some("confirm"),
            Purpose::Reset if known => Some("reset"),
            _ => None,
        })
    }

    async fn write_moved(
        &self,
        post: &Post,
        user: UserId,
        old: &str,
        locale: &str,
        mail_id: String,
    ) -> Result<Option<Mail>> {
        if users::find(&self.0.db, user).await?.is_none() {
            return Ok(None);
        }
        compose(post, locale, &own("moved"), (old, mail_id), &Links::default()).map(Some)
    }

    /// Makes the secret that keeps an account, and the mail that carries it.
    async fn write_leaving(
        &self,
        post: &Post,
        user: UserId,
        due: Timestamp,
        mail_id: String,
    ) -> Result<Option<Mail>> {
        let Some(account) = users::find(&self.0.db, user).await? else { return Ok(None) };
        let Some(to) = &account.email else { return Ok(None) };
        let token = new_code(&mut rand::rng());
        let hash = TokenHash::of(&token).ok_or_else(|| Error::internal("a link that cannot be hashed"))?;
        if !life::arm(&self.0.db, user, due, hash).await? {
            return Ok(None);
        }
        let link = format!("{}/login/keep/open/{token}", post.public_url);
        let date = due.to_string();
        let date = date.get(..10).unwrap_or_default();
        let links = Links { link: Some(&link), date, ..Links::default() };
        compose(post, &account.settings.locale, &own("leaving"), (to, mail_id), &links).map(Some)
    }

    /// A mail to somebody about a page of theirs.
    async fn write_to(
        &self,
        post: &Post,
        user: UserId,
        texts: &str,
        (path, name): (&str, &str),
        mail_id: String,
    ) -> Result<Option<Mail>> {
        let Some(account) = users::find(&self.0.db, user).await? else { return Ok(None) };
        let Some(to) = account.email.as_ref().filter(|_| !account.is_away()) else { return Ok(None) };
        let link = format!("{}{path}", post.public_url);
        let links = Links { link: Some(&link), name, ..Links::default() };
        compose(post, &account.settings.locale, texts, (to, mail_id), &links).map(Some)
    }
}

/// What a mail carries besides its texts.
#[derive(Default)]
struct Links<'a> {
    link: Option<&'a str>,
    /// Empty where there is none.
    code: &'a str,
    date: &'a str,
    name: &'a str,
}

/// How the keys of the texts of one of our own letters begin.
fn own(kind: &str) -> String {
    format!("mail-letter-{kind}")
}

fn compose(
    post: &Post,
    locale: &str,
    texts: &str,
    (to, id): (&str, String),
    links: &Links<'_>,
) -> Result<Mail> {
    let language = Language::of_tag(locale).unwrap_or_default();
    let text = |part: &str| {
        let key = format!("{texts}-{part}");
        let values =
            [("site", post.site.as_str().into()), ("date", links.date.into()), ("name", links.name.into())];
        post.words.text_with(language, &key, &values)
    };
    let (subject, opening, closing) = (text("subject"), text("opening"), text("closing"));
    let action = if links.link.is_some() { text("action") } else { String::new() };
    let or_code = post.words.text(language, "mail-letter-or-code");
    let (link, code) = (links.link, links.code);
    let (site, opening, action, or_code, closing) =
        (post.site.as_str(), opening.as_str(), action.as_str(), or_code.as_str(), closing.as_str());
    let plain = Text { site, opening, link, action, or_code, code, closing };
    let html =
        Html { tag: language.tag(), site, subject: &subject, opening, link, action, or_code, code, closing };
    Ok(Mail {
        to: to.to_owned(),
        text: plain.render().map_err(Error::internal)?,
        html: html.render().map_err(Error::internal)?,
        subject,
        id,
    })
}
