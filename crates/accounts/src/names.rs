//! Names for those who come without one: two friendly words and a number, in their language.

use guildhall_infra::i18n::Language;
use rand::{Rng, RngExt as _};

/// Adjectives and nouns of a language; every one is as plain as a name may be after [`plain`].
type WordList = ([&'static str; 24], [&'static str; 24]);

const ENGLISH: WordList = (
    [
        "brave", "bright", "calm", "cheerful", "clever", "curious", "eager", "fair", "gentle", "glad",
        "happy", "honest", "jolly", "kind", "lively", "lucky", "merry", "nimble", "patient", "quick",
        "quiet", "sunny", "warm", "wise",
    ],
    [
        "badger", "bear", "beaver", "birch", "crane", "fox", "hare", "hedgehog", "heron", "lark", "lynx",
        "maple", "moose", "otter", "owl", "pine", "raven", "robin", "rowan", "salmon", "seal", "squirrel",
        "swan", "willow",
    ],
);

const FINNISH: WordList = (
    [
        "aito",
        "ahkera",
        "iloinen",
        "innokas",
        "kirkas",
        "kiltti",
        "lempeä",
        "lämmin",
        "nokkela",
        "nopea",
        "onnellinen",
        "pirteä",
        "rauhallinen",
        "rehti",
        "reipas",
        "rohkea",
        "sukkela",
        "suloinen",
        "tarkka",
        "tyyni",
        "utelias",
        "vakaa",
        "viisas",
        "ystävällinen",
    ],
    [
        "ahma", "haapa", "hirvi", "huuhkaja", "hylje", "ilves", "joutsen", "jänis", "karhu", "kataja",
        "kettu", "koivu", "korppi", "kuikka", "kurki", "leivo", "lohi", "lumikko", "majava", "mänty",
        "mäyrä", "orava", "pihlaja", "saukko",
    ],
);

/// A name and how it is shown: `iloinen.karhu.4821`, `Iloinen karhu`.
pub(crate) fn generate(language: Language, random: &mut impl Rng) -> (String, String) {
    let (adjectives, nouns) = match language {
        Language::English => ENGLISH,
        Language::Finnish => FINNISH,
    };
    let mut pick =
        |words: &[&'static str]| words.get(random.random_range(0..words.len())).copied().unwrap_or_default();
    let (adjective, noun) = (pick(&adjectives), pick(&nouns));
    let number = random.random_range(1000..10_000);
    let name = format!("{}.{}.{number}", plain(adjective), plain(noun));
    let mut shown = adjective.chars();
    let first = shown.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    (name, format!("{first}{} {noun}", shown.as_str()))
}

/// With letters that names may have.
fn plain(word: &str) -> String {
    word.replace(['ä', 'å'], "a").replace('ö', "o")
}

#[cfg(test)]
mod tests {
    use guildhall_base::Form;

    use super::*;
    use crate::rules::{check_global_name, check_username};

    #[test]
    fn every_pair_of_words_is_a_good_name() {
        for (adjectives, nouns) in [ENGLISH, FINNISH] {
            for (adjective, noun) in
                adjectives.iter().flat_map(|adjective| nouns.iter().map(move |noun| (adjective, noun)))
            {
                let mut form = Form::new();
                check_username(&mut form, "name", &format!("{}.{}.1000", plain(adjective), plain(noun)));
                check_global_name(&mut form, "shown", &format!("{adjective} {noun}"));
                assert!(form.finish().is_ok(), "{adjective} {noun}");
            }
        }
        let (name, shown) = generate(Language::Finnish, &mut rand::rng());
        assert!(name.split('.').count() == 3 && shown.split(' ').count() == 2, "{name} {shown}");
    }
}
