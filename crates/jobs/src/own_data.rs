//! What the engine keeps of people: the jobs that they started or that are about them.

use guildhall_accounts::life::{Archive, Later, OwnData, UserColumn};
use guildhall_base::{Result, UserId};
use guildhall_infra::jobs::{Ctx, Effects, Filter, Outcome};
use serde_json::json;

use crate::Desk;

/// Jobs that are read together.
const PAGE: u16 = 100;

const COLUMNS: &[UserColumn] = &[UserColumn::gone("jobs", "user_id")];

impl OwnData for Desk {
    fn name(&self) -> &'static str {
        "jobs"
    }

    fn columns(&self) -> &'static [UserColumn] {
        COLUMNS
    }

    fn export<'a>(&'a self, user: UserId, archive: &'a mut Archive) -> Later<'a, Result<()>> {
        Box::pin(async move {
            archive.list("jobs.json").await?;
            let mut filter = Filter { user: Some(user), ..Filter::default() };
            loop {
                let page = self.jobs().list(&filter, PAGE).await?;
                for job in &page {
                    let entry = json!({
                        "id": job.id, "name": job.name, "state": job.state.as_str(), "guild_id": job.owner.guild,
                        "result": job.result, "created_at": job.created_at, "finished_at": job.finished_at,
                    });
                    archive.item(&entry).await?;
                }
                match page.last() {
                    Some(last) if page.len() == usize::from(PAGE) => filter.before = Some(last.id),
                    _ => return archive.end_list().await,
                }
            }
        })
    }

    fn forget<'a>(&'a self, _ctx: &'a Ctx, user: UserId, _effects: Effects) -> Later<'a, Outcome> {
        Box::pin(async move { Ok(self.jobs().forget_user(user).await?) })
    }
}
