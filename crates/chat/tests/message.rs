//! What a message may contain: limits, their error paths, the stored shape, and that no JSON whatever breaks it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]
#![expect(clippy::expect_used, reason = "a test may panic, its own functions too")]

use guildhall_base::{Error, Form};
use guildhall_chat::rules::message::{
    Allowed, AllowedMentions, Draft, IS_COMPONENTS_V2, read_modal, resolve_attachments,
};
use guildhall_chat::rules::read::Object;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn read(body: &Value) -> Result<Draft, Error> {
    let mut form = Form::new();
    let draft = Draft::read(&mut form, body.as_object().expect("an object"), 0);
    form.finish().map(|()| draft)
}

/// The complaints about a body as `path: CODE`.
fn complaints(body: &Value) -> Vec<String> {
    let error = read(body).expect_err("a refusal");
    assert_eq!(error.code.number, 50035);
    error.fields.iter().map(|field| format!("{}: {}", field.path, field.code)).collect()
}

fn embeds(embeds: Value) -> Result<Vec<Value>, Error> {
    read(&json!({ "embeds": embeds })).map(|draft| draft.embeds.expect("embeds"))
}

fn row(components: Value) -> Value {
    json!({ "components": [{ "type": 1, "components": components }] })
}

fn x(count: usize) -> String {
    "x".repeat(count)
}

#[test]
fn an_empty_body_says_nothing() {
    assert_eq!(read(&json!({})).unwrap(), Draft::default());
}

#[test]
fn nulls_count_as_absent_or_empty() {
    let names =
        ["embed", "allowed_mentions", "flags", "nonce", "enforce_nonce", "tts", "message_reference", "poll"];
    let body: Map<_, _> = names.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    assert_eq!(read(&body.into()).unwrap(), Draft::default());
    let draft =
        read(&json!({ "content": null, "embeds": null, "components": null, "attachments": null })).unwrap();
    assert_eq!((draft.content, draft.embeds, draft.components), (Some(None), Some(vec![]), Some(vec![])));
}

#[test]
fn content_is_trimmed_and_at_most_2000_characters() {
    let draft = read(&json!({ "content": format!("  {}\n", "ä".repeat(2000)) })).unwrap();
    assert_eq!(draft.content, Some(Some("ä".repeat(2000))));
    assert_eq!(complaints(&json!({ "content": x(2001) })), ["content: BASE_TYPE_MAX_LENGTH"]);
    assert_eq!(complaints(&json!({ "content": {} })), ["content: STRING_TYPE_CONVERT"]);
    assert_eq!(read(&json!({ "content": 42 })).unwrap().content, Some(Some("42".to_owned())));
}

#[test]
fn an_empty_message_is_refused() {
    for body in [
        json!({}),
        json!({ "content": "  " }),
        json!({ "embeds": [{}] }),
        json!({ "embeds": [{ "color": 1 }] }),
    ] {
        assert_eq!(read(&body).unwrap().refuse_empty(0).unwrap_err().code.number, 50006, "{body}");
        assert!(read(&body).unwrap().refuse_empty(1).is_ok());
    }
    assert!(read(&json!({ "content": "x" })).unwrap().refuse_empty(0).is_ok());
    assert!(read(&json!({ "embeds": [{ "title": "x" }] })).unwrap().refuse_empty(0).is_ok());
    let button = json!([{ "type": 2, "style": 1, "label": "x", "custom_id": "x" }]);
    assert!(read(&row(button)).unwrap().refuse_empty(0).is_err());
    let layout = json!({ "flags": IS_COMPONENTS_V2, "components": [{ "type": 10, "content": "x" }] });
    assert!(read(&layout).unwrap().refuse_empty(0).is_ok());
}

#[test]
fn nonces_are_texts_or_numbers() {
    assert_eq!(read(&json!({ "nonce": "abc" })).unwrap().nonce, Some(json!("abc")));
    assert_eq!(
        read(&json!({ "nonce": 123_456_789_012_345_i64 })).unwrap().nonce,
        Some(json!(123_456_789_012_345_i64))
    );
    assert_eq!(complaints(&json!({ "nonce": x(26) })), ["nonce: BASE_TYPE_MAX_LENGTH"]);
}

#[test]
fn a_full_embed_is_stored_as_discord_echoes_it() {
    let stored = embeds(json!([{
        "type": "article", "provider": { "name": "unknown fields are ignored" }, "flags": 0,
        "title": "T", "description": "D", "url": "https://example.org/", "color": "255",
        "timestamp": "2026-01-02T03:04:05Z", "footer": { "text": "F", "icon_url": "attachment://f.png" },
        "image": { "url": "attachment://i.png", "width": 1 }, "thumbnail": { "url": "http://example.org/t.png" },
        "author": { "name": "A", "url": "https://example.org/a", "icon_url": null },
        "fields": [{ "name": "N", "value": "V" }, { "name": "N", "value": "V", "inline": 1 }],
    }]));
    assert_eq!(
        stored.unwrap(),
        [json!({
            "type": "rich", "title": "T", "description": "D", "url": "https://example.org/", "color": 255,
            "timestamp": "2026-01-02T03:04:05.000000+00:00",
            "footer": { "text": "F", "icon_url": "attachment://f.png" },
            "image": { "url": "attachment://i.png" }, "thumbnail": { "url": "http://example.org/t.png" },
            "author": { "name": "A", "url": "https://example.org/a" },
            "fields": [
                { "name": "N", "value": "V", "inline": false },
                { "name": "N", "value": "V", "inline": true },
            ],
        })]
    );
}

#[test]
fn what_an_embed_leaves_empty_is_left_out() {
    let bare =
        json!([{ "title": "", "description": "D", "footer": { "text": "" }, "fields": [], "image": null }]);
    assert_eq!(embeds(bare).unwrap(), [json!({ "type": "rich", "description": "D" })]);
}

#[test]
fn embeds_are_held_to_their_limits() {
    let cases = [
        (json!([{ "title": x(257) }]), "embeds.0.title: BASE_TYPE_MAX_LENGTH"),
        (json!([{}, { "description": x(4097) }]), "embeds.1.description: BASE_TYPE_MAX_LENGTH"),
        (json!([{ "footer": { "text": x(2049) } }]), "embeds.0.footer.text: BASE_TYPE_MAX_LENGTH"),
        (json!([{ "author": { "name": x(257) } }]), "embeds.0.author.name: BASE_TYPE_MAX_LENGTH"),
        (
            json!([{ "fields": [{ "name": x(257), "value": "v" }] }]),
            "embeds.0.fields.0.name: BASE_TYPE_BAD_LENGTH",
        ),
        (
            json!([{ "fields": [{ "name": "n", "value": x(1025) }] }]),
            "embeds.0.fields.0.value: BASE_TYPE_BAD_LENGTH",
        ),
        (json!([{ "fields": [{ "name": "n" }] }]), "embeds.0.fields.0.value: BASE_TYPE_REQUIRED"),
        (json!([{ "fields": [{ "name": "", "value": "v" }] }]), "embeds.0.fields.0.name: BASE_TYPE_REQUIRED"),
        (
            json!([{ "fields": vec![json!({ "name": "n", "value": "v" }); 26] }]),
            "embeds.0.fields: BASE_TYPE_MAX_LENGTH",
        ),
        (json!([{ "color": 0x100_0000 }]), "embeds.0.color: NUMBER_TYPE_MAX"),
        (json!([{ "color": "red" }]), "embeds.0.color: NUMBER_TYPE_COERCE"),
        (json!([{ "timestamp": "noon" }]), "embeds.0.timestamp: DATE_TIME_TYPE_PARSE"),
        (json!([{ "url": "not an address" }]), "embeds.0.url: URL_TYPE_INVALID_URL"),
        (json!([{ "url": "javascript:alert(1)" }]), "embeds.0.url: URL_TYPE_INVALID_SCHEME"),
        (json!([{ "url": "attachment://x.png" }]), "embeds.0.url: URL_TYPE_INVALID_SCHEME"),
        (
            json!([{ "image": { "url": "data:image/png;base64," } }]),
            "embeds.0.image.url: URL_TYPE_INVALID_SCHEME",
        ),
        (json!([{ "footer": "x" }]), "embeds.0.footer: DICT_TYPE_CONVERT"),
        (json!(["x"]), "embeds.0: DICT_TYPE_CONVERT"),
        (json!({}), "embeds: LIST_TYPE_CONVERT"),
        (json!(vec![json!({ "title": "x" }); 11]), "embeds: BASE_TYPE_MAX_LENGTH"),
    ];
    for (value, expected) in cases {
        assert_eq!(complaints(&json!({ "embeds": value })), [expected]);
    }
}

#[test]
fn all_embeds_together_have_at_most_6000_characters() {
    let two = |first: usize, second: usize| json!([{ "description": x(first) }, { "footer": { "text": x(second) } }]);
    assert!(embeds(two(4096, 1904)).is_ok());
    assert_eq!(complaints(&json!({ "embeds": two(4096, 1905) })), ["embeds: MAX_EMBED_SIZE_EXCEEDED"]);
}

#[test]
fn the_single_embed_of_older_libraries_counts() {
    let draft = read(&json!({ "embed": { "title": "x" } })).unwrap();
    assert_eq!(draft.embeds.unwrap(), [json!({ "type": "rich", "title": "x" })]);
    assert_eq!(complaints(&json!({ "embed": { "title": x(300) } })), ["embed.title: BASE_TYPE_MAX_LENGTH"]);
}

#[test]
fn attachment_addresses_are_resolved_everywhere() {
    let mut stored = embeds(json!([{
        "image": { "url": "attachment://a.png" }, "footer": { "text": "F", "icon_url": "attachment://a.png" },
        "thumbnail": { "url": "attachment://gone.png" },
    }]))
    .unwrap();
    let resolve = |name: &str| {
        let known = json!({ "url": "https://h/a.png", "width": 3 });
        (name == "a.png").then(|| known.as_object().cloned().unwrap_or_default())
    };
    assert_eq!(resolve_attachments(&mut stored, &resolve), ["gone.png"]);
    assert_eq!(stored[0]["image"], json!({ "url": "https://h/a.png", "width": 3 }));
    assert_eq!(stored[0]["footer"], json!({ "text": "F", "icon_url": "https://h/a.png" }));
}

#[test]
fn allowed_mentions_parse_or_list() {
    let read_allowed =
        |value: Value| read(&json!({ "allowed_mentions": value })).unwrap().allowed_mentions.unwrap();
    let nobody = AllowedMentions {
        everyone: false,
        users: Allowed::Only(vec![]),
        roles: Allowed::Only(vec![]),
        replied_user: false,
    };
    assert_eq!(read_allowed(json!({})), nobody);
    let all = json!({ "parse": ["users", "roles", "everyone"], "users": null, "replied_user": true });
    assert_eq!(read_allowed(all), AllowedMentions::EVERYTHING);
    let listed = read_allowed(json!({ "parse": [], "users": ["5", 6], "roles": [] }));
    assert_eq!(listed.users, Allowed::Only(vec![guildhall_base::Id::new(5), guildhall_base::Id::new(6)]));
    let cases = [
        (
            json!({ "parse": ["users"], "users": ["5"] }),
            "allowed_mentions: MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        (json!({ "parse": ["friends"] }), "allowed_mentions.parse.0: BASE_TYPE_CHOICES"),
        (json!({ "users": ["me"] }), "allowed_mentions.users.0: NUMBER_TYPE_COERCE"),
        (json!({ "users": vec!["5"; 101] }), "allowed_mentions.users: BASE_TYPE_MAX_LENGTH"),
    ];
    for (value, expected) in cases {
        assert_eq!(complaints(&json!({ "allowed_mentions": value })), [expected]);
    }
}

#[test]
fn references_and_attachments_are_read() {
    let draft = read(&json!({
        "message_reference": { "message_id": "5", "channel_id": 6, "fail_if_not_exists": false },
        "attachments": [{ "id": 0, "filename": "a.png", "description": "A" }, { "id": "9000" }],
    }));
    let draft = draft.unwrap();
    let reference = draft.reference.unwrap();
    assert_eq!(
        (reference.message.get(), reference.channel.map(|id| id.get()), reference.must_exist),
        (5, Some(6), false)
    );
    let ids: Vec<_> = draft.attachments.unwrap().iter().map(|attachment| attachment.id.get()).collect();
    assert_eq!(ids, [0, 9000]);
    assert_eq!(
        complaints(&json!({ "message_reference": {} })),
        ["message_reference.message_id: BASE_TYPE_REQUIRED"]
    );
    let eleven = json!({ "attachments": vec![json!({ "id": 0 }); 11] });
    assert_eq!(complaints(&eleven), ["attachments: BASE_TYPE_MAX_LENGTH"]);
}

/// Any JSON, biased towards the names and numbers that mean something.
fn any_json() -> impl Strategy<Value = Value> {
    let names = "type|components|component|accessory|embeds|fields|name|value|id|custom_id|style|options|media|url|\
                 content|items|title|footer|image|parse|users|allowed_mentions|flags|label|emoji|attachments";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..20_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 80, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(names, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_json_breaks_it(
        values in prop::collection::vec(any_json(), 6),
        flags in prop_oneof![Just(0), Just(IS_COMPONENTS_V2)],
    ) {
        let names = ["embeds", "components", "allowed_mentions", "attachments", "message_reference", "content"];
        let body: Map<_, _> = names.iter().map(|name| (*name).to_owned()).zip(values).collect();
        let mut form = Form::new();
        let draft = Draft::read(&mut form, &body, flags);
        let _ = read_modal(&mut form, &Object::body(&body));
        // What was accepted is accepted again, unchanged: editors send back what they received.
        if form.finish().is_ok() {
            let again = json!({ "embeds": draft.embeds, "components": draft.components, "flags": flags });
            let reread = read(&again).unwrap();
            prop_assert_eq!(reread.embeds.unwrap_or_default(), draft.embeds.unwrap_or_default());
        }
    }
}
