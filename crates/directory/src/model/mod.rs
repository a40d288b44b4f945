//! Things in the shape in which they are stored and told.

mod cursor;
mod history;
mod listing;
mod pack;
mod review;
mod rights;
mod state;

pub use cursor::Cursor;
pub use history::{Entry, EventName};
pub use listing::{
    Banner, Card, Counts, Details, Link, Listing, ListingId, ListingKind, PageStyle, TextFormat,
};
pub use pack::Pack;
pub use review::{Review, ReviewEdit, ReviewSort, Voice};
pub use rights::{Keeper, ListingRights};
pub use state::{Flags, State};
