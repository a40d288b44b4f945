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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};
    use std::sync::Arc;

    use guildhall_base::{ChannelId, GuildId, Permissions, RoleId, Timestamp, UserId};
    use guildhall_infra::events::Audience;
    use serde::Serialize;
    use serde_json::json;

    use super::*;
    use crate::model::{ChannelType, Constants, GuildSettings, Overwrite, OverwriteType, RoleSettings};
    use crate::world::ChannelState;

    const GUILD: GuildId = GuildId::new(1);

    fn role(position: i64, permissions: Permissions) -> Role {
        let (id, settings) = (RoleId::new(2), RoleSettings::default());
        Role { id, position, permissions, denied_permissions: Permissions::empty(), settings }
    }

    fn channel() -> Channel {
        Channel { guild_id: Some(GUILD), ..Channel::direct(ChannelId::new(3), ChannelType::Text) }
    }

    fn guild(owner: i64, name: &str) -> Guild {
        let settings = GuildSettings::named(name.into());
        Guild { id: GUILD, owner_id: UserId::new(owner), settings, constants: Constants::default() }
    }

    fn state() -> GuildState {
        GuildState {
            as_of: 0,
            guild: Arc::new(guild(7, "a")),
            roles: HashMap::from([(RoleId::new(2), Arc::new(role(1, Permissions::VIEW_CHANNEL)))]),
            channels: HashMap::from([(ChannelId::new(3), ChannelState::new(channel()))]),
            members: HashMap::new(),
            emojis: BTreeMap::new(),
            stickers: BTreeMap::new(),
        }
    }

    fn event(name: &str, body: &impl Serialize) -> Event {
        Event {
            position: 1,
            at: Timestamp::from_millis(0),
            name: name.into(),
            audience: Audience::Guild(GUILD),
            actor: None,
            body: serde_json::to_vec(body).unwrap().into(),
            was: None,
        }
    }

    #[test]
    fn of_roles_what_they_grant_counts_and_the_order_where_one_takes_away() {
        let mut state = state();
        let update = |role: Role| event("GUILD_ROLE_UPDATE", &json!({ "role": role }));
        assert!(!state.is_sight_at_stake(&update(role(5, Permissions::VIEW_CHANNEL))));
        assert!(state.is_sight_at_stake(&update(role(1, Permissions::empty()))));
        let denied_permissions = Permissions::VIEW_CHANNEL;
        let denying = Role { denied_permissions, ..role(1, Permissions::VIEW_CHANNEL) };
        assert!(state.is_sight_at_stake(&update(denying.clone())));
        let other = Role { id: RoleId::new(4), ..denying };
        state.roles.insert(other.id, Arc::new(other));
        assert!(state.is_sight_at_stake(&update(role(5, Permissions::VIEW_CHANNEL))));
        assert!(!state.is_sight_at_stake(&event("GUILD_ROLE_CREATE", &json!({}))));
        assert!(state.is_sight_at_stake(&event("GUILD_ROLE_DELETE", &json!({}))));
    }

    #[test]
    fn of_channels_the_overwrites_count_and_of_guilds_the_owner() {
        let state = state();
        let mut renamed = channel();
        renamed.settings.name = Some("other".into());
        renamed.position = 9;
        assert!(!state.is_sight_at_stake(&event("CHANNEL_UPDATE", &renamed)));
        let (allow, deny) = (Permissions::empty(), Permissions::VIEW_CHANNEL);
        renamed.permission_overwrites =
            vec![Overwrite { id: GUILD.cast(), kind: OverwriteType::Role, allow, deny }];
        assert!(state.is_sight_at_stake(&event("CHANNEL_UPDATE", &renamed)));
        assert!(state.is_sight_at_stake(&event("CHANNEL_CREATE", &channel())));
        assert!(!state.is_sight_at_stake(&event("GUILD_UPDATE", &guild(7, "b"))));
        assert!(state.is_sight_at_stake(&event("GUILD_UPDATE", &guild(8, "a"))));
        assert!(state.is_sight_at_stake(&event("CHANNEL_UPDATE", &json!({ "id": "what" }))));
    }
}
