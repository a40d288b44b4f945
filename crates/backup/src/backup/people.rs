//! Reading members and bans, a page in each step.

use guildhall_base::{Timestamp, UserId};
use guildhall_infra::jobs::{Outcome, Phrase};
use serde::{Deserialize, Serialize};

use super::Run;
use super::tree::optional;
use crate::archive::{Entry, PAGE};
use crate::model::{Ban, Member};

/// What a step has read.
#[derive(Serialize, Deserialize)]
struct Page {
    entry: Option<Entry>,
    /// The largest id, after which the next page begins.
    last: Option<UserId>,
    count: usize,
}

#[derive(Deserialize)]
struct Person {
    id: UserId,
    #[serde(default)]
    username: String,
    #[serde(default)]
    bot: bool,
}

#[derive(Deserialize)]
struct WireMember {
    user: Person,
    #[serde(default)]
    nick: Option<String>,
    #[serde(default)]
    roles: Vec<guildhall_base::RoleId>,
    #[serde(default)]
    joined_at: Option<Timestamp>,
    #[serde(default)]
    communication_disabled_until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct WireBan {
    user: Person,
    #[serde(default)]
    reason: Option<String>,
}

impl Run<'_> {
    /// Keeps the members; gives how many there are. Elsewhere a bot may need an intent for the list: without it there
    /// are none.
    pub(super) async fn members(&self, entries: &mut Vec<Entry>) -> Outcome<u64> {
        let (mut after, mut count) = (UserId::new(0), 0);
        for page in 0.. {
            let name = format!("members-{page}");
            let read = self.step(&name, async |_| {
                let path = format!("/guilds/{}/members?limit={PAGE}&after={after}", self.guild);
                let Some(found) = optional::<Vec<WireMember>>(&self.remote, &path).await? else {
                    self.ctx.say(Phrase::new(
                        "backup-job-no-members",
                        "The members cannot be read: they are left out",
                    ));
                    return Ok(Page { entry: None, last: None, count: 0 });
                };
                let members: Vec<Member> = found.into_iter().map(Member::from).collect();
                let last = members.iter().map(|member| member.user_id).max();
                let kept = if members.is_empty() {
                    None
                } else {
                    Some(self.work.put_members(page, &members).await?)
                };
                Ok(Page { entry: kept, last, count: members.len() })
            });
            let read = read.await?;
            entries.extend(read.entry);
            count += read.count as u64;
            match read.last {
                Some(last) if read.count == PAGE => after = last,
                _ => break,
            }
        }
        Ok(count)
    }

    /// Keeps the bans.
    pub(super) async fn bans(&self, entries: &mut Vec<Entry>) -> Outcome {
        let mut after = UserId::new(0);
        for page in 0.. {
            let name = format!("bans-{page}");
            let read = self.step(&name, async |_| {
                let path = format!("/guilds/{}/bans?limit={PAGE}&after={after}", self.guild);
                let Some(found) = optional::<Vec<WireBan>>(&self.remote, &path).await? else {
                    self.ctx
                        .say(Phrase::new("backup-job-no-bans", "The bans cannot be read: they are left out"));
                    return Ok(Page { entry: None, last: None, count: 0 });
                };
                let bans: Vec<Ban> = found.into_iter().map(Ban::from).collect();
                let last = bans.iter().map(|ban| ban.user_id).max();
                let kept = if bans.is_empty() { None } else { Some(self.work.put_bans(page, &bans).await?) };
                Ok(Page { entry: kept, last, count: bans.len() })
            });
            let read = read.await?;
            entries.extend(read.entry);
            match read.last {
                Some(last) if read.count == PAGE => after = last,
                _ => break,
            }
        }
        Ok(())
    }
}

impl From<WireMember> for Member {
    fn from(member: WireMember) -> Self {
        Self {
            user_id: member.user.id,
            username: member.user.username,
            bot: member.user.bot,
            nick: member.nick,
            roles: member.roles,
            joined_at: member.joined_at,
            communication_disabled_until: member.communication_disabled_until,
        }
    }
}

impl From<WireBan> for Ban {
    fn from(ban: WireBan) -> Self {
        Self { user_id: ban.user.id, username: ban.user.username, reason: ban.reason }
    }
}
