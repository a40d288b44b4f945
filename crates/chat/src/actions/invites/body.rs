//! Invites as clients see them (<https://discord.com/developers/docs/resources/invite>).

use guildhall_accounts::User;
use guildhall_base::{ChannelId, GuildId, Result, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::super::bodies::Counts;
use crate::Chat;
use crate::model::ChannelType;
use crate::store::invites::StoredInvite;
use crate::world::{GuildRoom, GuildState};

/// How much of an invite is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Detail {
    /// How many members the guild has.
    pub(super) counts: bool,
    /// How the invite was made and used.
    pub(super) metadata: bool,
}

impl Detail {
    pub(super) const WITH_METADATA: Self = Self { counts: false, metadata: true };
}

/// An invite.
#[derive(Serialize)]
pub(crate) struct InviteBody {
    #[serde(rename = "type")]
    kind: u8,
    code: String,
    expires_at: Option<Timestamp>,
    flags: u8,
    guild_id: GuildId,
    guild: InviteGuild,
    channel: InviteChannel,
    #[serde(skip_serializing_if = "Option::is_none")]
    inviter: Option<User>,
    #[serde(flatten)]
    counts: Option<Counts>,
    #[serde(flatten)]
    metadata: Option<Metadata>,
    /// Only for those who have just used it: whether they were no member before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) new_member: Option<bool>,
}

/// An invite as its page shows it.
pub(crate) struct InviteCard {
    pub(crate) guild: String,
    pub(crate) description: Option<String>,
    pub(crate) inviter: Option<String>,
    pub(crate) channel: String,
    pub(crate) members: usize,
    /// The address of the channel that it leads to.
    pub(crate) place: String,
}

impl From<InviteBody> for InviteCard {
    fn from(body: InviteBody) -> Self {
        Self {
            place: format!("/channels/{}/{}", body.guild_id, body.channel.id),
            guild: body.guild.name,
            description: body.guild.description,
            inviter: body.inviter.map(|user| user.display_name().to_owned()),
            channel: body.channel.name,
            members: body.counts.map_or(0, |counts| counts.approximate_member_count),
        }
    }
}

/// What those who are not in it learn of a guild.
#[derive(Serialize)]
struct InviteGuild {
    id: GuildId,
    name: String,
    icon: Option<String>,
    splash: Option<String>,
    banner: Option<String>,
    description: Option<String>,
    features: Vec<String>,
    verification_level: u8,
    vanity_url_code: Option<u8>,
    nsfw_level: u8,
    nsfw: bool,
    premium_subscription_count: u32,
    premium_tier: u8,
}

/// Where an invite leads.
#[derive(Serialize)]
struct InviteChannel {
    id: ChannelId,
    #[serde(rename = "type")]
    kind: ChannelType,
    name: String,
}

#[derive(Serialize)]
struct Metadata {
    uses: i64,
    max_uses: i64,
    max_age: i64,
    temporary: bool,
    created_at: Timestamp,
}

impl Metadata {
    fn of(invite: &StoredInvite) -> Self {
        Self {
            uses: invite.uses,
            max_uses: invite.max_uses,
            max_age: invite.max_age,
            temporary: invite.temporary,
            created_at: invite.created_at,
        }
    }
}

impl Chat {
    /// One invite as clients see it.
    pub(super) async fn invite_body(
        &self,
        room: &GuildRoom,
        invite: StoredInvite,
        detail: Detail,
    ) -> Result<InviteBody> {
        let inviter = self.parts.accounts.users(&[invite.inviter]).await?;
        let inviter = inviter.get(&invite.inviter).map(|user| User::clone(user));
        let state = room.read();
        let counts = detail.counts.then(|| self.counts_of(&state));
        Ok(wire(&state, invite, inviter, counts, detail))
    }

    /// Invites of one guild as clients see them.
    pub(super) async fn invite_bodies(
        &self,
        room: &GuildRoom,
        invites: Vec<StoredInvite>,
        detail: Detail,
    ) -> Result<Vec<InviteBody>> {
        let inviters: Vec<_> = invites.iter().map(|invite| invite.inviter).collect();
        let users = self.parts.accounts.users(&inviters).await?;
        let state = room.read();
        let counts = detail.counts.then(|| self.counts_of(&state));
        let body = |invite: StoredInvite| {
            let inviter = users.get(&invite.inviter).map(|user| User::clone(user));
            wire(&state, invite, inviter, counts, detail)
        };
        Ok(invites.into_iter().map(body).collect())
    }
}

fn wire(
    state: &GuildState,
    invite: StoredInvite,
    inviter: Option<User>,
    counts: Option<Counts>,
    detail: Detail,
) -> InviteBody {
    let settings = &state.guild.settings;
    let channel = state.channels.get(&invite.channel).map(|state| &state.channel);
    InviteBody {
        kind: 0,
        expires_at: invite.expires_at,
        flags: 0,
        guild_id: invite.guild,
        guild: InviteGuild {
            id: invite.guild,
            name: settings.name.clone(),
            icon: settings.icon.clone(),
            splash: settings.splash.clone(),
            banner: settings.banner.clone(),
            description: settings.description.clone(),
            features: settings.features.clone(),
            verification_level: settings.verification_level,
            vanity_url_code: None,
            nsfw_level: settings.nsfw_level,
            nsfw: false,
            premium_subscription_count: 0,
            premium_tier: 0,
        },
        channel: InviteChannel {
            id: invite.channel,
            kind: channel.map_or(ChannelType::Text, |channel| channel.kind),
            name: channel.and_then(|channel| channel.settings.name.clone()).unwrap_or_default(),
        },
        inviter,
        counts,
        metadata: detail.metadata.then(|| Metadata::of(&invite)),
        new_member: None,
        code: invite.code,
    }
}

/// The body of `INVITE_CREATE`.
pub(super) fn created(invite: &StoredInvite, inviter: &User) -> Value {
    json!({
        "type": 0,
        "code": invite.code,
        "guild_id": invite.guild,
        "channel_id": invite.channel,
        "inviter": inviter,
        "created_at": invite.created_at,
        "expires_at": invite.expires_at,
        "max_age": invite.max_age,
        "max_uses": invite.max_uses,
        "temporary": invite.temporary,
        "uses": 0,
    })
}

/// What the audit log keeps of an invite.
pub(super) fn audited(invite: &StoredInvite) -> Value {
    json!({
        "code": invite.code,
        "channel_id": invite.channel,
        "inviter_id": invite.inviter,
        "max_age": invite.max_age,
        "max_uses": invite.max_uses,
        "temporary": invite.temporary,
        "uses": invite.uses,
        "flags": 0,
    })
}
