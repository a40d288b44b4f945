//! Reading members.

use guildhall_accounts::Actor;
use guildhall_base::{Form, GuildId, Result, UserId};

use crate::model::Member;
use crate::rules::limits;
use crate::{Chat, codes};

/// Members that a search reads at once.
const PAGE: i64 = 1000;

impl Chat {
    /// A member of a guild.
    pub(crate) async fn read_member(&self, actor: &Actor, guild: GuildId, user: UserId) -> Result<Member> {
        let access = self.guild(actor, guild).await?;
        Ok(self.member(&access.room, user).await?.ok_or(codes::UNKNOWN_MEMBER)?)
    }

    /// A page of a guild's members by ascending id. Bots need the privileged intent for members.
    pub(crate) async fn members(
        &self,
        actor: &Actor,
        guild: GuildId,
        after: Option<UserId>,
        limit: Option<i64>,
    ) -> Result<Vec<Member>> {
        let access = self.guild(actor, guild).await?;
        let limit = page_size(limit)?;
        if actor.user.bot && !self.parts.applications.of_actor(actor).await?.may_members() {
            return Err(codes::MISSING_ACCESS.into());
        }
        self.members_after(&access.room, after.unwrap_or(UserId::new(0)), limit).await
    }

    /// The members whose name or nickname begins so, by ascending id.
    pub(crate) async fn search_members(
        &self,
        actor: &Actor,
        guild: GuildId,
        query: &str,
        limit: Option<i64>,
    ) -> Result<Vec<Member>> {
        let access = self.guild(actor, guild).await?;
        let mut form = Form::new();
        form.length("query", query, 1..=100);
        form.finish()?;
        let limit = usize::try_from(page_size(limit)?).unwrap_or(1);
        let prefix = query.to_lowercase();
        let (mut found, mut after) = (Vec::new(), UserId::new(0));
        while found.len() < limit {
            let page = self.members_after(&access.room, after, PAGE).await?;
            let Some(last) = page.last().and_then(|member| member.user.as_ref()) else { break };
            after = last.id;
            found.extend(page.into_iter().filter(|member| is_called(member, &prefix)));
        }
        found.truncate(limit);
        Ok(found)
    }
}

fn page_size(limit: Option<i64>) -> Result<i64> {
    let limit = limit.unwrap_or(1);
    let mut form = Form::new();
    form.range("limit", limit, limits::MEMBERS);
    form.finish()?;
    Ok(limit)
}

/// Whether one of a member's names begins with this, in lower case.
fn is_called(member: &Member, prefix: &str) -> bool {
    let user = member.user.as_ref();
    let names = [
        user.map(|user| user.username.as_str()),
        user.and_then(|user| user.global_name.as_deref()),
        member.settings.nick.as_deref(),
    ];
    names.into_iter().flatten().any(|name| name.to_lowercase().starts_with(prefix))
}
