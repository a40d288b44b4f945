//! Things in the shape in which they are stored and told.

mod appeal;
mod command;
mod cursor;
mod day;
mod history;
mod listing;
mod news;
mod pack;
mod person;
mod review;
mod rights;
mod state;
mod vote;
mod webhook;

pub use appeal::{Answer, Appeal, AppealKind};
pub use command::{CommandDetails, CommandKind, ListedCommand};
pub use cursor::Cursor;
pub use day::{Day, Looker, Seen};
pub use history::{Entry, EventName};
pub use listing::{
    Banner, Card, Counts, Details, Link, Listing, ListingId, ListingKind, PageStyle, TextFormat,
};
pub use news::{News, NewsKind, Resource};
pub use pack::Pack;
pub use person::PersonFlags;
pub use review::{Review, ReviewEdit, ReviewSort, Voice};
pub use rights::{Keeper, ListingRights};
pub use state::{Flags, State};
pub use vote::{Month, NotAMonth, Vote, VoteId, VoteMarker, Voted};
pub use webhook::{Delivery, DeliveryId, DeliveryState, HookEvents, HookId, HookStyle, Told, Webhook};
