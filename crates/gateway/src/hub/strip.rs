//! What is left of a message for those without the MESSAGE_CONTENT intent
//! (<https://discord.com/developers/docs/events/gateway#message-content-intent>).

use std::collections::BTreeMap;

use guildhall_base::UserId;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The body without content, embeds, attachments, components and poll; those of the message that it answers too.
pub(crate) fn strip(body: &[u8]) -> Vec<u8> {
    fn strip_one(body: &str) -> Option<String> {
        let mut fields: BTreeMap<&str, Box<RawValue>> = serde_json::from_str(body).ok()?;
        let raw = |text: &str| RawValue::from_string(text.to_owned()).ok();
        for (name, empty) in
            [("content", "\"\""), ("embeds", "[]"), ("attachments", "[]"), ("components", "[]")]
        {
            if let Some(value) = fields.get_mut(name) {
                *value = raw(empty)?;
            }
        }
        fields.remove("poll");
        if let Some(answered) = fields.get_mut("referenced_message")
            && let Some(stripped) = strip_one(answered.get())
        {
            *answered = raw(&stripped)?;
        }
        serde_json::to_string(&fields).ok()
    }
    let stripped = std::str::from_utf8(body).ok().and_then(strip_one);
    stripped.unwrap_or_else(|| "{}".to_owned()).into_bytes()
}

/// The users whom a message concerns so that they see its content without the intent: its author and who is
/// mentioned.
pub(crate) fn concerns(body: &[u8]) -> Vec<UserId> {
    #[derive(Deserialize)]
    struct Somebody {
        id: UserId,
    }
    #[derive(Deserialize)]
    struct Message {
        author: Option<Somebody>,
        #[serde(default)]
        mentions: Vec<Somebody>,
        #[serde(default)]
        application_id: Option<UserId>,
    }
    let Ok(message) = serde_json::from_slice::<Message>(body) else { return Vec::new() };
    let somebodies = message.author.into_iter().chain(message.mentions).map(|somebody| somebody.id);
    somebodies.chain(message.application_id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_content_goes() {
        let body = r#"{"id":"1","content":"secret","embeds":[{"title":"secret"}],"mentions":[{"id":"9","username":"x"}],
            "author":{"id":"8"},"poll":{},"referenced_message":{"content":"secret","id":"0"},"big":123456789012345678901}"#;
        let stripped = String::from_utf8(strip(body.as_bytes())).unwrap();
        assert!(!stripped.contains("secret") && !stripped.contains("poll"), "{stripped}");
        assert!(stripped.contains(r#""content":"""#) && stripped.contains(r#""embeds":[]"#), "{stripped}");
        assert!(
            stripped.contains("123456789012345678901") && !stripped.contains("attachments"),
            "{stripped}"
        );
        assert_eq!(concerns(body.as_bytes()), [UserId::new(8), UserId::new(9)]);
        assert!(strip(br#"{"referenced_message":null}"#).ends_with(b"null}"));
    }
}
