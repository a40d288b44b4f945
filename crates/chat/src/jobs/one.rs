//! What mass jobs have in common: one step for one of many, and the count of them.

use std::collections::HashMap;

use guildhall_base::{Error, Kind, Result, UserId, codes::CONFLICT};
use guildhall_infra::jobs::{Ctx, Effects, Outcome, Owner, Phrase, Stop, codes::STATE};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::actions::LAYOUT_ATTEMPTS;
use crate::model::Tally;
use crate::{Chat, codes};

/// What became of one of many; the result of its step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Part<T> {
    /// Something changed.
    Done(T),
    /// There was nothing to do.
    Unchanged,
    /// It may not be, or cannot; why, for a person.
    Refused(String),
}

/// Does one of many as a step. It is tried again when somebody else was faster; a refusal is noted and fails nobody
/// else.
pub(super) async fn one<T, F>(
    ctx: &Ctx,
    user: UserId,
    tally: &mut Tally,
    body: impl Fn(Effects) -> F,
) -> Outcome<Option<T>>
where
    T: Serialize + DeserializeOwned,
    F: Future<Output = Result<Option<T>>>,
{
    let name = step_name(user);
    for _ in 0..LAYOUT_ATTEMPTS {
        let done = ctx
            .step(&name, async |effects| Ok(body(effects).await?.map_or(Part::Unchanged, Part::Done)))
            .await;
        let part = match done {
            Err(Stop::Retry(error)) if error.is(CONFLICT) => continue,
            Err(Stop::Retry(error)) if is_refusal(&error) => {
                let why = error.detail.to_string();
                ctx.step(&name, async |_| {
                    let words = Phrase::new("mass-job-refused", format!("{user}: {why}"));
                    ctx.say(words.with("user", user.to_string()).with_failure("why", &error));
                    Ok(Part::Refused(why))
                })
                .await?
            }
            other => other?,
        };
        return Ok(match part {
            Part::Done(value) => {
                tally.done += 1;
                Some(value)
            }
            Part::Unchanged => {
                tally.unchanged += 1;
                None
            }
            Part::Refused(_) => {
                tally.failed += 1;
                None
            }
        });
    }
    Err(Error::from(CONFLICT).into())
}

/// Whether trying again would end the same way.
fn is_refusal(error: &Error) -> bool {
    !matches!(error.kind(), Kind::Internal | Kind::Unavailable | Kind::RateLimited)
}

fn step_name(user: UserId) -> String {
    format!("user-{user}")
}

/// What really changed with each, from the journal of the job that did it.
pub(super) fn changed<T: DeserializeOwned>(steps: HashMap<String, String>) -> Result<Vec<(UserId, T)>> {
    let mut changed = Vec::new();
    for (name, result) in steps {
        let Some(user) = name.strip_prefix("user-").and_then(|user| user.parse().ok()) else { continue };
        if let Part::Done(value) = serde_json::from_str(&result).map_err(Error::internal)? {
            changed.push((user, value));
        }
    }
    changed.sort_unstable_by_key(|(user, _): &(UserId, T)| *user);
    Ok(changed)
}

impl Chat {
    /// Refuses to undo what is no such job of the guild.
    pub(super) async fn check_undo(
        &self,
        owner: Owner,
        job: guildhall_base::JobId,
        kind: &str,
    ) -> Result<()> {
        let record = self.parts.jobs.get(job).await?;
        if record.name != kind || record.owner.guild != owner.guild {
            return Err(guildhall_base::codes::NOT_FOUND.into());
        }
        if !record.state.is_final() {
            return Err(STATE.into());
        }
        Ok(())
    }
}

/// How far a mass job is, in words.
pub(super) fn progress(ctx: &Ctx, tally: &Tally, total: usize) {
    let done = tally.done + tally.unchanged + tally.failed;
    let english = format!("{} changed, {} unchanged, {} failed", tally.done, tally.unchanged, tally.failed);
    let words = Phrase::new("mass-job-counts", english);
    let words =
        words.with("done", tally.done).with("unchanged", tally.unchanged).with("failed", tally.failed);
    ctx.progress(done, u64::try_from(total).ok(), words);
}

/// An undo whose job is gone cannot succeed any more.
pub(super) fn undo_refused(error: Error) -> Stop {
    if error.kind() == Kind::NotFound { Stop::fail(codes::RIGHT_LOST) } else { error.into() }
}
