use axum::http::{HeaderMap, HeaderValue, header};

use super::*;

fn reader(accepted: &str) -> Language {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(accepted).unwrap());
    Language::of_headers(&headers)
}

#[test]
fn a_reader_gets_the_best_language_there_is() {
    assert_eq!(reader("fi-FI,fi;q=0.9,en;q=0.8"), Language::Finnish);
    assert_eq!(reader("sv, fi;q=0.5"), Language::Finnish);
    assert_eq!(reader("en-GB,fi;q=0.3"), Language::English);
    assert_eq!(reader("de"), Language::English);
    assert_eq!(reader(";;;="), Language::English);
    assert_eq!(Language::of_headers(&HeaderMap::new()), Language::English);
    assert_eq!(Language::of_tag("fi-FI"), Some(Language::Finnish));
    assert_eq!(Language::of_tag("sv"), None);
}

#[test]
fn texts_are_filled_in() {
    let features = [Texts([
        "test-wait = Wait { $count ->\n    [one] a second\n   *[other] { $count } seconds\n }",
        "test-wait = Odota { $count } s",
    ])];
    let words = Words::new(&features).unwrap();
    let wait = |language, count: u64| words.text_with(language, "test-wait", &[("count", count.into())]);
    assert_eq!(wait(Language::English, 1), "Wait a second");
    assert_eq!(wait(Language::English, 7), "Wait 7 seconds");
    assert_eq!(wait(Language::Finnish, 7), "Odota 7 s");
    assert_eq!(words.text(Language::English, "nothing"), "nothing");
    assert!(Words::new(&[features[0], features[0]]).is_err());
}

#[test]
fn keys_are_compared_while_compiling() {
    assert!(same_keys("a = x\n# b\nc = y\n  more\n", "a = 1\nc = 2\n"));
    assert!(!same_keys("a = x\n", "a = x\nb = y\n"));
    assert!(!same_keys("a = x\nb = y\n", "a = x\n"));
    assert!(!same_keys("a = x\n", "b = x\n"));
    assert!(same_keys("", ""));
}

#[test]
fn the_layout_is_written_in_every_language() {
    assert_eq!(
        check(TEXTS, env!("CARGO_MANIFEST_DIR"), "site-", &["site-field-", "site-code-"]).unwrap(),
        Vec::<String>::new()
    );
}
