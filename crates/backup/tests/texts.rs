//! Every text of the pages is there in every language, and used.
#![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

use guildhall_infra::i18n::check;

#[test]
fn texts_are_complete() {
    let put_together = [
        "backup-mode-",
        "backup-section-",
        "backup-deed-",
        "backup-what-",
        "backup-why-",
        "backup-code-",
        "backup-field-",
    ];
    let wrong = check(guildhall_backup::TEXTS, env!("CARGO_MANIFEST_DIR"), "backup-", &put_together).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
