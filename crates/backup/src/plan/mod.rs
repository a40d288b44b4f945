//! What a restore will do: a pure function from what is in a backup, what is in the target now and what is wanted, to an
//! ordered list of operations, with differences that people can read and the time that it will take at least.
//!
//! The modes are nested. *Ignore existing* only adds what is missing. *Difference* also changes what is different, and
//! deletes nothing. *Full* also deletes what the backup does not have, so that the target ends as the backup is. In
//! every mode the plan of the result is empty.
//!
//! Things are the same if they have the same id (a guild restored from its own backup), else if they are called the same
//! (of channels: and have the same type); of several called the same, the first of one is the first of the other.

mod body;
mod budget;
mod channels;
mod difference;
mod expressions;
mod matching;
mod order;
mod roles;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use guildhall_base::{AnyId, ChannelId, GuildId, RoleId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::model::{Channel, FileRef, Guild};

pub(crate) use body::find;
pub use body::{Resolve, resolve};
pub(crate) use budget::LANES;
pub use budget::{Budget, Limits, Line, budget};
pub use difference::Difference;

use matching::Matches;

/// How far a restore goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Ends as the backup is: adds, changes and deletes.
    Full,
    /// Adds and changes; deletes nothing.
    #[default]
    Difference,
    /// Only adds.
    IgnoreExisting,
}

/// What somebody wants of a restore.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Options {
    /// How far it goes.
    pub mode: Mode,
    /// The guild's name, pictures and settings.
    pub settings: bool,
    /// Roles and their order.
    pub roles: bool,
    /// Channels, overwrites and their order.
    pub channels: bool,
    /// Custom emojis.
    pub emojis: bool,
    /// Stickers.
    pub stickers: bool,
    /// Roles and nicknames of members who are in the target.
    pub members: bool,
    /// Bans; nobody is unbanned.
    pub bans: bool,
    /// Messages, into channels that the restore makes or that are empty.
    pub messages: bool,
    /// What features of this server know of the guild.
    pub features: bool,
    /// The newest so many messages of each channel.
    pub per_channel: Option<u64>,
    /// Only these roles of the backup; all if empty.
    #[schema(value_type = Vec<String>)]
    pub only_roles: BTreeSet<RoleId>,
    /// Only these channels of the backup; all if empty.
    #[schema(value_type = Vec<String>)]
    pub only_channels: BTreeSet<ChannelId>,
    /// Roles of the target that are neither changed nor deleted, and neither given nor taken.
    #[schema(value_type = Vec<String>)]
    pub protected_roles: BTreeSet<RoleId>,
    /// Channels of the target that are neither changed nor deleted.
    #[schema(value_type = Vec<String>)]
    pub protected_channels: BTreeSet<ChannelId>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            settings: true,
            roles: true,
            channels: true,
            emojis: true,
            stickers: true,
            members: true,
            bans: true,
            messages: true,
            features: true,
            per_channel: None,
            only_roles: BTreeSet::new(),
            only_channels: BTreeSet::new(),
            protected_roles: BTreeSet::new(),
            protected_channels: BTreeSet::new(),
        }
    }
}

impl Options {
    /// Whether everything is wanted, so that what is not in the backup may go.
    fn deletes_roles(&self) -> bool {
        self.mode == Mode::Full && self.only_roles.is_empty()
    }

    fn deletes_channels(&self) -> bool {
        self.mode == Mode::Full && self.only_channels.is_empty()
    }

    fn alters(&self) -> bool {
        self.mode != Mode::IgnoreExisting
    }
}

/// What a backup has. Pictures are named by their content ([`FileRef`] holds a digest), so that equal ones are equal.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The tree.
    pub guild: Guild,
    /// How many messages there are of each channel.
    pub messages: BTreeMap<ChannelId, u64>,
    /// How many members.
    pub members: u64,
    /// How many bans.
    pub bans: u64,
    /// Which features of this server have added something.
    pub features: Vec<String>,
    /// Whether pictures that are not in it are to go: it was kept of this very target. Other backups may have been made
    /// without pictures.
    pub exact: bool,
}

/// What a target has now.
#[derive(Debug, Clone, Default)]
pub struct Present {
    /// The tree, pictures as in [`Wanted`].
    pub guild: Guild,
    /// Channels in which nothing was ever said.
    pub silent: BTreeSet<ChannelId>,
    /// Who is there, as far as the backup names them in overwrites.
    pub people: BTreeSet<UserId>,
    /// Roles that cannot be changed because they do not stand below whoever restores.
    pub out_of_reach: BTreeSet<RoleId>,
}

/// What is done to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// It is made.
    Create,
    /// It is changed.
    Alter,
    /// It is removed.
    Delete,
    /// Its likes are put in order.
    Order,
    /// What is in it is brought back.
    Fill,
}

/// What something is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The guild itself.
    Settings,
    /// A role.
    Role,
    /// A channel.
    Channel,
    /// An emoji.
    Emoji,
    /// A sticker.
    Sticker,
    /// The members' roles and nicknames.
    Members,
    /// The bans.
    Bans,
    /// A channel's messages.
    Messages,
    /// What a feature of this server knows.
    Feature,
}

/// One thing that is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// What is done.
    pub deed: Deed,
    /// To what.
    pub what: What,
    /// Its id in the target, if it is there already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<AnyId>,
    /// Its id in the backup, if it is in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<AnyId>,
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// The fields of the request. What is yet to be made is named by [`body::Resolve`]'s placeholders.
    #[serde(default)]
    pub body: Map<String, Value>,
    /// Pictures that go with it, by the field that they go into.
    #[serde(default)]
    pub pictures: BTreeMap<String, FileRef>,
    /// In order, for [`Deed::Order`]: ids in the target, or placeholders; of channels with their place in their group.
    #[serde(default)]
    pub order: Vec<(String, u64)>,
    /// How many things, for [`Deed::Fill`].
    #[serde(default)]
    pub count: u64,
    /// What will be different.
    #[serde(default)]
    pub differences: Vec<Difference>,
}

impl Operation {
    pub(crate) fn new(deed: Deed, what: What) -> Self {
        Self {
            deed,
            what,
            id: None,
            from: None,
            name: String::new(),
            body: Map::new(),
            pictures: BTreeMap::new(),
            order: Vec::new(),
            count: 0,
            differences: Vec::new(),
        }
    }

    /// A name that is the operation's own within its plan.
    pub fn key(&self) -> String {
        let id = self.from.or(self.id).map(|id| format!("-{id}")).unwrap_or_default();
        let half = match self.what {
            What::Settings if self.body.keys().any(|key| key.ends_with("_channel_id")) => "-channels",
            _ => "",
        };
        format!("{}-{}{id}{half}", word(&self.deed), word(&self.what))
    }
}

/// The word by which a choice is written in JSON.
pub(crate) fn word(choice: &impl Serialize) -> String {
    let value = serde_json::to_value(choice).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// What will be done, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The target.
    pub guild: Option<GuildId>,
    /// The operations.
    pub operations: Vec<Operation>,
    /// Which role of the backup is which of the target already.
    pub roles: BTreeMap<RoleId, RoleId>,
    /// Which channel is which.
    pub channels: BTreeMap<ChannelId, ChannelId>,
    /// What cannot be restored, for people.
    pub left_out: Vec<LeftOut>,
}

/// Something that cannot be restored, and why: a word of the locales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    /// What it is.
    pub what: What,
    /// What it is called.
    pub name: String,
    /// Why: `managed`, `thread`, `out_of_reach`, `no_picture`, `person_gone`.
    pub why: String,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    fn leave_out(&mut self, what: What, name: &str, why: &str) {
        self.left_out.push(LeftOut { what, name: name.to_owned(), why: why.to_owned() });
    }
}

/// Makes the plan.
pub fn make(wanted: &Wanted, present: &Present, options: &Options) -> Plan {
    let matches = Matches::find(&wanted.guild, &present.guild);
    let mut plan = Plan {
        guild: Some(present.guild.settings.id),
        roles: matches.roles.clone(),
        channels: matches.channels.clone(),
        ..Plan::default()
    };
    if options.settings && options.alters() {
        settings::own(&mut plan, wanted, present);
    }
    if options.roles {
        roles::plan(&mut plan, wanted, present, options, &matches);
    }
    if options.channels {
        channels::plan(&mut plan, wanted, present, options, &matches);
    }
    if options.settings && options.alters() {
        settings::channels(&mut plan, wanted, present, options, &matches);
    }
    if options.emojis {
        expressions::emojis(&mut plan, wanted, present, options, &matches);
    }
    if options.stickers {
        expressions::stickers(&mut plan, wanted, present, options);
    }
    fill(&mut plan, wanted, present, options, &matches);
    plan
}

/// What is in the things: who holds roles, who is banned, what was said.
fn fill(plan: &mut Plan, wanted: &Wanted, present: &Present, options: &Options, matches: &Matches) {
    for (chosen, what, count) in
        [(options.members, What::Members, wanted.members), (options.bans, What::Bans, wanted.bans)]
    {
        if chosen && count > 0 {
            plan.operations.push(Operation { count, ..Operation::new(Deed::Fill, what) });
        }
    }
    if options.features && options.alters() {
        for feature in &wanted.features {
            let operation = Operation::new(Deed::Fill, What::Feature);
            plan.operations.push(Operation { name: feature.clone(), ..operation });
        }
    }
    if !options.messages {
        return;
    }
    for channel in &wanted.guild.channels {
        let count = wanted.messages.get(&channel.id).copied().unwrap_or(0);
        let count = count.min(options.per_channel.unwrap_or(u64::MAX));
        let target = matches.channels.get(&channel.id).copied();
        let open = match target {
            Some(there) => present.silent.contains(&there) && !options.protected_channels.contains(&there),
            None => options.channels && is_new_channel(channel, options),
        };
        if count > 0 && open && channel.has_messages() && !channel.is_thread() {
            plan.operations.push(Operation {
                id: target.map(|id| id.cast()),
                from: Some(channel.id.cast()),
                name: channel.name.clone(),
                count,
                ..Operation::new(Deed::Fill, What::Messages)
            });
        }
    }
}

/// Whether a channel of the backup that has no counterpart is going to be made.
fn is_new_channel(channel: &Channel, options: &Options) -> bool {
    !channel.is_thread() && (options.only_channels.is_empty() || options.only_channels.contains(&channel.id))
}
