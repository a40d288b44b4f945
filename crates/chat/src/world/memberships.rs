//! Which guilds a user is in, for users who were asked about; kept current by the log's events.

use std::sync::Arc;

use dashmap::DashMap;
use guildhall_base::{GuildId, UserId};
use guildhall_infra::events::Event;

/// Users that are remembered; beyond, all are forgotten and asked about anew.
const KEEP_AT_MOST: usize = 200_000;

/// See the module. Guilds are in ascending order, which is that of their age.
#[derive(Debug, Default)]
pub(super) struct Memberships(DashMap<UserId, Arc<[GuildId]>>);

impl Memberships {
    /// A user's guilds, if they are known.
    pub(super) fn of(&self, user: UserId) -> Option<Arc<[GuildId]>> {
        self.0.get(&user).map(|guilds| guilds.clone())
    }

    /// Remembers what was read, for a position that the world has not gone past.
    pub(super) fn keep(&self, user: UserId, guilds: Arc<[GuildId]>) {
        if self.0.len() >= KEEP_AT_MOST {
            self.0.clear();
        }
        self.0.insert(user, guilds);
    }

    /// Takes an event in. What was read from later on has it already: taking it in again changes nothing.
    pub(super) fn apply(&self, event: &Event) {
        let Some(guild) = event.audience.guild() else { return };
        match (&*event.name, event.actor) {
            ("GUILD_MEMBER_ADD", Some(user)) => self.change(user, |guilds| {
                if let Err(place) = guilds.binary_search(&guild) {
                    guilds.insert(place, guild);
                }
            }),
            ("GUILD_MEMBER_REMOVE", Some(user)) => {
                self.change(user, |guilds| guilds.retain(|other| *other != guild));
            }
            // An event that does not say whom it is about: everybody is asked about anew.
            ("GUILD_MEMBER_ADD" | "GUILD_MEMBER_REMOVE", None) => self.0.clear(),
            ("GUILD_DELETE", _) => self.0.retain(|_, guilds| !guilds.contains(&guild)),
            _ => {}
        }
    }

    fn change(&self, user: UserId, change: impl FnOnce(&mut Vec<GuildId>)) {
        if let Some(mut known) = self.0.get_mut(&user) {
            let mut guilds = known.to_vec();
            change(&mut guilds);
            *known = guilds.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use guildhall_base::Timestamp;
    use guildhall_infra::events::Audience;

    use super::*;

    fn event(name: &str, guild: i64, user: Option<i64>) -> Event {
        Event {
            position: 1,
            at: Timestamp::from_millis(0),
            name: name.into(),
            audience: Audience::Guild(GuildId::new(guild)),
            actor: user.map(UserId::new),
            body: "{}".into(),
            was: None,
        }
    }

    #[test]
    fn what_is_known_follows_the_log_and_what_is_not_known_stays_so() {
        let memberships = Memberships::default();
        let of = |user| memberships.of(UserId::new(user)).map(|all| all.iter().map(|id| id.get()).collect());
        memberships.apply(&event("GUILD_MEMBER_ADD", 5, Some(1)));
        assert_eq!(of(1), None::<Vec<i64>>, "there may be others");
        memberships.keep(UserId::new(1), [GuildId::new(5)].into());
        memberships.keep(UserId::new(2), [GuildId::new(5), GuildId::new(7)].into());
        for _ in 0..2 {
            memberships.apply(&event("GUILD_MEMBER_ADD", 3, Some(1)));
        }
        assert_eq!(of(1), Some(vec![3, 5]));
        memberships.apply(&event("GUILD_MEMBER_REMOVE", 5, Some(1)));
        memberships.apply(&event("GUILD_MEMBER_REMOVE", 5, Some(9)));
        assert_eq!((of(1), of(2)), (Some(vec![3]), Some(vec![5, 7])));
        memberships.apply(&event("GUILD_DELETE", 5, None));
        assert_eq!((of(1), of(2)), (Some(vec![3]), None));
        memberships.apply(&event("GUILD_MEMBER_ADD", 4, None));
        assert_eq!(of(1), None);
    }
}
