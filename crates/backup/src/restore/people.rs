//! Members' roles and nicknames, and bans. All of it can be repeated; a step is a few people.

use std::collections::BTreeSet;

use guildhall_base::{RoleId, UserId};
use guildhall_infra::jobs::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::carry::{Carrier, REASON};
use crate::model::{Ban, Member};
use crate::plan::{Deed, Mode, Operation, Resolve as _, What};
use crate::remote::Fault;

/// How many people a step is about.
const CHUNK: usize = 50;

/// What the steps begin with that ban people.
pub(crate) const BANS: &str = "bans-";

/// How a step ended.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct People {
    done: u64,
    refused: Vec<(String, String)>,
    /// Who is banned now: also those whom a run that died may have banned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) banned: Vec<UserId>,
}

impl Carrier<'_> {
    pub(super) async fn members(&self) -> Outcome {
        let operation = Operation::new(Deed::Fill, What::Members);
        let managed = self.untouchable().await?;
        for page in 0..self.archive.member_pages() {
            let members = self.archive.members(page).await?;
            for (index, chunk) in members.chunks(CHUNK).enumerate() {
                let name = format!("members-{page}-{index}");
                let people: People = self
                    .ctx
                    .step(&name, async |_| {
                        let mut people = People::default();
                        for member in chunk {
                            let answer = self.member(member, &managed).await;
                            people.note(answer, &member.username)?;
                        }
                        Ok(people)
                    })
                    .await?;
                self.tell(&operation, people, chunk.len());
            }
        }
        Ok(())
    }

    /// Roles of the target that are neither given nor taken.
    async fn untouchable(&self) -> Outcome<BTreeSet<RoleId>> {
        let roles: Vec<crate::model::Role> =
            self.remote.get(&format!("/guilds/{}/roles", self.guild)).await?;
        let mut fixed: BTreeSet<RoleId> =
            roles.iter().filter(|role| role.managed).map(|role| role.id).collect();
        fixed.extend(&self.options.protected_roles);
        Ok(fixed)
    }

    /// Gives a member back what they had; whether anything was to be done.
    async fn member(&self, member: &Member, fixed: &BTreeSet<RoleId>) -> Result<bool, Fault> {
        let path = format!("/guilds/{}/members/{}", self.guild, member.user_id);
        let there: Value = match self.remote.get(&path).await {
            Ok(there) => there,
            // Who is not there gets it when they return: see the job that gives roles back.
            Err(fault) if fault.is_gone() => return Ok(false),
            Err(fault) => return Err(fault),
        };
        let held = there.get("roles").and_then(Value::as_array).into_iter().flatten();
        let held: BTreeSet<RoleId> = held.filter_map(|id| id.as_str()?.parse().ok()).collect();
        let mut roles: BTreeSet<RoleId> = {
            let made = self.made.lock();
            let wanted = member.roles.iter().filter_map(|role| made.role(*role));
            wanted.filter(|role| !fixed.contains(role)).collect()
        };
        match self.options.mode {
            Mode::Full => roles.extend(held.intersection(fixed)),
            Mode::Difference | Mode::IgnoreExisting => roles.extend(&held),
        }
        let mut body = Map::new();
        if roles != held {
            body.insert("roles".into(), json!(roles));
        }
        let nick = there.get("nick").and_then(Value::as_str);
        let overwrites = self.options.mode != Mode::IgnoreExisting || nick.is_none();
        let clears = self.options.mode == Mode::Full;
        if member.nick.as_deref() != nick && overwrites && (member.nick.is_some() || clears) {
            body.insert("nick".into(), json!(member.nick));
        }
        if body.is_empty() {
            return Ok(false);
        }
        self.remote.patch(&path, &body, Some(REASON)).await.map(|_| true)
    }

    pub(super) async fn bans(&self) -> Outcome {
        let operation = Operation::new(Deed::Fill, What::Bans);
        for page in 0..self.archive.ban_pages() {
            let bans = self.archive.bans(page).await?;
            for (index, chunk) in bans.chunks(CHUNK).enumerate() {
                let people: People = self
                    .ctx
                    .step(&format!("{BANS}{page}-{index}"), async |_| {
                        let mut people = People::default();
                        for ban in chunk {
                            let answer = self.ban(ban).await;
                            people.banned.extend(answer.is_ok().then_some(ban.user_id));
                            people.note(answer, &ban.username)?;
                        }
                        Ok(people)
                    })
                    .await?;
                self.tell(&operation, people, chunk.len());
            }
        }
        Ok(())
    }

    async fn ban(&self, ban: &Ban) -> Result<bool, Fault> {
        let path = format!("/guilds/{}/bans/{}", self.guild, ban.user_id);
        match self.remote.get::<Value>(&path).await {
            Ok(_) => Ok(false),
            Err(fault) if fault.is_gone() => {
                let reason = ban.reason.as_deref().unwrap_or(REASON);
                self.remote.put(&path, &json!({}), Some(reason)).await.map(|_| true)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Lifts the bans of these people, but for those that the backup has.
    pub(super) async fn lift(&self, mut banned: BTreeSet<UserId>) -> Outcome {
        for page in 0..self.archive.ban_pages() {
            for ban in self.archive.bans(page).await? {
                banned.remove(&ban.user_id);
            }
        }
        let operation = Operation::new(Deed::Delete, What::Bans);
        let banned: Vec<UserId> = banned.into_iter().collect();
        for (index, chunk) in banned.chunks(CHUNK).enumerate() {
            let name = format!("lift-{index}");
            let step = self.ctx.step(&name, async |_| {
                let mut people = People::default();
                for user in chunk {
                    let path = format!("/guilds/{}/bans/{user}", self.guild);
                    let answer = self.remote.delete(&path, Some(REASON)).await;
                    people.note(answer.map(|()| true), &user.to_string())?;
                }
                Ok(people)
            });
            self.tell(&operation, step.await?, 0);
        }
        Ok(())
    }

    fn tell(&self, operation: &Operation, people: People, number: usize) {
        let mut report = self.report.lock();
        report.count(super::carry::sort(operation), people.done);
        for (name, why) in people.refused {
            report.refuse(operation.what, &name, why);
        }
        drop(report);
        self.progressed(number as u64, operation);
    }
}

impl People {
    fn note(&mut self, answer: Result<bool, Fault>, name: &str) -> Outcome {
        match answer {
            Ok(done) => self.done += u64::from(done),
            Err(fault) => match fault.refusal() {
                Some(refusal) => self.refused.push((name.to_owned(), refusal.to_string())),
                None => return Err(fault.into()),
            },
        }
        Ok(())
    }
}
