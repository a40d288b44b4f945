//! IDENTIFY: who it is, whether they may, and what they learn first.

use std::sync::Arc;

use bytes::Bytes;
use guildhall_accounts::{Actor, Bond, Relationship, SelfUser, SessionScopes};
use guildhall_base::{ApplicationId, Error, GuildId, Kind, Result};
use guildhall_chat::GuildRoom;
use guildhall_oauth::Application;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Record, Ring, Session};
use crate::Gateway;
use crate::intents::Intents;
use crate::link::{Connection, Said};
use crate::protocol::{Close, Identify, Outgoing, PresenceUpdate, dispatch};

impl Connection {
    /// Op 2. Returns what the client said while it was answered.
    pub(crate) async fn identify(&mut self, identify: Identify) -> Result<Vec<Said>, Close> {
        let gateway = self.gateway.clone();
        let token = self.token(identify.token.as_deref())?;
        let actor = gateway.authenticate(&token).await?;
        let shard = identify.shard.unwrap_or((0, 1));
        if shard.0 >= shard.1 {
            return Err(Close::InvalidShard);
        }
        let application = match actor.user.bot {
            true => Some(
                gateway.applications().of_bot(actor.id()).await.map_err(|_| Close::AuthenticationFailed)?,
            ),
            false => None,
        };
        let intents = match &application {
            Some(application) => {
                let intents = Intents(identify.intents.ok_or(Close::InvalidIntents)?);
                intents.check(application)?;
                intents
            }
            None => Intents::ALL,
        };
        if !gateway.may_start(actor.id(), actor.user.bot.then_some(shard.0)).await? {
            gateway.say(&self.link, Outgoing::InvalidSession(false));
            return Ok(Vec::new());
        }
        let id = format!("{:032x}", rand::random::<u128>()).into();
        let record = Record { id, user: actor.id(), bot: actor.user.bot, intents, shard };
        let (session, rooms) = gateway.begin(record, &actor).await.map_err(|error| Close::fault(&error))?;
        if let Err(close) = gateway.authenticate(&token).await {
            gateway.end_session(&session, close);
            return Err(close);
        }
        self.session = Some(session.clone());
        self.link.expect_by(gateway.next_beat());
        let user = gateway.self_user(&actor).await.map_err(|error| Close::fault(&error))?;
        let own = gateway.own(&actor, &session).await.map_err(|error| Close::fault(&error))?;
        let ready = Ready::new(&gateway, &user, application.as_deref(), &session, &rooms, own);
        let ready = dispatch("READY", 1, &ready).map_err(|_| Close::Unknown)?;
        let presence =
            identify.presence.and_then(|presence| serde_json::from_value::<PresenceUpdate>(presence).ok());
        gateway.set_presence(&session, presence.unwrap_or_default())?;
        let mut meanwhile = Vec::new();
        if !intents.contain(Intents::GUILDS) || rooms.is_empty() {
            gateway.say_json(&self.link, &ready);
        } else if identify.properties.reads_in_order() {
            self.tell_guilds(&session, &rooms, vec![ready]).await;
        } else {
            // discord.js handles READY in more steps than what follows it. What it reads together with READY
            // overtakes it, and then the client is ready without knowing who it is.
            gateway.say_json(&self.link, &ready);
            meanwhile = self.until_heard().await;
            self.tell_guilds(&session, &rooms, Vec::new()).await;
        }
        self.catch_up(&session, 1, false).await?;
        Ok(meanwhile)
    }
}

impl Connection {
    /// What the client proves itself by; a browser sends nothing and is known by its cookie.
    pub(crate) fn token(&self, said: Option<&str>) -> Result<String, Close> {
        let said = said.map(str::trim).filter(|token| !token.is_empty());
        said.or(self.visitor.as_deref()).map(str::to_owned).ok_or(Close::AuthenticationFailed)
    }
}

/// Bytes of payloads that are collected before they are written.
const TOGETHER: usize = 48 << 10;

impl Connection {
    /// Sends a GUILD_CREATE for each guild after what is given, in as few writes as is reasonable.
    async fn tell_guilds(
        &self,
        session: &Arc<Session>,
        rooms: &[Arc<GuildRoom>],
        mut payloads: Vec<Vec<u8>>,
    ) {
        for room in rooms {
            let body = self.gateway.guild_create(session, room.id).await;
            payloads.push(with_s("GUILD_CREATE", 1, &body));
            if payloads.iter().map(Vec::len).sum::<usize>() > TOGETHER {
                self.gateway.say_all(&self.link, &std::mem::take(&mut payloads));
                self.gateway.flushed(&self.link).await;
            }
        }
        if !payloads.is_empty() {
            self.gateway.say_all(&self.link, &payloads);
            self.gateway.flushed(&self.link).await;
        }
    }
}

/// A dispatch whose body is JSON already.
fn with_s(name: &str, s: u32, body: &[u8]) -> Vec<u8> {
    let mut json = Vec::with_capacity(body.len() + name.len() + 40);
    json.extend_from_slice(b"{\"t\":\"");
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\",\"s\":");
    json.extend_from_slice(itoa::Buffer::new().format(s).as_bytes());
    json.extend_from_slice(b",\"op\":0,\"d\":");
    json.extend_from_slice(body);
    json.push(b'}');
    json
}

/// What a person has besides guilds; empty for bots, as at Discord.
struct Own {
    settings: Value,
    channels: Value,
    relationships: Value,
    read_states: Value,
    /// Of friends.
    presences: Vec<Value>,
}

/// The body of READY.
#[derive(Serialize)]
struct Ready<'a> {
    v: u8,
    user: &'a SelfUser,
    user_settings: Value,
    session_id: &'a str,
    session_type: &'static str,
    resume_gateway_url: &'a str,
    guilds: Vec<Unavailable>,
    private_channels: Value,
    relationships: Value,
    read_state: ReadStates,
    presences: Vec<Value>,
    guild_join_requests: [u8; 0],
    geo_ordered_rtc_regions: [u8; 0],
    game_relationships: [u8; 0],
    shard: (u32, u32),
    application: PartialApplication,
    auth: Nothing,
    _trace: [&'static str; 1],
}

#[derive(Serialize)]
struct ReadStates {
    entries: Value,
    partial: bool,
    version: u32,
}

/// An object without keys.
#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Unavailable {
    id: GuildId,
    unavailable: bool,
}

#[derive(Serialize)]
struct PartialApplication {
    id: ApplicationId,
    flags: u64,
}

impl<'a> Ready<'a> {
    fn new(
        gateway: &'a Gateway,
        user: &'a SelfUser,
        application: Option<&Application>,
        session: &'a Session,
        rooms: &[Arc<GuildRoom>],
        own: Own,
    ) -> Self {
        let application = match application {
            Some(application) => PartialApplication { id: application.id, flags: application.flags },
            // Some libraries insist on the key; people have no application.
            None => PartialApplication { id: session.record.user.cast(), flags: 0 },
        };
        Self {
            v: 10,
            user,
            user_settings: own.settings,
            session_id: &session.record.id,
            session_type: "normal",
            resume_gateway_url: &gateway.config().url,
            guilds: rooms.iter().map(|room| Unavailable { id: room.id, unavailable: true }).collect(),
            private_channels: own.channels,
            relationships: own.relationships,
            read_state: ReadStates { entries: own.read_states, partial: false, version: 0 },
            presences: own.presences,
            guild_join_requests: [],
            geo_ordered_rtc_regions: [],
            game_relationships: [],
            shard: session.record.shard,
            application,
            auth: Nothing {},
            _trace: ["guildhall"],
        }
    }
}

/// A session that was not made for reading opens nothing here.
fn may_read(actor: Actor) -> Result<Actor, Close> {
    match actor.scopes() {
        Some(scopes) if !scopes.contains(SessionScopes::READ) => Err(Close::AuthenticationFailed),
        _ => Ok(actor),
    }
}

impl Gateway {
    /// Whose token it is. To be asked again once the session is known to the hub: what ended in between, the hub has
    /// not heard of, and what ends later, it will.
    pub(crate) async fn authenticate(&self, token: &str) -> Result<Actor, Close> {
        // Bare, a bot's as well as a person's; some libraries send the bot's with its prefix.
        let actor = self.accounts().authenticate(token).await.map_err(|error| match error.kind() {
            Kind::Unauthenticated | Kind::Forbidden => Close::AuthenticationFailed,
            _ => Close::fault(&error),
        })?;
        may_read(actor)
    }

    /// Somebody as they see themselves. What a bot sees follows from what everybody sees.
    async fn self_user(&self, actor: &Actor) -> Result<SelfUser> {
        if !actor.user.bot {
            return self.accounts().me(actor).await;
        }
        Ok(SelfUser {
            user: (*actor.user).clone(),
            mfa_enabled: false,
            locale: "en-US".to_owned(),
            verified: true,
            email: None,
            premium_type: 0,
            bio: String::new(),
        })
    }

    /// What is a person's own, and what they chose to show.
    async fn own(&self, actor: &Actor, session: &Session) -> Result<Own> {
        if session.record.bot {
            let [channels, relationships] = [json!([]), json!([])];
            return Ok(Own {
                settings: json!({}),
                channels,
                relationships,
                read_states: json!([]),
                presences: Vec::new(),
            });
        }
        let settings = self.accounts().settings(actor.id()).await?;
        self.choose(session, &settings);
        let relationships = self.accounts().relationships(actor).await?;
        let is_friend = |other: &&Relationship| other.r#type == Bond::Friend.number();
        let friends: Vec<_> = relationships.iter().filter(is_friend).map(|other| other.id).collect();
        let json = |value| serde_json::to_value(value).map_err(Error::internal);
        Ok(Own {
            settings: json(&settings)?,
            channels: self.chat().conversations(actor).await?,
            read_states: self.chat().read_states(actor).await?,
            relationships: serde_json::to_value(relationships).map_err(Error::internal)?,
            presences: self.presences_of(&friends, None),
        })
    }

    /// Makes a session that counts from now on, and puts it in its guilds' rooms.
    async fn begin(&self, record: Record, actor: &Actor) -> Result<(Arc<Session>, Vec<Arc<GuildRoom>>)> {
        loop {
            let mark = self.hub().lock().watch(record.user);
            let found = self.world().guilds_of(record.user).await;
            let mut hub = self.hub().lock();
            let changed = hub.unwatch(record.user, mark);
            let mut rooms = found?;
            if changed {
                continue;
            }
            rooms.retain(|room| record.owns(room.id));
            let session = Arc::new(Session::new(record, Ring::new(1, hub.position)));
            session.sign_in(actor);
            hub.enter(&session, &rooms);
            self.save(&session.record, session.latest());
            return Ok((session, rooms));
        }
    }

    /// The body of `GUILD_CREATE` for a session, with presences and voice states as its intents allow.
    pub(crate) async fn guild_create(&self, session: &Session, guild: GuildId) -> Bytes {
        match self.try_guild_create(session, guild).await {
            Ok(Some(body)) => body,
            Ok(None) => format!(r#"{{"id":"{guild}","unavailable":true}}"#).into(),
            Err(error) => {
                tracing::error!(%error, %guild, "a guild could not be described");
                format!(r#"{{"id":"{guild}","unavailable":true}}"#).into()
            }
        }
    }

    async fn try_guild_create(&self, session: &Session, guild: GuildId) -> Result<Option<Bytes>> {
        let Some(room) = self.world().guild(guild).await? else { return Ok(None) };
        let presences = session.record.intents.contain(Intents::PRESENCES);
        let (speakers, voice_states) = self.voice_states(guild);
        let user = session.record.user;
        let Some(mut body) = self.chat().guild_create(user, &room, presences, &speakers).await? else {
            return Ok(None);
        };
        body.voice_states = voice_states;
        if presences {
            body.presences = self.presences_of(&body.member_ids(), None);
        }
        serde_json::to_vec(&body).map(|body| Some(body.into())).map_err(guildhall_base::Error::internal)
    }
}
