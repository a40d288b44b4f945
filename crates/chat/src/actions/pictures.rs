//! Pictures of guilds, roles and members: kept under the paths by which Discord's CDN names them.

use guildhall_base::{GuildId, Patch, Result, RoleId, UserId, WebhookId};
use guildhall_infra::pictures::{self, Upload};

use crate::Chat;

/// Whose picture, and which of them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gallery {
    /// A guild's icon.
    Icon(GuildId),
    /// What is behind a guild's invites.
    Splash(GuildId),
    /// What is behind a guild in a directory.
    DiscoverySplash(GuildId),
    /// A guild's banner.
    Banner(GuildId),
    /// A role's icon.
    Role(RoleId),
    /// A webhook's picture, and those under which its messages were sent.
    Webhook(WebhookId),
    /// A member's own picture in a guild.
    MemberAvatar(GuildId, UserId),
    /// A member's own banner in a guild.
    MemberBanner(GuildId, UserId),
}

impl Gallery {
    /// Where the blobs are, and the path before the hash by which they are served.
    pub(crate) fn folder(self) -> String {
        match self {
            Self::Icon(guild) => format!("icons/{guild}"),
            Self::Splash(guild) => format!("splashes/{guild}"),
            Self::DiscoverySplash(guild) => format!("discovery-splashes/{guild}"),
            Self::Banner(guild) => format!("banners/{guild}"),
            Self::Role(role) => format!("role-icons/{role}"),
            // Where users' are: clients take a webhook for the author of its messages.
            Self::Webhook(webhook) => format!("avatars/{webhook}"),
            Self::MemberAvatar(guild, user) => format!("guilds/{guild}/users/{user}/avatars"),
            Self::MemberBanner(guild, user) => format!("guilds/{guild}/users/{user}/banners"),
        }
    }

    fn field(self) -> &'static str {
        match self {
            Self::Icon(_) | Self::Role(_) => "icon",
            Self::Splash(_) => "splash",
            Self::DiscoverySplash(_) => "discovery_splash",
            Self::Banner(_) | Self::MemberBanner(..) => "banner",
            Self::MemberAvatar(..) | Self::Webhook(_) => "avatar",
        }
    }
}

impl Chat {
    /// Keeps a picture that a body names; gives what becomes of the hash.
    pub(crate) async fn keep_picture(
        &self,
        gallery: Gallery,
        wanted: &Patch<Upload>,
    ) -> Result<Patch<String>> {
        Ok(match wanted {
            None => None,
            Some(None) => Some(None),
            Some(Some(upload)) => Some(Some(
                pictures::keep(&self.parts.blobs, &gallery.folder(), gallery.field(), upload).await?,
            )),
        })
    }
}
