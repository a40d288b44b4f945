//! Reads a guild by one statement, so that all of it and the log's position are from the same moment.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use guildhall_base::{
    AnyId, ChannelId, EmojiId, Error, GuildId, Permissions, Result, RoleId, StickerId, Timestamp, UserId,
};
use guildhall_infra::db::{Columns, Db, Row};
use guildhall_infra::{params, sql};
use serde::de::DeserializeOwned;

use crate::model::{Channel, ChannelType, Emoji, Guild, Member, Overwrite, OverwriteType, Role, Sticker};
use crate::world::{ChannelState, GuildState};

/// How a guild is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key {
    Guild(GuildId),
    Channel(ChannelId),
}

/// The guilds that a user is a member of, oldest first, and the position that this is true for.
pub(crate) async fn guild_ids(db: &Db, user: UserId) -> Result<(Vec<GuildId>, u64)> {
    let rows = db
        .all(
            sql!(
                "SELECT CAST(0 AS BIGINT) AS tag, position AS id FROM event_head
                 UNION ALL SELECT 1, guild_id FROM members WHERE user_id = $1
                 ORDER BY 1, 2"
            ),
            params![user],
        )
        .await?;
    let (mut guilds, mut position) = (Vec::new(), 0);
    for row in &rows {
        match row.read::<(i64, i64)>()? {
            (0, head) => position = head.cast_unsigned(),
            (_, guild) => guilds.push(GuildId::new(guild)),
        }
    }
    Ok((guilds, position))
}

/// The guild and the position it is true for; None if there is none.
pub(crate) async fn guild(db: &Db, key: Key) -> Result<Option<(GuildState, u64)>> {
    let (guild, channel) = match key {
        Key::Guild(guild) => (Some(guild), None),
        Key::Channel(channel) => (None, Some(channel)),
    };
    let rows = db
        .all(
            sql!(
                "WITH wanted AS (
                     SELECT COALESCE($1, (SELECT guild_id FROM channels WHERE id = $2)) AS id
                 )
                 SELECT CAST(0 AS BIGINT) AS tag, position AS a, 0 AS b, 0 AS c, 0 AS d, 0 AS e, '' AS t FROM event_head
                 UNION ALL
                 SELECT 1, g.id, g.owner_id, 0, 0, 0, g.settings
                 FROM guilds AS g JOIN wanted AS w ON g.id = w.id
                 UNION ALL
                 SELECT 2, r.id, r.position, r.permissions, r.denied, 0, r.settings
                 FROM roles AS r JOIN wanted AS w ON r.guild_id = w.id
                 UNION ALL
                 SELECT 3, c.id, c.type, c.position, c.parent_id, c.last_message_id, c.settings
                 FROM channels AS c JOIN wanted AS w ON c.guild_id = w.id
                 UNION ALL
                 SELECT 4, c.id, c.last_pin_at, 0, 0, 0, ''
                 FROM channels AS c JOIN wanted AS w ON c.guild_id = w.id WHERE c.last_pin_at IS NOT NULL
                 UNION ALL
                 SELECT 5, o.channel_id, o.target_id, o.type, o.allow, o.deny, ''
                 FROM overwrites AS o JOIN channels AS c ON c.id = o.channel_id
                 JOIN wanted AS w ON c.guild_id = w.id
                 UNION ALL
                 SELECT 6, m.user_id, m.joined_at, m.timed_out_until, 0, 0, m.settings
                 FROM members AS m JOIN wanted AS w ON m.guild_id = w.id
                 UNION ALL
                 SELECT 7, mr.user_id, mr.role_id, 0, 0, 0, ''
                 FROM member_roles AS mr JOIN wanted AS w ON mr.guild_id = w.id
                 UNION ALL
                 SELECT 8, e.id, CASE WHEN e.animated THEN 1 ELSE 0 END, 0, 0, 0, e.name
                 FROM emojis AS e JOIN wanted AS w ON e.guild_id = w.id
                 UNION ALL
                 SELECT 9, er.emoji_id, er.role_id, 0, 0, 0, ''
                 FROM emoji_roles AS er JOIN emojis AS e ON e.id = er.emoji_id
                 JOIN wanted AS w ON e.guild_id = w.id
                 UNION ALL
                 SELECT 10, s.id, s.guild_id, 0, 0, 0, s.settings
                 FROM stickers AS s JOIN wanted AS w ON s.guild_id = w.id
                 ORDER BY 1"
            ),
            params![guild, channel],
        )
        .await?;
    let mut loader = Loader::default();
    for row in &rows {
        loader.take(row)?;
    }
    Ok(loader.finish())
}

#[derive(Default)]
struct Loader {
    position: u64,
    guild: Option<Guild>,
    roles: HashMap<RoleId, Arc<Role>>,
    channels: HashMap<ChannelId, Channel>,
    members: HashMap<UserId, Member>,
    emojis: BTreeMap<EmojiId, Emoji>,
    stickers: BTreeMap<StickerId, Arc<Sticker>>,
}

fn settings<T: DeserializeOwned>(columns: &mut Columns<'_>) -> Result<T> {
    serde_json::from_str(&columns.next::<String>()?).map_err(Error::internal)
}

impl Loader {
    fn take(&mut self, row: &Row) -> Result<()> {
        let mut columns = row.columns();
        // In the order of their tags, so that what a row refers to is there.
        match columns.next::<i64>()? {
            0 => self.position = columns.next::<i64>()?.cast_unsigned(),
            1 => {
                let (id, owner_id) = (columns.next()?, columns.next()?);
                columns.skip(3);
                let settings = settings(&mut columns)?;
                self.guild =
                    Some(Guild { id, owner_id, settings, constants: crate::model::Constants::default() });
            }
            2 => {
                let role = Role {
                    id: columns.next()?,
                    position: columns.next()?,
                    permissions: columns.next::<Permissions>()?,
                    denied_permissions: columns.next::<Permissions>()?,
                    settings: {
                        columns.skip(1);
                        settings(&mut columns)?
                    },
                };
                self.roles.insert(role.id, Arc::new(role));
            }
            3 => self.take_channel(columns)?,
            4 => {
                let (id, at) = (columns.next::<ChannelId>()?, columns.next::<Timestamp>()?);
                if let Some(channel) = self.channels.get_mut(&id) {
                    channel.last_pin_timestamp = Some(at);
                }
            }
            5 => self.take_overwrite(columns)?,
            6 => {
                let (user, joined_at) = (columns.next::<UserId>()?, columns.next()?);
                let communication_disabled_until = columns.next()?;
                columns.skip(2);
                let settings = settings(&mut columns)?;
                let roles = Vec::new();
                let member = Member { user: None, roles, joined_at, communication_disabled_until, settings };
                self.members.insert(user, member);
            }
            8 => {
                let (id, animated) = (columns.next::<EmojiId>()?, columns.next::<i64>()? != 0);
                columns.skip(3);
                self.emojis.insert(id, Emoji::new(id, columns.next()?, animated));
            }
            9 => {
                let (id, role) = (columns.next::<EmojiId>()?, columns.next::<RoleId>()?);
                if let Some(emoji) = self.emojis.get_mut(&id) {
                    emoji.roles.push(role);
                }
            }
            10 => {
                let (id, guild) = (columns.next()?, columns.next()?);
                columns.skip(3);
                self.stickers.insert(id, Sticker::new(id, guild, settings(&mut columns)?).into());
            }
            _ => {
                let (user, role) = (columns.next::<UserId>()?, columns.next::<RoleId>()?);
                if let Some(member) = self.members.get_mut(&user) {
                    member.roles.push(role);
                }
            }
        }
        Ok(())
    }

    fn take_channel(&mut self, mut columns: Columns<'_>) -> Result<()> {
        let channel = Channel {
            id: columns.next()?,
            kind: {
                let number = columns.next::<i64>()?;
                ChannelType::from_number(number).ok_or_else(|| Error::internal("unknown channel type"))?
            },
            guild_id: None,
            position: columns.next()?,
            parent_id: columns.next()?,
            permission_overwrites: Vec::new(),
            last_message_id: columns.next()?,
            last_pin_timestamp: None,
            settings: settings(&mut columns)?,
        };
        self.channels.insert(channel.id, channel);
        Ok(())
    }

    fn take_overwrite(&mut self, mut columns: Columns<'_>) -> Result<()> {
        let channel = columns.next::<ChannelId>()?;
        let overwrite = Overwrite {
            id: columns.next::<AnyId>()?,
            kind: OverwriteType::from_number(columns.next()?).unwrap_or(OverwriteType::Role),
            allow: columns.next()?,
            deny: columns.next()?,
        };
        if let Some(channel) = self.channels.get_mut(&channel) {
            channel.permission_overwrites.push(overwrite);
        }
        Ok(())
    }

    fn finish(self) -> Option<(GuildState, u64)> {
        let guild = self.guild?;
        let id = guild.id;
        let channels = self
            .channels
            .into_iter()
            .map(|(channel, value)| (channel, ChannelState::new(Channel { guild_id: Some(id), ..value })))
            .collect();
        let state = GuildState {
            as_of: self.position,
            guild: Arc::new(guild),
            roles: self.roles,
            channels,
            members: self.members,
            emojis: self.emojis.into_iter().map(|(id, emoji)| (id, emoji.into())).collect(),
            stickers: self.stickers,
        };
        Some((state, self.position))
    }
}
