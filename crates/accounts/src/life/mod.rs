//! What belongs to a person in all features: copied for them, and forgotten when they go.
//!
//! A feature says by [`OwnData`] what it keeps of people; the application hands the features to
//! [`Accounts::offer_life`], once. The job [`Export`] asks each for a copy; the job [`Leave`] has each forget.

mod archive;
mod export;
mod leave;
mod own;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};

use guildhall_base::codes::UNAVAILABLE;
use guildhall_base::{Error, Result, UserId};
use guildhall_infra::i18n::Words;
use guildhall_infra::jobs::{Ctx, Effects, Jobs, Outcome};
use serde::Serialize;

pub use archive::Archive;
pub(crate) use export::{Export, FILE, PAUSE};
pub(crate) use leave::{Leave, Leaver};

use crate::Accounts;

/// What an [`OwnData`] answers later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What becomes of a column when the user goes whose id it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// No row with their id is left.
    Gone,
    /// Rows stay, and with them the number of an account behind which nobody is; why.
    Nameless(&'static str),
}

/// A column that holds ids of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What becomes of it.
    pub fate: Fate,
}

impl UserColumn {
    /// A column whose rows go.
    pub const fn gone(table: &'static str, column: &'static str) -> Self {
        Self { table, column, fate: Fate::Gone }
    }

    /// A column whose rows stay, and why.
    pub const fn nameless(table: &'static str, column: &'static str, why: &'static str) -> Self {
        Self { table, column, fate: Fate::Nameless(why) }
    }
}

/// Something that must have another owner, or be gone, before its owner can go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hindrance {
    /// What it is: `guild`.
    pub kind: &'static str,
    /// Which.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// What one feature keeps of people.
pub trait OwnData: Send + Sync + 'static {
    /// Its name: the folder in a copy, and in `life-part-NAME`, the text that says what is in it.
    fn name(&self) -> &'static str;

    /// Every column of its tables that holds ids of users. A test finds those that are missing here.
    fn columns(&self) -> &'static [UserColumn];

    /// Writes all that is a person's own into their copy.
    ///
    /// # Errors
    /// If it cannot be read or written; the copy is made again from the beginning.
    fn export<'a>(&'a self, user: UserId, archive: &'a mut Archive) -> Later<'a, Result<()>>;

    /// What keeps a person from going.
    ///
    /// # Errors
    /// If it cannot be read.
    fn hindrances(&self, _user: UserId) -> Later<'_, Result<Vec<Hindrance>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Forgets a person, or a bot of theirs; may be left at any `await` and called again. What is added to the effects
    /// is committed together with the entry that says that it is done.
    ///
    /// # Errors
    /// If something cannot be done now; it is tried again.
    fn forget<'a>(&'a self, ctx: &'a Ctx, user: UserId, effects: Effects) -> Later<'a, Outcome>;
}

/// What accounts need of all features.
pub(crate) struct Life {
    pub(crate) jobs: Jobs,
    pub(crate) words: Words,
    /// Weak, because the features hold the accounts; the engine's jobs hold them, until it is closed.
    parts: Vec<Weak<dyn OwnData>>,
}

impl Life {
    /// Everything that keeps a person from going.
    pub(crate) async fn hindrances(&self, user: UserId) -> Result<Vec<Hindrance>> {
        let mut all = Vec::new();
        for part in &self.parts {
            let part = part.upgrade().ok_or_else(|| Error::internal("the features are closed"))?;
            all.extend(part.hindrances(user).await?);
        }
        Ok(all)
    }
}

impl Accounts {
    /// Lets people have copies of their data and delete their accounts: makes the jobs known that do it, over the data
    /// of these features, in the order in which they forget. What accounts themselves keep comes last.
    pub fn offer_life(&self, jobs: &Jobs, words: &Words, mut parts: Vec<Arc<dyn OwnData>>) {
        parts.push(Arc::new(own::Own(Arc::downgrade(&self.0))));
        let weak = parts.iter().map(Arc::downgrade).collect();
        let life = Life { jobs: jobs.clone(), words: words.clone(), parts: weak };
        if self.0.life.set(life).is_err() {
            tracing::error!("what belongs to people was said twice; the first counts");
        }
        let parts: Arc<[Arc<dyn OwnData>]> = parts.into();
        jobs.register(Export { inner: Arc::downgrade(&self.0), parts: parts.clone() });
        jobs.register(Leave { inner: Arc::downgrade(&self.0), parts });
    }

    /// Every column that holds ids of users, of these features and of accounts: for the test that none is missing.
    pub fn user_columns(parts: &[Arc<dyn OwnData>]) -> Vec<UserColumn> {
        let others = parts.iter().flat_map(|part| part.columns());
        others.chain(own::COLUMNS).copied().collect()
    }

    pub(crate) fn offered(&self) -> Result<&Life> {
        self.0.life.get().ok_or_else(|| UNAVAILABLE.because("This server has no jobs to do it with."))
    }
}
