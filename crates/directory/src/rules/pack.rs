//! What a pack may be. Limits are those of Fates List.

use std::collections::BTreeSet;

use guildhall_base::{AnyId, Form, Patch, Result};
use serde::Deserialize;
use utoipa::ToSchema;

use super::draft::is_https;
use crate::model::Pack;

/// What somebody says in a pack. When one is made, what is absent is empty; when one is changed, what is absent stays and
/// null clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(example = json!({ "name": "A quiet guild", "description": "What I add to every new guild.",
    "bots": ["1573306918502576128", "1573306918502576129"] }))]
pub(crate) struct PackDraft {
    /// 3 to 50 characters in one line.
    pub name: Option<String>,
    /// 10 to 2,000 characters.
    pub description: Option<String>,
    /// 2 to 7 bots that are in the lists.
    #[schema(value_type = Option<Vec<String>>)]
    pub bots: Option<Vec<AnyId>>,
    /// The https address of its small picture; it is fetched once.
    #[serde(default, deserialize_with = "guildhall_base::present")]
    #[schema(value_type = Option<String>)]
    pub icon: Patch<String>,
    /// The same for its large picture.
    #[serde(default, deserialize_with = "guildhall_base::present")]
    #[schema(value_type = Option<String>)]
    pub banner: Patch<String>,
}

impl PackDraft {
    /// Refuses what a pack may not be.
    ///
    /// # Errors
    /// Every wrong field.
    pub(crate) fn check(&self, adding: bool) -> Result<()> {
        let mut form = Form::new();
        if adding {
            form.required("name", self.name.is_some());
            form.required("description", self.description.is_some());
            form.required("bots", self.bots.is_some());
        }
        if let Some(name) = &self.name {
            form.length("name", name.trim(), 3..=50);
        }
        if let Some(description) = &self.description {
            form.length("description", description.trim(), 10..=2000);
        }
        for (path, text) in [("name", &self.name), ("description", &self.description)] {
            if text.as_ref().is_some_and(|text| text.contains('\0')) {
                form.refuse(path, "BASE_TYPE_BAD", "Must not contain the character U+0000.");
            }
        }
        if self.name.as_ref().is_some_and(|name| name.contains(['\n', '\r'])) {
            form.refuse("name", "ONE_LINE", "Must be one line.");
        }
        if let Some(bots) = &self.bots {
            if !(2..=7).contains(&bots.len()) {
                form.refuse("bots", "BASE_TYPE_BAD_LENGTH", "Must be between 2 and 7 bots.");
            }
            if bots.iter().collect::<BTreeSet<_>>().len() < bots.len() {
                form.refuse("bots", "BASE_TYPE_CHOICES", "Must be different bots.");
            }
        }
        for (path, patch) in [("icon", &self.icon), ("banner", &self.banner)] {
            let url = patch.as_ref().and_then(|patch| patch.as_deref()).filter(|url| !url.is_empty());
            if url.is_some_and(|url| !is_https(url, 1000)) {
                form.refuse(path, "URL_TYPE_INVALID_URL", "Must be an https address.");
            }
        }
        form.finish()
    }

    /// Says it in a pack; its pictures, which need more than plain data, apart.
    pub(crate) fn apply(&self, pack: &mut Pack) {
        if let Some(name) = &self.name {
            name.trim().clone_into(&mut pack.name);
        }
        if let Some(description) = &self.description {
            description.trim().clone_into(&mut pack.description);
        }
        if let Some(bots) = &self.bots {
            pack.bots.clone_from(bots);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(change: impl FnOnce(&mut PackDraft)) -> Vec<String> {
        let mut draft = PackDraft {
            name: Some("A quiet guild".into()),
            description: Some("What I add first.".into()),
            bots: Some(vec![AnyId::new(1), AnyId::new(2)]),
            ..PackDraft::default()
        };
        change(&mut draft);
        let error = draft.check(true).err();
        error.map(|error| error.fields.into_iter().map(|field| field.path).collect()).unwrap_or_default()
    }

    #[test]
    fn limits_are_those_of_the_reference() {
        let bots = |count: i64| Some((1..=count).map(AnyId::new).collect::<Vec<_>>());
        assert!(wrong(|_| ()).is_empty());
        assert!(wrong(|draft| draft.bots = bots(7)).is_empty());
        for count in [0, 1, 8] {
            assert_eq!(wrong(|draft| draft.bots = bots(count)), ["bots"], "{count}");
        }
        assert_eq!(wrong(|draft| draft.bots = Some(vec![AnyId::new(1); 2])), ["bots"]);
        assert_eq!(wrong(|draft| draft.description = Some("too short".into())), ["description"]);
        assert_eq!(wrong(|draft| draft.name = Some("two\nlines".into())), ["name"]);
        for url in ["http://example.com/x.png", "javascript:alert(1)", "x"] {
            assert_eq!(wrong(|draft| draft.icon = Some(Some(url.into()))), ["icon"]);
            assert_eq!(wrong(|draft| draft.banner = Some(Some(url.into()))), ["banner"]);
        }
    }
}
