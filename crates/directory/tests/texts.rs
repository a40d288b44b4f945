//! What the directory says is said in every language.
#![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

use guildhall_infra::i18n::check;

#[test]
fn mails_are_written_in_every_language() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let wrong =
        check(guildhall_directory::MAIL_TEXTS, folder, "votes-mail-", &["votes-mail-reminder"]).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
