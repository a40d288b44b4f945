//! Which kinds of jobs there are.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use guildhall_base::{Error, Result};
use serde::Serialize;
use serde_json::Value;

use super::Ctx;
use super::job::{Job, Outcome, Rules, Stop};
use super::model::Owner;

/// What is known of a kind of job.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct About {
    /// Its name.
    pub name: &'static str,
    /// The newest payload it understands.
    pub version: u32,
    /// How it is treated.
    #[serde(skip)]
    pub rules: Rules,
}

impl About {
    pub(super) fn of<J: Job>() -> Self {
        Self { name: J::NAME, version: J::VERSION, rules: J::RULES }
    }
}

/// A payload that is ready to be kept.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) payload: String,
    /// What is kept of it once the job is over, if less.
    pub(super) afterwards: Option<String>,
    /// [`Job::unique`].
    pub(super) unique: Option<String>,
}

/// [`Job::afterwards`], as JSON.
pub(super) fn afterwards<J: Job>(payload: &J::Payload) -> Result<Option<String>> {
    J::afterwards(payload).map(|kept| serde_json::to_string(&kept).map_err(Error::internal)).transpose()
}

/// A job whose types are forgotten.
pub(super) trait Kind: Send + Sync {
    /// What is known of it.
    fn about(&self) -> About;
    /// Whether it understands a payload.
    fn check(&self, payload: &str) -> Result<()>;
    /// [`Job::admit`].
    fn admit(self: Arc<Self>, owner: Owner, payload: String) -> BoxFuture<'static, Result<()>>;
    /// [`Job::prepare`], [`Job::afterwards`] and [`Job::unique`].
    fn prepare(self: Arc<Self>, payload: String) -> BoxFuture<'static, Result<Ready>>;
    /// [`Job::preview`].
    fn preview(self: Arc<Self>, owner: Owner, payload: String) -> BoxFuture<'static, Result<Value>>;
    /// Runs it with a payload of this version; gives the result as JSON.
    fn run(self: Arc<Self>, ctx: Ctx, version: u32, payload: String) -> BoxFuture<'static, Outcome<String>>;
}

/// A job whose types are known.
pub(super) struct Typed<J>(pub(super) J);

impl<J: Job> Kind for Typed<J> {
    fn about(&self) -> About {
        About::of::<J>()
    }

    fn check(&self, payload: &str) -> Result<()> {
        J::read(J::VERSION, payload).map(drop)
    }

    fn admit(self: Arc<Self>, owner: Owner, payload: String) -> BoxFuture<'static, Result<()>> {
        async move { self.0.admit(owner, J::read(J::VERSION, &payload)?).await }.boxed()
    }

    fn prepare(self: Arc<Self>, payload: String) -> BoxFuture<'static, Result<Ready>> {
        async move {
            let payload = self.0.prepare(J::read(J::VERSION, &payload)?).await?;
            let unique = J::unique(&payload);
            let afterwards = afterwards::<J>(&payload)?;
            let payload = serde_json::to_string(&payload).map_err(Error::internal)?;
            Ok(Ready { payload, afterwards, unique })
        }
        .boxed()
    }

    fn preview(self: Arc<Self>, owner: Owner, payload: String) -> BoxFuture<'static, Result<Value>> {
        async move { self.0.preview(owner, J::read(J::VERSION, &payload)?).await }.boxed()
    }

    fn run(self: Arc<Self>, ctx: Ctx, version: u32, payload: String) -> BoxFuture<'static, Outcome<String>> {
        async move {
            let payload = J::read(version, &payload).map_err(Stop::fail)?;
            let output = self.0.run(ctx, payload).await?;
            serde_json::to_string(&output).map_err(|error| Stop::fail(Error::internal(error)))
        }
        .boxed()
    }
}
