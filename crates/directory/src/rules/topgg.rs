//! How top.gg's API asks for lists.

use guildhall_base::{Form, Result};
use serde::Deserialize;

/// What is asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    /// A part of a name, or `username: part`.
    search: Option<String>,
    limit: Option<u16>,
    offset: Option<u32>,
    sort: Option<String>,
    /// Names of fields, joined by commas.
    fields: Option<String>,
}

/// By what bots are sorted; the largest first unless it is turned around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) by: By,
    pub(crate) rising: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    MonthlyPoints = 0,
    Points = 1,
    ServerCount = 2,
    Date = 3,
}

/// The same, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// A part of the name, in lower case; empty: any.
    pub(crate) name: String,
    pub(crate) order: Order,
    pub(crate) limit: u16,
    pub(crate) offset: u32,
    /// Empty: all.
    pub(crate) fields: Vec<String>,
}

impl Search {
    /// Reads it.
    ///
    /// # Errors
    /// Wrong fields.
    pub(crate) fn wanted(&self) -> Result<Wanted> {
        let mut form = Form::new();
        let limit = self.limit.unwrap_or(50);
        form.range("limit", limit.into(), 1..=500);
        form.range("offset", self.offset.unwrap_or(0).into(), 0..=100_000);
        let search = self.search.as_deref().unwrap_or_default();
        form.length("search", search, 0..=200);
        let sort = self.sort.as_deref().unwrap_or("monthlyPoints");
        let (rising, sort) = sort.strip_prefix('-').map_or((false, sort), |sort| (true, sort));
        let by = match sort {
            "monthlyPoints" => Some(By::MonthlyPoints),
            "points" => Some(By::Points),
            "server_count" | "serverCount" => Some(By::ServerCount),
            "date" => Some(By::Date),
            _ => None,
        };
        form.choice("sort", by.is_some());
        form.finish()?;
        let name = search.split_once("username:").map_or(search, |(_, rest)| rest).trim().to_lowercase();
        let fields = self.fields.as_deref().unwrap_or_default().split(',').map(str::trim);
        Ok(Wanted {
            name,
            order: Order { by: by.unwrap_or(By::MonthlyPoints), rising },
            limit,
            offset: self.offset.unwrap_or(0),
            fields: fields.filter(|field| !field.is_empty()).map(str::to_owned).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use super::*;

    #[test]
    fn searches_are_read_as_the_library_writes_them() {
        let search = Search {
            search: Some("username: Shiro".to_owned()),
            sort: Some("-points".to_owned()),
            fields: Some("id, username".to_owned()),
            ..Search::default()
        };
        let wanted = search.wanted().unwrap();
        assert_eq!((wanted.name.as_str(), wanted.limit), ("shiro", 50));
        assert_eq!(wanted.order, Order { by: By::Points, rising: true });
        assert_eq!(wanted.fields, ["id", "username"]);
        assert!(Search { limit: Some(501), ..Search::default() }.wanted().is_err());
        assert!(Search { sort: Some("beauty".to_owned()), ..Search::default() }.wanted().is_err());
    }
}
