//! Every text of the pages is there in every language, and used.
#![allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]

use guildhall_infra::i18n::check;

#[test]
fn texts_are_complete() {
    let wrong =
        check(guildhall_jobs::TEXTS, env!("CARGO_MANIFEST_DIR"), "jobs-", &["jobs-state-", "jobs-kind-"])
            .unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
