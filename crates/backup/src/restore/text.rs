//! Messages as they are written again. What they mention is mentioned where it is now; a line in small print says when
//! they were written, as clients show times to each reader; and an answer begins with a quoted line that leads to what it
//! answers.

use std::collections::{BTreeSet, HashMap};

use guildhall_base::{MessageId, Timestamp};

use crate::model::Message;
use crate::plan::Resolve;

/// The most characters that a message may have.
const LONGEST: usize = 2000;

/// The most characters of a message that its quote shows.
const QUOTED: usize = 60;

/// What is known of messages of one channel that others answer.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    /// Where the channel is for people; the message's id follows.
    page: String,
    /// The messages of the backup that others answer.
    pub(super) answered: BTreeSet<MessageId>,
    /// The lines that quote those that are written already.
    lines: HashMap<MessageId, String>,
}

impl Quotes {
    pub(super) fn new(page: String) -> Self {
        Self { page, ..Self::default() }
    }

    /// Notes as what a message was written; whether that matters.
    pub(super) fn know(&mut self, message: &Message, id: &str) -> bool {
        let answered = self.answered.contains(&message.id);
        if answered {
            let line = format!("> [{}]({}/{id})", quoted(message), self.page);
            self.lines.insert(message.id, line);
        }
        answered
    }

    /// The same of messages that an earlier run has written.
    pub(super) fn learn(&mut self, messages: &[Message], written: &[(MessageId, String)]) {
        for (from, id) in written {
            if let Some(message) = messages.iter().find(|message| message.id == *from) {
                self.know(message, id);
            }
        }
    }
}

/// Who said what, in one line without anything that is more than text.
fn quoted(message: &Message) -> String {
    let mut text = String::new();
    let mut rest = message.content.as_str();
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        rest = after.split_once('>').map_or(after, |(_, after)| after);
    }
    text.push_str(rest);
    let plain = |text: &str, most: usize| {
        let text: String = text.chars().filter(|one| !"[]()<>*_~|`\\@#".contains(*one)).collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match text.char_indices().nth(most) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
            None => text,
        }
    };
    let text = plain(&text, QUOTED);
    format!("{}: {}", plain(&message.author.name, 80), if text.is_empty() { "…" } else { &text })
}

/// What is written of a message. Lines that do not fit are left out, so that nothing of the text is.
pub(super) fn told(message: &Message, made: &dyn Resolve, quotes: &Quotes) -> String {
    let text = translate(&message.content, made);
    // What a restore has written says already when it was said.
    let time = if message.author.bot && text.lines().last().is_some_and(is_time) {
        String::new()
    } else {
        time(message.timestamp)
    };
    let quote = message.reply_to.and_then(|id| quotes.lines.get(&id)).cloned().unwrap_or_default();
    let join =
        |parts: [&str; 3]| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    let fits = |text: &String| text.chars().nth(LONGEST).is_none();
    let versions = [join([&quote, &text, &time]), join([&text, &time, ""])];
    versions.into_iter().find(fits).unwrap_or(text)
}

/// The line that says when: small print with a time that clients show in the reader's zone and language.
fn time(at: Timestamp) -> String {
    format!("-# <t:{}:f>", at.millis().div_euclid(1000))
}

fn is_time(line: &str) -> bool {
    let number = line.strip_prefix("-# <t:").and_then(|rest| rest.strip_suffix(":f>"));
    number.is_some_and(|number| number.parse::<i64>().is_ok())
}

/// A text in which roles and channels of the backup are called by their ids in the target.
pub(super) fn translate(text: &str, made: &dyn Resolve) -> String {
    let mut translated = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        translated.push_str(before);
        let (mention, after) = match from.find('>') {
            Some(end) if end < 30 => from.split_at(end + 1),
            _ => from.split_at(1),
        };
        match new_name(mention, made) {
            Some(name) => translated.push_str(&name),
            None => translated.push_str(mention),
        }
        rest = after;
    }
    translated.push_str(rest);
    match translated.char_indices().nth(LONGEST) {
        Some(_) => translated.chars().take(LONGEST - 1).chain(['…']).collect(),
        None => translated,
    }
}

fn new_name(mention: &str, made: &dyn Resolve) -> Option<String> {
    let inner = mention.strip_prefix('<')?.strip_suffix('>')?;
    if let Some(id) = inner.strip_prefix("@&") {
        return made.role(id.parse().ok()?).map(|id| format!("<@&{id}>"));
    }
    let id = inner.strip_prefix('#')?;
    made.channel(id.parse().ok()?).map(|id| format!("<#{id}>"))
}

/// A name under which a webhook may write: 1 to 80 characters, without what Discord keeps for itself.
pub(super) fn username(name: &str) -> String {
    let mut name: String = name.trim().chars().take(80).collect();
    for reserved in ["discord", "clyde"] {
        while let Some(at) = name.to_lowercase().find(reserved) {
            // Only where lower case has the same bytes is the place the same.
            let Some(middle) = name.get(at..at + 1).filter(|_| name.is_ascii()) else { return "User".into() };
            let replaced = format!("{middle}\u{200b}");
            name.replace_range(at..=at, &replaced);
        }
    }
    if name.is_empty() { "User".into() } else { name }
}

#[cfg(test)]
mod tests {
    use guildhall_base::{ChannelId, RoleId};

    use super::*;

    struct Plus;
    impl Resolve for Plus {
        fn role(&self, from: RoleId) -> Option<RoleId> {
            (from.get() < 100).then(|| RoleId::new(from.get() + 100))
        }
        fn channel(&self, from: ChannelId) -> Option<ChannelId> {
            Some(ChannelId::new(from.get() + 200))
        }
    }

    #[test]
    fn mentions_are_those_of_the_target() {
        let text = "a <@&7> <#8> <@9> < <@&999> <:e:1> <@&x> <";
        assert_eq!(translate(text, &Plus), "a <@&107> <#208> <@9> < <@&999> <:e:1> <@&x> <");
        assert_eq!(translate(&"ä".repeat(2001), &Plus).chars().count(), 2000);
        assert_eq!(translate(&"ä".repeat(2000), &Plus), "ä".repeat(2000));
    }

    fn message(id: i64, content: &str) -> Message {
        serde_json::from_value(serde_json::json!({
            "id": id.to_string(), "content": content, "author": { "id": "7", "name": "Ada [x]" },
            "timestamp": "2026-01-01T00:00:00.9Z", "reply_to": (id - 1).to_string()
        }))
        .unwrap()
    }

    #[test]
    fn messages_say_when_they_were_written_and_what_they_answer() {
        let mut quotes = Quotes::new("https://hall/channels/1/2".into());
        quotes.answered.insert(MessageId::new(1));
        let (first, second) = (message(1, "Look <@5>\n**up** [a](b) <#8>"), message(2, "Where?"));
        assert_eq!(
            told(&second, &Plus, &quotes),
            "Where?\n-# <t:1767225600:f>",
            "nobody knows what it answers"
        );
        assert!(quotes.know(&first, "99"));
        assert!(!quotes.know(&second, "100"), "nobody answers it");
        let line = "> [Ada x: Look up ab](https://hall/channels/1/2/99)";
        assert_eq!(told(&second, &Plus, &quotes), format!("{line}\nWhere?\n-# <t:1767225600:f>"));
        quotes.know(&message(1, &"ä".repeat(90)), "99");
        assert!(told(&second, &Plus, &quotes).starts_with(&format!("> [Ada x: {}…](", "ä".repeat(60))));
        quotes.know(&message(1, "<@1>"), "99");
        assert!(told(&second, &Plus, &quotes).starts_with("> [Ada x: …]("));
        // What was restored before is not dated twice.
        let mut again = message(3, "a\n-# <t:5:f>");
        assert_eq!(told(&again, &Plus, &quotes), "a\n-# <t:5:f>\n-# <t:1767225600:f>");
        again.author.bot = true;
        assert_eq!(told(&again, &Plus, &quotes), "a\n-# <t:5:f>");
    }

    #[test]
    fn no_text_is_cut_for_a_line() {
        let mut quotes = Quotes::new("https://hall/channels/1/2".into());
        quotes.answered.insert(MessageId::new(1));
        quotes.know(&message(1, "first"), "99");
        let lines = |length: usize| told(&message(2, &"x".repeat(length)), &Plus, &quotes).lines().count();
        assert_eq!([lines(1900), lines(1970), lines(1990), lines(2500)], [3, 2, 1, 1]);
    }

    #[test]
    fn names_are_such_as_webhooks_may_have() {
        assert_eq!(username("Ada"), "Ada");
        assert_eq!(username("  "), "User");
        assert!(!username("My Discord Bot").to_lowercase().contains("discord"));
        assert_eq!(username("ÄDISCORD"), "User");
    }
}
