//! A listing: the public page of a bot or a guild.

use std::fmt;
use std::str::FromStr;

use guildhall_base::{AnyId, ApplicationId, Error, GuildId, Result, TeamId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Flags, State};

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListingKind {
    /// A bot.
    Bot = 0,
    /// A guild.
    Guild = 1,
}

impl ListingKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Bot, Self::Guild];

    /// As stored.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// As read.
    ///
    /// # Errors
    /// Internal, for a number that is none.
    pub fn numbered(number: i64) -> Result<Self> {
        match number {
            0 => Ok(Self::Bot),
            1 => Ok(Self::Guild),
            _ => Err(Error::internal(format!("{number} is no kind of listing"))),
        }
    }

    /// As addresses have it: `bots`, `guilds`.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Bot => "bots",
            Self::Guild => "guilds",
        }
    }

    /// As texts have it: `bot`, `guild`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Guild => "guild",
        }
    }
}

/// Which listing: the id of the bot's user, or of the guild, on its platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ListingId {
    /// What it is.
    pub kind: ListingKind,
    /// Which.
    pub id: AnyId,
}

impl ListingId {
    /// A bot's.
    pub const fn bot(id: UserId) -> Self {
        Self { kind: ListingKind::Bot, id: id.cast() }
    }

    /// A guild's.
    pub const fn guild(id: GuildId) -> Self {
        Self { kind: ListingKind::Guild, id: id.cast() }
    }

    /// Where its page is, from the root of the site: `/bots/1`, `/guilds/2`.
    pub fn path(self) -> String {
        format!("/{self}")
    }
}

/// As the API's addresses have it: `bots/1`.
impl fmt::Display for ListingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.plural(), self.id)
    }
}

/// A listing is `bots/ID` or `guilds/ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAListing;

impl FromStr for ListingId {
    type Err = NotAListing;
    fn from_str(text: &str) -> Result<Self, NotAListing> {
        let (kind, id) = text.split_once('/').ok_or(NotAListing)?;
        let kind = ListingKind::ALL.into_iter().find(|known| known.plural() == kind).ok_or(NotAListing)?;
        Ok(Self { kind, id: id.parse().map_err(|_| NotAListing)? })
    }
}

/// How the long text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// HTML, of which what is safe is kept.
    Html,
    /// Markdown as GitHub writes it.
    #[default]
    Markdown,
}

/// How the page is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageStyle {
    /// A tab each for the parts of it.
    #[default]
    Tabs,
    /// All parts below one another.
    SingleScroll,
}

/// A link on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// What it is called, 1 to 20 characters; those that begin with `_` are not shown.
    pub name: String,
    /// Where it leads, https.
    pub url: String,
}

/// A picture that was fetched from elsewhere once and is served from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Banner {
    /// Where it came from.
    pub source: String,
    /// The file's name in the blob store.
    pub file: String,
}

/// What is only shown of a listing, never searched or sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// How its long text is written.
    pub format: TextFormat,
    /// How its page is laid out.
    pub page_style: PageStyle,
    /// What its commands begin with, at most 9 characters; none: it has only application commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The library that it is written with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// How it is invited: an https address, or `P:` and the permissions that it asks for; none: as its platform does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite: Option<String>,
    /// Shown with it in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_banner: Option<Banner>,
    /// Shown on its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_banner: Option<Banner>,
    /// At most 20.
    pub links: Vec<Link>,
}

/// What is counted of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Counts {
    /// Since the month began.
    pub votes: u64,
    /// Ever.
    pub total_votes: u64,
    /// How often its page was opened.
    pub views: u64,
    /// How often it was invited, or joined.
    pub invites: u64,
    /// Guilds that a bot is in, as it says.
    pub guilds: u64,
    /// Users that a bot serves, or members of a guild.
    pub users: u64,
    /// Shards of a bot.
    pub shards: u64,
    /// When those three were said.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub counted_at: Option<Timestamp>,
    /// How many people reviewed it.
    pub reviews: u64,
    /// The sum of their stars, 0 to 10 each.
    pub stars: u64,
}

impl Counts {
    /// The average of its reviews, 0 to 10.
    #[expect(clippy::cast_precision_loss, reason = "stars are few")]
    pub fn rating(&self) -> Option<f64> {
        (self.reviews > 0).then(|| self.stars as f64 / self.reviews as f64)
    }
}

/// A listing, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Which.
    pub id: ListingId,
    /// Empty: of this server. Else the name of the platform that it is on.
    pub platform: String,
    /// A bot's application; never changes.
    pub application: Option<ApplicationId>,
    /// As its platform calls it.
    pub name: String,
    /// The address of its picture.
    pub avatar: Option<String>,
    /// Whose it is.
    pub owner: UserId,
    /// The team that keeps it with them.
    pub team: Option<TeamId>,
    /// Where it stands.
    pub state: State,
    /// What it is locked against.
    pub flags: Flags,
    /// Counts its changes.
    pub version: i64,
    /// The language of its texts, ISO 639-1.
    pub language: String,
    /// 10 to 200 characters.
    pub short: String,
    /// At least 200 characters.
    pub long: String,
    /// The style of its page, as written by its keepers.
    pub style: String,
    /// What is only shown.
    pub details: Details,
    /// 1 to 10.
    pub tags: Vec<String>,
    /// At most 5.
    pub features: Vec<String>,
    /// Its short name in addresses.
    pub vanity: Option<String>,
    /// The member of staff who looks at it.
    pub reviewer: Option<UserId>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// When it was approved first.
    pub approved_at: Option<Timestamp>,
    /// What is counted of it.
    pub counts: Counts,
}

/// A listing as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Which.
    pub id: ListingId,
    /// Empty: of this server.
    pub platform: String,
    /// Its name.
    pub name: String,
    /// The address of its picture.
    pub avatar: Option<String>,
    /// The file of its banner.
    pub banner: Option<String>,
    /// Where it stands.
    pub state: State,
    /// What it is locked against.
    pub flags: Flags,
    /// The language of its texts.
    pub language: String,
    /// Its short text.
    pub short: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// What is counted of it.
    pub counts: Counts,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back() {
        let id = ListingId::bot(UserId::new(7));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("rooms/7".parse::<ListingId>(), Err(NotAListing));
        assert_eq!("bots/x".parse::<ListingId>(), Err(NotAListing));
    }

    #[test]
    fn a_rating_is_an_average() {
        assert_eq!(Counts::default().rating(), None);
        assert_eq!(Counts { reviews: 4, stars: 26, ..Counts::default() }.rating(), Some(6.5));
    }
}
