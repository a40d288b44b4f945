//! The order of a guild's roles and channels. Given the order as it is and what is asked for, these functions say
//! which rows change and to what, so that a move of one or of all is one statement over exactly those rows.
//!
//! Positions are dense and unique: roles count from `@everyone`'s 0, channels from 0 within their [`Group`], the
//! channels that clients show in one run: same parent, same [`Bucket`]. Clients sort by (position, id) within just
//! these groups, and number from 0 within them when they move a channel. Rows that were not dense become so on the
//! next change.
//!
//! What a request means: those it names with a position are taken out of the order, the rest closes up, and then
//! each goes where it asked, lowest first, the last place if it asked for more. So a client may name one row, the
//! range it permuted, or everything (with any ascending numbers), and gets what it meant. The same request again
//! changes nothing.

mod channels;
mod roles;

use guildhall_base::{Code, Error};

pub use channels::{
    Bucket, ChannelMove, ChannelShift, ChannelSlot, Group, MAX_CHANNELS, MAX_CHANNELS_IN_CATEGORY, Spot,
    create_channel, delete_channel, move_channels,
};
pub use roles::{MAX_ROLES, RoleMove, RoleShift, RoleSlot, create_role, delete_role, move_roles};

/// Why a request to move is refused, and which of its entries is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Index of the entry in the request.
    pub index: usize,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with an entry of a request to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The guild has no such role or channel.
    Unknown,
    /// An earlier entry names the same.
    Twice,
    /// The position is below 0.
    Negative,
    /// `@everyone` stays at 0.
    Everyone,
    /// The guild has no such category.
    NoCategory,
    /// The parent is no category.
    NotACategory,
    /// Categories have no parent.
    Nested,
    /// The category has [`MAX_CHANNELS_IN_CATEGORY`] channels already.
    Full,
}

impl Refused {
    /// As the caller is told. `unknown` is the code for [`Why::Unknown`]; with `bulk` the body was a list and the
    /// path says which entry.
    pub fn error(self, unknown: Code, bulk: bool) -> Error {
        let (field, code, message) = match self.why {
            Why::Unknown => return Error::from(unknown),
            Why::Twice => ("id", "DUPLICATE_ID", "It is in the list already.".to_owned()),
            Why::Negative => {
                let message = "int value should be greater than or equal to 0.".to_owned();
                ("position", "NUMBER_TYPE_MIN", message)
            }
            Why::Everyone => {
                ("position", "NUMBER_TYPE_MAX", "The @everyone role stays at position 0.".to_owned())
            }
            Why::NoCategory => ("parent_id", "CHANNEL_PARENT_INVALID", "Category does not exist".to_owned()),
            Why::NotACategory => ("parent_id", "CHANNEL_PARENT_INVALID_TYPE", "Not a category".to_owned()),
            Why::Nested => {
                let message = "Category channels cannot have parents".to_owned();
                ("parent_id", "CHANNEL_PARENT_INVALID_TYPE", message)
            }
            Why::Full => {
                let message =
                    format!("Maximum number of channels in category reached ({MAX_CHANNELS_IN_CATEGORY})");
                ("parent_id", "CHANNEL_PARENT_MAX_CHANNELS", message)
            }
        };
        let path = if bulk { format!("{}.{field}", self.index) } else { field.to_owned() };
        Error::field(path, code, message)
    }
}

/// Puts `moved` (wanted index, thing) among `rest`: each as near to its index as the number of things allows,
/// equal indices in the order given.
fn arrange<T: Copy>(rest: &[T], moved: &mut [(usize, T)]) -> Vec<T> {
    moved.sort_by_key(|(wanted, _)| *wanted);
    let (mut rest, mut moved) = (rest.iter().copied().peekable(), moved.iter().copied().peekable());
    let mut order = Vec::with_capacity(rest.len() + moved.len());
    loop {
        let place_moved = match (moved.peek(), rest.peek()) {
            (Some((wanted, _)), Some(_)) => *wanted <= order.len(),
            (Some(_), None) => true,
            (None, _) => false,
        };
        let next = if place_moved { moved.next().map(|(_, thing)| thing) } else { rest.next() };
        match next {
            Some(thing) => order.push(thing),
            None => return order,
        }
    }
}

/// An index as a stored position.
fn position(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// A requested position as an index; `None` below 0.
fn index(position: i64) -> Option<usize> {
    usize::try_from(position).ok()
}
