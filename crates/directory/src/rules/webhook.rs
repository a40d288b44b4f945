//! What webhooks are sent, how it is signed, and what follows from an answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guildhall_base::Timestamp;
use ring::hmac::{HMAC_SHA256, Key, sign};
use serde_json::{Value, json};
use url::{Host, Url};

use crate::model::{EventName, HookEvents, HookStyle, Listing, ListingKind, Told};

/// What a secret begins with, as Standard Webhooks writes it.
const SECRET: &str = "whsec_";
/// The event of the test button.
pub(crate) const TEST: &str = "test";
/// The longest address.
const LONGEST: usize = 500;

/// A secret of these bytes, as it is shown.
pub(crate) fn secret(bytes: [u8; 32]) -> String {
    format!("{SECRET}{}", STANDARD.encode(bytes))
}

/// An address of a webhook: https, or http to this machine, which the guard refuses unless the operator allowed it.
pub(crate) fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= LONGEST)?;
    let here = match url.host()? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name == "localhost",
    };
    (url.scheme() == "https" || (url.scheme() == "http" && here)).then_some(url)
}

/// Whether a webhook of this style can be told of it: as top.gg tells votes, there is no place for who stays unnamed.
pub(crate) fn can_tell(style: HookStyle, event: EventName, named: bool) -> bool {
    style != HookStyle::Topgg || (named && matches!(event, EventName::Vote | EventName::TestVote))
}

/// Whether such a webhook can be told of these groups of events.
pub(crate) fn can_want(style: HookStyle, events: HookEvents) -> bool {
    !events.is_empty() && (style != HookStyle::Topgg || events == HookEvents::VOTES)
}

/// What is sent.
pub(crate) fn body(style: HookStyle, message: &str, listing: &Listing, told: &Told, site: &str) -> String {
    match style {
        HookStyle::Signed => signed(message, listing, told, site),
        HookStyle::Embed => embed(listing, told, site),
        HookStyle::Topgg => topgg(listing, told),
    }
    .to_string()
}

fn is_test(told: &Told) -> bool {
    told.event == TEST || told.event == EventName::TestVote.name()
}

fn signed(message: &str, listing: &Listing, told: &Told, site: &str) -> Value {
    let id = listing.id;
    json!({
        "type": told.event,
        "timestamp": told.at,
        "data": {
            "id": message,
            "test": is_test(told),
            "listing": { "kind": id.kind, "id": id.id, "name": listing.name, "url": format!("{site}{}", id.path()) },
            "user_id": told.user,
            "votes": listing.counts.votes,
            "total_votes": listing.counts.total_votes,
            "context": told.context,
        },
    })
}

fn topgg(listing: &Listing, told: &Told) -> Value {
    let subject = match listing.id.kind {
        ListingKind::Bot => "bot",
        ListingKind::Guild => "guild",
    };
    json!({
        subject: listing.id.id,
        "user": told.user,
        "type": if is_test(told) { "test" } else { "upvote" },
        "query": "",
        "isWeekend": false,
    })
}

/// A message as Discord's webhooks take it. Nobody is called by it, whatever a name says.
fn embed(listing: &Listing, told: &Told, site: &str) -> Value {
    let (title, colour) = headline(&told.event);
    let who = match told.user {
        Some(user) => format!("<@{user}>"),
        None => "Somebody".to_owned(),
    };
    let reason = told.context.get("reason").and_then(Value::as_str);
    let text = match (told.event.as_str(), reason) {
        ("vote" | "test_vote", _) => format!(
            "{who} voted. {} votes this month, {} in all.",
            listing.counts.votes, listing.counts.total_votes
        ),
        (TEST, _) => "This is a test; nothing happened.".to_owned(),
        (_, Some(reason)) => reason.chars().take(2000).collect(),
        (_, None) => format!("By {who}."),
    };
    json!({
        "content": null,
        "embeds": [{
            "title": format!("{}: {title}", listing.name.chars().take(200).collect::<String>()),
            "description": text,
            "url": format!("{site}{}", listing.id.path()),
            "color": colour,
            "timestamp": told.at,
        }],
        "allowed_mentions": { "parse": [] },
    })
}

/// How an embed is headed, and its colour.
fn headline(event: &str) -> (String, u32) {
    const GREEN: u32 = 0x0023_A55A;
    const RED: u32 = 0x00F2_3F43;
    const BLUE: u32 = 0x0058_65F2;
    let known = match event {
        "vote" => ("new vote", GREEN),
        "test_vote" => ("test vote", BLUE),
        "vote_reset" => ("votes were reset", BLUE),
        "review_add" => ("new review", GREEN),
        "review_edit" => ("a review was changed", BLUE),
        "review_delete" => ("a review was removed", RED),
        "approve" => ("approved", GREEN),
        "certify" => ("certified", GREEN),
        "unban" => ("no longer banned", GREEN),
        "deny" => ("denied", RED),
        "ban" => ("banned", RED),
        "uncertify" => ("no longer certified", RED),
        "unverify" => ("back in the queue", RED),
        other => return (other.replace('_', " "), BLUE),
    };
    (known.0.to_owned(), known.1)
}

/// The headers that go with a message: what receivers know it by, and the signatures of its style.
pub(crate) fn headers(
    style: HookStyle,
    secret: &str,
    message: &str,
    at: Timestamp,
    body: &str,
) -> Vec<(&'static str, String)> {
    let seconds = at.millis() / 1000;
    let mut headers = vec![("webhook-id", message.to_owned()), ("webhook-timestamp", seconds.to_string())];
    match style {
        HookStyle::Signed => {
            let key =
                secret.strip_prefix(SECRET).and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
            let signature =
                sign(&Key::new(HMAC_SHA256, &key), format!("{message}.{seconds}.{body}").as_bytes());
            headers.push(("webhook-signature", format!("v1,{}", STANDARD.encode(signature))));
        }
        HookStyle::Topgg => {
            let signature =
                sign(&Key::new(HMAC_SHA256, secret.as_bytes()), format!("{seconds}.{body}").as_bytes());
            let hex: String = signature.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            headers.push(("x-topgg-signature", format!("t={seconds},v1={hex}")));
            headers.push(("authorization", secret.to_owned()));
        }
        HookStyle::Embed => {}
    }
    headers
}

/// What follows from an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was taken.
    Taken,
    /// Worth another try later.
    Again,
    /// The same would be refused again.
    Refused,
    /// There is nobody any more.
    Gone,
}

/// What follows from a status; 0 where there was no answer.
pub(crate) fn verdict(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Taken,
        410 => Verdict::Gone,
        0 | 408 | 429 | 500..=599 => Verdict::Again,
        _ => Verdict::Refused,
    }
}

/// The beginning of an answer as text that every database keeps.
pub(crate) fn excerpt(body: &[u8]) -> String {
    let start = body.get(..body.len().min(1024)).unwrap_or_default();
    String::from_utf8_lossy(start).replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

    use super::*;

    #[test]
    fn signatures_are_those_of_the_specification() {
        // The example of Standard Webhooks' own libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = r#"{"test": 2432232314}"#;
        let at = Timestamp::from_millis(1_614_265_330_999);
        let headers = headers(HookStyle::Signed, secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body);
        assert_eq!(headers[1].1, "1614265330");
        assert_eq!(
            headers[2],
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".to_owned())
        );
    }

    #[test]
    fn addresses_are_https_or_here() {
        for good in ["https://example.org/x?y", "http://127.0.0.1:9/", "http://localhost/", "http://[::1]/"] {
            assert!(address(good).is_some(), "{good}");
        }
        for bad in [
            "http://example.org/",
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "x",
            "https:",
            "http://a.localhost.x/",
        ] {
            assert!(address(bad).is_none(), "{bad}");
        }
        assert!(address(&format!("https://example.org/{}", "x".repeat(500))).is_none());
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (status, verdict) in [
            (200, Verdict::Taken),
            (204, Verdict::Taken),
            (301, Verdict::Refused),
            (400, Verdict::Refused),
            (401, Verdict::Refused),
            (404, Verdict::Refused),
            (408, Verdict::Again),
            (410, Verdict::Gone),
            (429, Verdict::Again),
            (500, Verdict::Again),
            (503, Verdict::Again),
            (0, Verdict::Again),
        ] {
            assert_eq!(super::verdict(status), verdict, "{status}");
        }
    }

    #[test]
    fn an_answer_is_kept_in_part() {
        assert_eq!(excerpt(&[b'x'; 3000]).len(), 1024);
        assert_eq!(excerpt(b"a\0b\xff"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn top_gg_has_votes_of_somebody_only() {
        assert!(can_tell(HookStyle::Topgg, EventName::Vote, true));
        assert!(!can_tell(HookStyle::Topgg, EventName::Vote, false));
        assert!(!can_tell(HookStyle::Topgg, EventName::VoteReset, true));
        assert!(can_tell(HookStyle::Signed, EventName::VoteReset, false));
        assert!(!can_want(HookStyle::Topgg, HookEvents::VOTES | HookEvents::STAFF));
        assert!(!can_want(HookStyle::Signed, HookEvents::empty()));
    }
}
