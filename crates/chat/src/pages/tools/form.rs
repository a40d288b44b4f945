//! What a form of a tool says, read into the payload of its job.

use std::str::FromStr;

use guildhall_base::{Error, Form, Id, Result, Timestamp};
use serde::Serialize;

use super::Tool;
use crate::model::{MassBan, MassRoles, MemberFilter, MessagePrune};

/// The fields of a form as they were sent; several of the same name where boxes are ticked.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(pub(super) Vec<(String, String)>);

impl Fields {
    /// A field's text without the white space around it; empty if it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// Whether a box is ticked.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(known, sent)| known == name && sent == value)
    }

    /// Whether the only box of this name is ticked.
    pub(super) fn ticked(&self, name: &str) -> bool {
        self.has(name, "on")
    }

    fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn parsed<T: FromStr>(&self, form: &mut Form, name: &str, suffix: &str) -> Option<T> {
        let text = self.optional(name)?;
        let parsed = format!("{text}{suffix}").parse().ok();
        if parsed.is_none() {
            form.refuse(name, "MASS_UNREADABLE", "This cannot be read.");
        }
        parsed
    }

    /// A time in UTC, as browsers send it: `2026-11-20T12:00`.
    fn time(&self, form: &mut Form, name: &str) -> Option<Timestamp> {
        let seconds = if self.text(name).matches(':').count() == 1 { ":00Z" } else { "Z" };
        self.parsed(form, name, seconds)
    }

    /// Ids: of boxes that are ticked, or written one after the other.
    fn ids<T>(&self, form: &mut Form, name: &str) -> Vec<Id<T>> {
        let sent = self.0.iter().filter(|(known, _)| known == name);
        let words =
            sent.flat_map(|(_, value)| value.split(|letter: char| letter == ',' || letter.is_whitespace()));
        // Mentions too: they are what one copies out of the chat.
        let words = words.map(|word| word.trim_matches(['<', '>', '@', '!', '&', '#']));
        let mut ids = Vec::new();
        for word in words.filter(|word| !word.is_empty()) {
            match word.parse() {
                Ok(id) => ids.push(id),
                Err(_) => {
                    form.refuse(name, "MASS_UNREADABLE", "This cannot be read.");
                    break;
                }
            }
        }
        ids
    }

    fn members(&self, form: &mut Form) -> MemberFilter {
        let times = |form: &mut Form, name: &str, unit: u64| {
            self.parsed::<u64>(form, name, "").map(|count| count.saturating_mul(unit))
        };
        MemberFilter {
            users: self.ids(form, "members.users"),
            has_roles: self.ids(form, "members.has_roles"),
            lacks_roles: self.ids(form, "members.lacks_roles"),
            without_roles: self.ticked("members.without_roles"),
            joined_before: self.time(form, "members.joined_before"),
            joined_after: self.time(form, "members.joined_after"),
            joined_within_seconds: times(form, "members.joined_within_hours", 3600),
            account_younger_seconds: times(form, "members.account_younger_days", 86_400),
            bots: match self.text("members.bots") {
                "bots" => Some(true),
                "people" => Some(false),
                _ => None,
            },
            name: self.optional("members.name"),
        }
    }

    /// The payload of the tool's job, as JSON.
    ///
    /// # Errors
    /// Every field that cannot be read.
    pub(super) fn payload(&self, tool: Tool) -> Result<String> {
        let mut form = Form::new();
        let reason = self.optional("reason");
        let payload = match tool {
            Tool::Prune => json(&MessagePrune {
                channels: self.ids(&mut form, "channels"),
                authors: self.ids(&mut form, "authors"),
                bots: self.ticked("bots"),
                contains: self.optional("contains"),
                links: self.ticked("links"),
                attachments: self.ticked("attachments"),
                embeds: self.ticked("embeds"),
                before: self.parsed(&mut form, "before", ""),
                after: self.parsed(&mut form, "after", ""),
                sent_before: self.time(&mut form, "sent_before"),
                sent_after: self.time(&mut form, "sent_after"),
                pinned: self.ticked("pinned"),
                max: self.parsed(&mut form, "max", ""),
                per_channel: self.parsed(&mut form, "per_channel", ""),
                reason,
            }),
            Tool::Roles => json(&MassRoles {
                give: self.ids(&mut form, "give"),
                take: self.ids(&mut form, "take"),
                members: self.members(&mut form),
                reason,
            }),
            Tool::Bans => {
                let hours: Option<i64> = self.parsed(&mut form, "delete_message_hours", "");
                json(&MassBan {
                    members: self.members(&mut form),
                    delete_message_seconds: hours.unwrap_or(0).saturating_mul(3600),
                    reason,
                })
            }
        };
        form.finish()?;
        payload
    }
}

fn json<T: Serialize>(payload: &T) -> Result<String> {
    serde_json::to_string(payload).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_form_says_what_the_job_is_told() {
        let sent = fields(&[
            ("give", "5"),
            ("give", "6"),
            ("members.users", "7, <@8>\n<@!9>"),
            ("members.bots", "people"),
            ("members.joined_before", "2026-11-20T12:00"),
            ("members.joined_within_hours", "2"),
            ("reason", " "),
        ]);
        let roles: MassRoles = serde_json::from_str(&sent.payload(Tool::Roles).unwrap()).unwrap();
        assert_eq!((roles.give.len(), roles.members.users.len(), roles.reason), (2, 3, None));
        assert_eq!(roles.members.joined_before.unwrap().to_string(), "2026-11-20T12:00:00.000000+00:00");
        assert_eq!((roles.members.joined_within_seconds, roles.members.bots), (Some(7200), Some(false)));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let sent = fields(&[("authors", "ada"), ("max", "-1"), ("sent_after", "yesterday"), ("before", "x")]);
        let error = sent.payload(Tool::Prune).unwrap_err();
        let paths: Vec<_> = error.fields.iter().map(|field| field.path.as_str()).collect();
        assert_eq!(paths, ["authors", "before", "sent_after", "max"]);
    }
}
