use guildhall_infra::i18n::{Language, Words, check};

use crate::{LISTING_TEXTS, TEXTS, codes};

#[test]
fn what_pages_say_is_written_in_every_language_and_used() {
    let folder = env!("CARGO_MANIFEST_DIR");
    // Put together while running, or names of classes and folders.
    let composed = ["directory-code-", "directory-field-", "directory-head"];
    let wrong = check(TEXTS, folder, "directory-", &composed).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let composed = ["listing-state-", "listing-banners", "listing-head", "listing-text", "listing-theme"];
    let wrong = check(LISTING_TEXTS, folder, "listing-", &composed).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_error_has_a_text_in_every_language() {
    let words = Words::new(&[TEXTS, LISTING_TEXTS]).unwrap();
    for code in codes::ALL {
        let text = |language| {
            let text = words.error(language, &(*code).into());
            text.unwrap_or_else(|| panic!("nobody wrote of {} in {language:?}", code.name))
        };
        assert_ne!(text(Language::English), text(Language::Finnish), "{}", code.name);
    }
}
