//! What is asked of lists and of search, and where a page of them ends.

use std::fmt;
use std::str::FromStr;

use guildhall_base::{AnyId, Error, Form, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::ListingKind;

/// Pages of a search after which there are no more: nobody reads on, and each costs as much as all before it.
const LAST_OFFSET: u32 = 500;

/// In which order a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Most votes this month first.
    #[default]
    Votes,
    /// Latest approved first.
    New,
    /// Most guilds of a bot, or members of a guild, first.
    Size,
}

/// Which listings are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Browse {
    /// Words that its name or its texts have, the last of them at least by its beginning; at most 8 are looked for. The best match comes first then.
    #[serde(default)]
    pub q: String,
    /// Tags that it has all of, with commas between them.
    #[serde(default)]
    pub tags: String,
    /// The language of its texts.
    #[serde(default, deserialize_with = "unless_empty")]
    pub language: Option<String>,
    /// At least so many guilds, or members.
    #[serde(default, deserialize_with = "unless_empty")]
    pub size_from: Option<u64>,
    /// At most so many.
    #[serde(default, deserialize_with = "unless_empty")]
    pub size_to: Option<u64>,
    /// Whether those that are not for everybody's eyes are among them.
    #[serde(default)]
    pub nsfw: bool,
    /// The order without words: `votes`, `new` or `size`.
    #[serde(default)]
    #[param(inline)]
    pub sort: Sort,
    /// Where the page before ended.
    pub after: Option<String>,
    /// 1 to 50; 24 by default.
    pub limit: Option<u16>,
}

/// Forms send what was left empty as an empty text.
fn unless_empty<'de, D, T>(input: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    let text = Option::<String>::deserialize(input)?.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

impl Browse {
    /// The tags, without what is empty or twice.
    pub(crate) fn wanted_tags(&self) -> Vec<String> {
        let mut tags: Vec<String> =
            self.tags.split(',').map(|tag| tag.trim().to_lowercase()).filter(|tag| !tag.is_empty()).collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    /// How many listings a page has.
    pub(crate) fn limit(&self) -> u16 {
        self.limit.unwrap_or(24)
    }

    /// Refuses what cannot be looked for; gives where to go on.
    pub(crate) fn check(&self) -> Result<Option<After>> {
        let mut form = Form::new();
        form.range("limit", self.limit().into(), 1..=50);
        form.length("q", &self.q, 0..=100);
        form.at_most("tags", self.wanted_tags().len(), 10);
        let after = self.after.as_deref().map(str::parse::<After>).transpose();
        if !matches!(after, Ok(None)) && !matches!(&after, Ok(Some(at)) if at.fits(&self.q)) {
            form.refuse("after", "BASE_TYPE_CHOICES", "This is not where a page of this list ended.");
        }
        form.finish()?;
        after.map_err(|_| Error::internal("was refused"))
    }
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// After this many of a search.
    Offset(u32),
    /// After the listing with this number (votes, time or size) and id.
    Key(i64, AnyId),
}

impl After {
    fn fits(self, q: &str) -> bool {
        match self {
            Self::Offset(offset) => !q.trim().is_empty() && offset < LAST_OFFSET,
            Self::Key(..) => q.trim().is_empty(),
        }
    }

    /// Where the page after this offset's begins, unless there is none.
    pub(crate) fn offset(past: u32) -> Option<Self> {
        (past < LAST_OFFSET).then_some(Self::Offset(past))
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(offset) => write!(f, "{offset}"),
            Self::Key(number, id) => write!(f, "{number}.{id}"),
        }
    }
}

impl FromStr for After {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once('.') {
            None => text.parse().map(Self::Offset).map_err(|_| ()),
            Some((number, id)) => Ok(Self::Key(number.parse().map_err(|_| ())?, id.parse().map_err(|_| ())?)),
        }
    }
}

/// The number by which a listing is found in the text index.
pub(crate) const fn word_row(kind: ListingKind, id: AnyId) -> i64 {
    id.get().wrapping_mul(2) | kind.number()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use super::*;

    #[test]
    fn pages_end_where_the_next_begins() {
        for after in [After::Offset(24), After::Key(-1, AnyId::new(7)), After::Key(0, AnyId::new(1))] {
            assert_eq!(after.to_string().parse(), Ok(after));
        }
        let browse =
            |q: &str, after: &str| Browse { q: q.into(), after: Some(after.into()), ..Browse::default() };
        assert_eq!(browse("music", "24").check().unwrap(), Some(After::Offset(24)));
        assert!(browse("music", "5.7").check().is_err());
        assert!(browse("", "24").check().is_err());
        assert!(browse("music", "500").check().is_err());
        assert!(browse("music", "x").check().is_err());
    }

    #[test]
    fn tags_are_sorted_and_single() {
        let browse = Browse { tags: " Fun,music,,fun ".into(), ..Browse::default() };
        assert_eq!(browse.wanted_tags(), ["fun", "music"]);
    }
}
