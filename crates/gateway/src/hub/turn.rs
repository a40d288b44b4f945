//! Taking in one event of the log: what it changes in the rooms, and who receives it.

use std::sync::Arc;

use guildhall_base::{AnyId, ChannelId, GuildId, UserId};
use guildhall_chat::World;
use guildhall_infra::events::{Audience, Event};
use serde::Deserialize;

use super::Rooms;
use super::room::{Change, Place, Recipients};
use crate::intents::{Intents, has_content, needs};
use crate::session::Session;

/// What follows from one event.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// Who receives it.
    pub(super) recipients: Arc<Recipients>,
    /// Who receives something else in its place, or receives it for a reason of their own; counted too.
    pub(super) own: Vec<(Arc<Session>, Own)>,
    /// Who sees other channels than before; told, but not counted.
    pub(super) changes: Vec<Change>,
}

/// What a session receives when the event is about its own user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    /// It has come into the guild.
    GuildCreate(GuildId),
    /// It has left the guild.
    GuildDelete(GuildId),
    /// The event itself, whatever its intents.
    AsIs,
}

fn apply(world: &World, event: &Event) {
    if let Err(error) = world.apply(event) {
        tracing::error!(%error, position = event.position, name = &*event.name, "an event could not be taken in");
    }
}

/// Whether channels may be visible to others after an event of this name than before.
fn changes_sight(name: &str) -> bool {
    matches!(name, "CHANNEL_CREATE" | "CHANNEL_UPDATE" | "THREAD_CREATE" | "THREAD_UPDATE" | "GUILD_UPDATE")
        || name.starts_with("GUILD_ROLE_")
}

impl Rooms {
    /// Takes in the next event of the log, also in the world.
    pub(super) fn take(&mut self, world: &World, event: &Event) -> Turn {
        let turn = match (event.audience.guild(), &*event.name) {
            (Some(guild), "GUILD_MEMBER_ADD") => self.joined(world, guild, event),
            (Some(guild), "GUILD_MEMBER_REMOVE") => self.left(world, guild, event),
            (Some(guild), "GUILD_MEMBER_UPDATE") => self.changed(world, guild, event),
            (Some(guild), "GUILD_DELETE") => self.dissolved(world, guild, event),
            (Some(guild), "CHANNEL_DELETE" | "THREAD_DELETE") => {
                let recipients = self.recipients(world, event);
                apply(world, event);
                let changes = self.look_again(world, guild, None, about(event));
                Turn { recipients, changes, ..Turn::default() }
            }
            (Some(guild), name) if changes_sight(name) => {
                let at_stake = world.loaded(guild).is_none_or(|room| room.read().is_sight_at_stake(event));
                apply(world, event);
                let except = if name.ends_with("_CREATE") { about(event) } else { None };
                let changes = match at_stake {
                    true => self.look_again(world, guild, None, except),
                    false => Vec::new(),
                };
                Turn { recipients: self.recipients(world, event), changes, ..Turn::default() }
            }
            _ => {
                apply(world, event);
                Turn { recipients: self.recipients(world, event), ..Turn::default() }
            }
        };
        self.position = event.position;
        turn
    }

    /// Who receives an event as things stand.
    pub(crate) fn recipients(&mut self, world: &World, event: &Event) -> Arc<Recipients> {
        let needs = needs(&event.name);
        match (&event.audience, event.audience.guild(), Place::of(&event.audience)) {
            (Audience::Users(users), ..) => Arc::new(self.direct(users, needs.direct, event)),
            (_, Some(guild), Some(place)) => match (self.rooms.get_mut(&guild), world.loaded(guild)) {
                (Some(room), Some(state)) => {
                    room.recipients(&state.read(), place, needs.guild, has_content(&event.name))
                }
                _ => Arc::default(),
            },
            _ => Arc::default(),
        }
    }

    fn direct(&self, users: &[UserId], needs: Intents, event: &Event) -> Recipients {
        let mut list = Recipients::default();
        let sessions = users.iter().flat_map(|user| self.sessions_of(*user));
        list.full.extend(sessions.filter(|session| session.record.hears(needs, event)).cloned());
        list
    }

    fn joined(&mut self, world: &World, guild: GuildId, event: &Event) -> Turn {
        apply(world, event);
        let own = self.own_sessions(guild, event);
        if let Some(state) = world.loaded(guild) {
            for session in &own {
                self.seat(session, &state);
            }
        }
        let mut recipients = self.recipients(world, event);
        if !own.is_empty() {
            recipients = Arc::new(recipients.without(&own));
        }
        Turn { recipients, own: with_guilds(own, Own::GuildCreate(guild)), ..Turn::default() }
    }

    fn left(&mut self, world: &World, guild: GuildId, event: &Event) -> Turn {
        apply(world, event);
        let own = self.own_sessions(guild, event);
        if let Some(room) = self.rooms.get_mut(&guild) {
            for session in &own {
                session.left(guild);
                room.leave(session);
            }
            if room.is_empty() {
                self.rooms.remove(&guild);
            }
        }
        let recipients = self.recipients(world, event);
        Turn { recipients, own: with_guilds(own, Own::GuildDelete(guild)), ..Turn::default() }
    }

    fn changed(&mut self, world: &World, guild: GuildId, event: &Event) -> Turn {
        apply(world, event);
        let mut own = self.own_sessions(guild, event);
        let mut changes = Vec::new();
        if !own.is_empty() {
            changes = self.look_again(world, guild, event.actor, None);
        }
        own.retain(|session| !session.record.intents.has_members());
        let own = own.into_iter().map(|session| (session, Own::AsIs)).collect();
        Turn { recipients: self.recipients(world, event), own, changes }
    }

    fn dissolved(&mut self, world: &World, guild: GuildId, event: &Event) -> Turn {
        let recipients = self.recipients(world, event);
        apply(world, event);
        if let Some(room) = self.rooms.remove(&guild) {
            room.sessions().for_each(|session| session.left(guild));
        }
        for entering in self.entering.values_mut() {
            entering.changes += 1;
        }
        Turn { recipients, ..Turn::default() }
    }

    /// The sessions of the member whom an event is about. Whoever is just entering has to look again.
    fn own_sessions(&mut self, guild: GuildId, event: &Event) -> Vec<Arc<Session>> {
        let Some(user) = event.actor else { return Vec::new() };
        if let Some(entering) = self.entering.get_mut(&user) {
            entering.changes += 1;
        }
        self.sessions_of(user).iter().filter(|session| session.record.owns(guild)).cloned().collect()
    }

    fn look_again(
        &mut self,
        world: &World,
        guild: GuildId,
        only: Option<UserId>,
        except: Option<ChannelId>,
    ) -> Vec<Change> {
        let (Some(room), Some(state)) = (self.rooms.get_mut(&guild), world.loaded(guild)) else {
            return Vec::new();
        };
        let mut changes = room.look_again(&state.read(), only);
        for change in &mut changes {
            change.gained.retain(|channel| Some(*channel) != except);
            change.lost.retain(|channel| Some(*channel) != except);
        }
        changes.retain(|change| !(change.gained.is_empty() && change.lost.is_empty()));
        changes
    }
}

/// The channel or thread that an event is about.
fn about(event: &Event) -> Option<ChannelId> {
    #[derive(Deserialize)]
    struct Thing {
        id: AnyId,
    }
    event.parse::<Thing>().ok().map(|thing| thing.id.cast())
}

fn with_guilds(own: Vec<Arc<Session>>, what: Own) -> Vec<(Arc<Session>, Own)> {
    let wants = |session: &Arc<Session>| session.record.intents.contain(Intents::GUILDS);
    own.into_iter().filter(wants).map(|session| (session, what)).collect()
}
