//! Every text of the pages is there in every language, and used.
#![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

use guildhall_infra::i18n::check;

#[test]
fn texts_are_complete() {
    let composed = [
        "mass-count-",
        "mass-prune-",
        "mass-roles-",
        "mass-bans-",
        "mass-code-",
        "mass-field-",
        "mass-{}-title",
        "mass-{}-lead",
    ];
    let wrong = check(guildhall_chat::TEXTS, env!("CARGO_MANIFEST_DIR"), "mass-", &composed).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let composed = ["chat-code-", "chat-field-"];
    let texts = guildhall_chat::SETTINGS_TEXTS;
    let wrong = check(texts, env!("CARGO_MANIFEST_DIR"), "chat-", &composed).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
