//! What may be said in a review. Limits are those of Fates List.

use guildhall_base::{Form, Result};

/// The longest text.
const LONGEST: usize = 20_000;

/// Refuses what a review (`stars` wanted) or an answer (no stars) may not say.
///
/// # Errors
/// Every wrong field.
pub(crate) fn check(answer: bool, stars: Option<i64>, text: &str) -> Result<()> {
    let mut form = Form::new();
    match stars {
        Some(stars) if !answer => form.range("stars", stars, 0..=10),
        Some(_) => form.refuse("stars", "BASE_TYPE_BAD", "Answers have no stars."),
        None => form.required("stars", answer),
    }
    form.length("text", text.trim(), 10..=LONGEST);
    if text.contains('\0') {
        form.refuse("text", "BASE_TYPE_BAD", "Must not contain the character U+0000.");
    }
    form.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(answer: bool, stars: Option<i64>, text: &str) -> Vec<String> {
        check(answer, stars, text)
            .err()
            .map(|error| error.fields.into_iter().map(|field| field.path).collect())
            .unwrap_or_default()
    }

    #[test]
    fn limits_are_those_of_the_reference() {
        let text = "Good enough.";
        for stars in [0, 10] {
            assert!(wrong(false, Some(stars), text).is_empty());
        }
        for stars in [-1, 11, i64::MAX] {
            assert_eq!(wrong(false, Some(stars), text), ["stars"]);
        }
        assert_eq!(wrong(false, None, text), ["stars"]);
        assert_eq!(wrong(true, Some(5), text), ["stars"]);
        assert!(wrong(true, None, text).is_empty());
        assert!(wrong(true, None, &"ä".repeat(20_000)).is_empty());
        assert_eq!(wrong(true, None, &"ä".repeat(20_001)), ["text"]);
        assert_eq!(wrong(false, None, "   short    "), ["stars", "text"]);
        assert_eq!(wrong(true, None, "with a \0 inside"), ["text"]);
    }
}
