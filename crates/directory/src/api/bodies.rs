//! What goes out. Ids are strings, times ISO 8601.

use guildhall_accounts::User;
use guildhall_base::{AnyId, ApplicationId, TeamId, Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{self, Counts, Keeper, Link, ListingKind, PageStyle, State, TextFormat};

/// A bot or a guild with a page in the directory.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Listing {
    kind: ListingKind,
    /// Of the bot's user or the guild, on its platform.
    #[schema(value_type = String, example = "1573306918502576128")]
    id: AnyId,
    /// Empty for this server.
    platform: String,
    #[schema(value_type = Option<String>)]
    application_id: Option<ApplicationId>,
    name: String,
    /// The address of its picture.
    avatar: Option<String>,
    /// Its main owner.
    #[schema(value_type = String)]
    owner_id: UserId,
    #[schema(value_type = Option<String>)]
    team_id: Option<TeamId>,
    state: State,
    flags: Vec<&'static str>,
    language: String,
    short: String,
    /// As written.
    long: String,
    format: TextFormat,
    tags: Vec<String>,
    features: Vec<String>,
    prefix: Option<String>,
    library: Option<String>,
    invite: Option<String>,
    /// The path of the picture that lists show.
    card_banner: Option<String>,
    /// The path of the picture that its page shows.
    page_banner: Option<String>,
    links: Vec<Link>,
    page_style: PageStyle,
    /// As written.
    style: String,
    vanity: Option<String>,
    counts: Counts,
    /// The average of its reviews, 0 to 10.
    rating: Option<f64>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    approved_at: Option<Timestamp>,
}

/// Where a banner is served.
pub(crate) fn banner_path(file: &str) -> String {
    format!("/listing-banners/{file}")
}

impl Listing {
    /// As somebody sees it who keeps it or looks after it (`inside`), or a stranger.
    pub(crate) fn new(listing: model::Listing, inside: bool) -> Self {
        let details = listing.details;
        let mut links = details.links;
        links.retain(|link| inside || !link.name.starts_with('_'));
        Self {
            kind: listing.id.kind,
            id: listing.id.id,
            platform: listing.platform,
            application_id: listing.application,
            name: listing.name,
            avatar: listing.avatar,
            owner_id: listing.owner,
            team_id: listing.team.filter(|_| inside),
            state: listing.state,
            flags: listing.flags.names(),
            language: listing.language,
            short: listing.short,
            long: listing.long,
            format: details.format,
            tags: listing.tags,
            features: listing.features,
            prefix: details.prefix,
            library: details.library,
            invite: details.invite,
            card_banner: details.card_banner.map(|banner| banner_path(&banner.file)),
            page_banner: details.page_banner.map(|banner| banner_path(&banner.file)),
            links,
            page_style: details.page_style,
            style: listing.style,
            vanity: listing.vanity,
            rating: listing.counts.rating(),
            counts: listing.counts,
            created_at: listing.created_at,
            changed_at: listing.changed_at,
            approved_at: listing.approved_at,
        }
    }
}

/// A listing as lists show it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Card {
    kind: ListingKind,
    #[schema(value_type = String)]
    id: AnyId,
    platform: String,
    name: String,
    avatar: Option<String>,
    banner: Option<String>,
    state: State,
    flags: Vec<&'static str>,
    language: String,
    short: String,
    tags: Vec<String>,
    counts: Counts,
    rating: Option<f64>,
}

impl From<model::Card> for Card {
    fn from(card: model::Card) -> Self {
        Self {
            kind: card.id.kind,
            id: card.id.id,
            platform: card.platform,
            name: card.name,
            avatar: card.avatar,
            banner: card.banner.map(|file| banner_path(&file)),
            state: card.state,
            flags: card.flags.names(),
            language: card.language,
            short: card.short,
            tags: card.tags,
            rating: card.counts.rating(),
            counts: card.counts,
        }
    }
}

/// Somebody who keeps a listing, or is in a team.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Owner {
    #[schema(value_type = String)]
    user_id: UserId,
    name: String,
    /// `edit`, `post`, `webhooks`, `reply`, `appeal`, `owners`, `delete`.
    rights: Vec<&'static str>,
    /// Whether it is theirs.
    main: bool,
}

impl Owner {
    pub(crate) fn new(keeper: &Keeper, user: Option<&User>) -> Self {
        Self {
            user_id: keeper.user,
            name: user.map_or_else(String::new, |user| user.display_name().to_owned()),
            rights: keeper.rights.names(),
            main: keeper.main,
        }
    }
}
