//! Which events change who may do and see what. Most updates do not: a new name, another place in the order.

use guildhall_base::Result;
use guildhall_infra::events::Event;
use serde::Deserialize;

use super::GuildState;
use crate::model::{Channel, Guild, Role};

#[derive(Deserialize)]
struct RoleBody {
    role: Role,
}

impl GuildState {
    /// Whether the next event, which has not been taken in yet, may change anybody's permissions in the guild or in
    /// one of its channels. Answers yes when in doubt.
    pub fn is_sight_at_stake(&self, event: &Event) -> bool {
        self.compare(event).unwrap_or(true)
    }

    fn compare(&self, event: &Event) -> Result<bool> {
        Ok(match &*event.name {
            // Nobody holds it yet.
            "GUILD_ROLE_CREATE" => false,
            "GUILD_ROLE_UPDATE" => {
                let RoleBody { role: new } = event.parse()?;
                self.roles.get(&new.id).is_none_or(|old| {
                    let same = old.permissions == new.permissions
                        && old.denied_permissions == new.denied_permissions;
                    // The order matters only where a role takes away what another gives.
                    let ordered = || self.roles.values().any(|role| !role.denied_permissions.is_empty());
                    !same || (old.position != new.position && ordered())
                })
            }
            "CHANNEL_UPDATE" | "THREAD_UPDATE" => {
                let new: Channel = event.parse()?;
                self.channels.get(&new.id).is_none_or(|state| {
                    let old = &state.channel;
                    old.kind != new.kind
                        || old.permission_overwrites != new.permission_overwrites
                        || (new.kind.is_thread() && old.parent_id != new.parent_id)
                })
            }
            "GUILD_UPDATE" => event.parse::<Guild>()?.owner_id != self.guild.owner_id,
            _ => true,
        })
    }
}
