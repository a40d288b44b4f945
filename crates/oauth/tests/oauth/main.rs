//! Applications and the authorization server through HTTP, on every database at hand.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends where it cannot go on")]

mod applications;
mod assurance;
mod attacks;
#[path = "../../../accounts/tests/http/authenticator.rs"]
mod authenticator;
mod bearer;
mod clients;
mod conformance;
mod crashes;
mod devices;
mod discord;
mod flows;
mod issued;
mod logout;
mod registration;
mod support;

#[tokio::test]
async fn every_statement_is_understood_by_every_database() {
    for hall in support::halls().await {
        let complaints = guildhall_infra::testing::misunderstood(&hall.db.db).await;
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

#[test]
fn every_text_is_written_and_used_in_every_language() {
    let composed = ["oauth-scope-", "oauth-request-"];
    let folder = env!("CARGO_MANIFEST_DIR");
    let wrong = guildhall_infra::i18n::check(guildhall_oauth::TEXTS, folder, "oauth-", &composed).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
