//! Components of messages and modals: limits, their error paths and the stored shape.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]
#![expect(clippy::expect_used, reason = "a test may panic, its own functions too")]

use guildhall_base::{Error, Form};
use guildhall_chat::rules::message::{Draft, IS_COMPONENTS_V2, read_modal};
use guildhall_chat::rules::read::Object;
use serde_json::{Value, json};

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

fn row(components: Value) -> Value {
    json!({ "components": [{ "type": 1, "components": components }] })
}

fn x(count: usize) -> String {
    "x".repeat(count)
}

#[test]
fn buttons_and_menus_are_stored_numbered() {
    let body = json!({ "components": [
        { "type": 1, "components": [
            { "type": 2, "style": 1, "label": "Yes", "custom_id": "yes", "id": 7, "junk": 1 },
            { "type": 2, "style": 5, "url": "https://example.org", "emoji": { "name": "👍", "id": null } },
        ] },
        { "type": 1, "components": [
            { "type": 3, "custom_id": "menu", "options": [{ "label": "A", "value": "a", "default": true }] },
        ] },
    ] });
    let expected = [
        json!({ "type": 1, "id": 1, "components": [
            { "type": 2, "id": 7, "style": 1, "label": "Yes", "custom_id": "yes" },
            { "type": 2, "id": 2, "style": 5, "url": "https://example.org", "emoji": { "name": "👍" } },
        ] }),
        json!({ "type": 1, "id": 3, "components": [
            { "type": 3, "id": 4, "custom_id": "menu", "min_values": 1, "max_values": 1,
              "options": [{ "label": "A", "value": "a", "default": true }] },
        ] }),
    ];
    assert_eq!(read(&body).unwrap().components.unwrap(), expected);
}

#[test]
fn components_are_held_to_their_limits() {
    let button =
        |index: usize| json!({ "type": 2, "style": 1, "label": "x", "custom_id": index.to_string() });
    let buttons = |count: usize| (0..count).map(button).collect::<Vec<_>>();
    let options = |count: usize| {
        (0..count).map(|i| json!({ "label": "x", "value": i.to_string() })).collect::<Vec<_>>()
    };
    let menu = |options: Vec<Value>| json!({ "type": 3, "custom_id": "m", "options": options });
    assert!(read(&row(json!(buttons(5)))).is_ok());
    assert!(read(&row(json!([menu(options(25))]))).is_ok());
    let cases = [
        (row(json!(buttons(6))), "components.0.components: BASE_TYPE_BAD_LENGTH"),
        (row(json!([])), "components.0.components: BASE_TYPE_REQUIRED"),
        (row(json!([menu(options(1)), button(0)])), "components.0: COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
        (
            row(json!([button(0), button(0)])),
            "components.0.components.1.custom_id: COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (row(json!([menu(options(26))])), "components.0.components.0.options: BASE_TYPE_BAD_LENGTH"),
        (row(json!([menu(vec![])])), "components.0.components.0.options: BASE_TYPE_REQUIRED"),
        (
            row(json!([{ "type": 2, "style": 1, "label": x(81), "custom_id": "x" }])),
            "components.0.components.0.label: BASE_TYPE_MAX_LENGTH",
        ),
        (
            row(json!([{ "type": 2, "style": 1, "label": "x", "custom_id": x(101) }])),
            "components.0.components.0.custom_id: BASE_TYPE_BAD_LENGTH",
        ),
        (
            row(json!([{ "type": 2, "style": 1, "label": "x" }])),
            "components.0.components.0.custom_id: BASE_TYPE_REQUIRED",
        ),
        (
            row(json!([{ "type": 2, "style": 5, "label": "x" }])),
            "components.0.components.0.url: BASE_TYPE_REQUIRED",
        ),
        (
            row(json!([{ "type": 2, "style": 1, "custom_id": "x" }])),
            "components.0.components.0: BUTTON_COMPONENT_INVALID",
        ),
        (row(json!([{ "type": 4, "custom_id": "x" }])), "components.0.components.0.type: UNION_TYPE_CHOICES"),
        (json!({ "components": [button(0)] }), "components.0.type: UNION_TYPE_CHOICES"),
        (json!({ "components": [{}] }), "components.0.type: BASE_TYPE_REQUIRED"),
        (json!({ "components": vec![json!({}); 6] }), "components: BASE_TYPE_BAD_LENGTH"),
    ];
    for (body, expected) in cases {
        assert_eq!(complaints(&body), [expected]);
    }
}

#[test]
fn a_layout_has_its_own_components_and_nothing_else() {
    let layout = |components: Value| json!({ "flags": IS_COMPONENTS_V2, "components": components });
    let section = json!({
        "type": 9, "components": [{ "type": 10, "content": "Hello" }],
        "accessory": { "type": 11, "media": { "url": "attachment://a.png" } },
    });
    let container = json!({ "type": 17, "accent_color": null, "components": [section, { "type": 14 }] });
    let stored = read(&layout(json!([container]))).unwrap().components.unwrap();
    let accessory = &stored[0]["components"][0]["accessory"];
    assert_eq!((&accessory["id"], &accessory["description"]), (&json!(4), &Value::Null));
    assert_eq!(stored[0]["components"][1], json!({ "type": 14, "id": 5, "spacing": 1, "divider": true }));

    let text = |count: usize| json!({ "type": 10, "content": x(count) });
    let too_long = complaints(&layout(json!([text(4000), text(1)])));
    assert_eq!(too_long, ["components: COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"]);
    let nested = json!([{ "type": 17, "components": vec![text(1); 40] }]);
    assert_eq!(complaints(&layout(nested)), ["components: COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"]);
    let legacy =
        json!({ "flags": IS_COMPONENTS_V2, "content": "x", "embeds": [{ "title": "x" }], "components": [] });
    let code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2";
    assert_eq!(complaints(&legacy), [format!("content: {code}"), format!("embeds: {code}")]);
    assert_eq!(complaints(&json!({ "components": [text(1)] })), ["components.0.type: UNION_TYPE_CHOICES"]);
}

#[test]
fn modals_hold_inputs_in_rows_and_labels() {
    let read = |value: &Value| {
        let mut form = Form::new();
        let modal = read_modal(&mut form, &Object::body(value.as_object().expect("an object")));
        form.finish().map(|()| modal)
    };
    let input = json!({ "type": 4, "custom_id": "a", "style": 1, "label": "Name" });
    let menu = json!({ "type": 3, "custom_id": "b", "options": [{ "label": "A", "value": "a" }] });
    let modal = json!({ "custom_id": "m", "title": "T", "components": [
        { "type": 1, "components": [input] }, { "type": 18, "label": "Pick", "component": menu },
    ] });
    let read_back = read(&modal).unwrap();
    assert_eq!(read_back["components"][0]["components"][0]["required"], json!(true));
    assert_eq!(read_back["components"][1]["component"]["id"], json!(4));
    let error = read(&json!({ "custom_id": "m", "title": x(46), "components": [] })).unwrap_err();
    let paths: Vec<_> = error.fields.iter().map(|field| field.path.as_str()).collect();
    assert_eq!(paths, ["title", "components"]);
}
