//! Full text on both engines: SQLite's FTS5 and PostgreSQL's `tsvector`, behind the same three columns and three fragments
//! of [`sql`](super::sql). A text index is a table of its own; its owner writes a row where it writes the thing itself.
//!
//! No language's endings are cut off, because texts are in many. What is stored and what is looked for is [`folded`]
//! first, so that both engines find the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Dialect;

/// Words of a query after which further ones are not looked for.
pub const MOST_WORDS: usize = 8;

pub(super) fn fragment(name: &str, argument: &str, dialect: Dialect) -> Option<String> {
    let (table, parameter) = argument.trim().split_once(' ').unwrap_or((argument.trim(), ""));
    Some(match (name, dialect) {
        ("text_index", Dialect::Sqlite) => format!(
            "CREATE VIRTUAL TABLE {table} USING fts5(title, body, tokenize = 'unicode61', prefix = '2 3')"
        ),
        ("text_index", Dialect::Postgres) => format!(
            "CREATE TABLE {table} (rowid BIGINT PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL,
                 words TSVECTOR GENERATED ALWAYS AS (
                     setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'D')
                 ) STORED);
             CREATE INDEX {table}_words ON {table} USING GIN (words)"
        ),
        ("matches", Dialect::Sqlite) => format!("{table} MATCH {parameter}"),
        ("matches", Dialect::Postgres) => format!("{table}.words @@ to_tsquery('simple', {parameter})"),
        ("relevance", Dialect::Sqlite) => format!("-bm25({table}, 8.0, 1.0)"),
        ("relevance", Dialect::Postgres) => {
            format!("CAST(ts_rank({table}.words, to_tsquery('simple', {parameter})) AS DOUBLE PRECISION)")
        }
        _ => return None,
    })
}

/// A text in small letters, without marks on them, and with a space for everything that is neither letter nor number: the
/// words of it, as they are stored and looked for.
pub fn folded(text: &str) -> String {
    let plain = text.nfkd().filter(|sign| !is_combining_mark(*sign)).flat_map(char::to_lowercase);
    let mut out = String::with_capacity(text.len());
    for sign in plain {
        if sign.is_alphanumeric() {
            out.push(sign);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// What a person typed, as the parameter of `{matches}`: things that have all of the words, the last of them at least by
/// its beginning. None if there is no word in it.
pub fn text_query(dialect: Dialect, typed: &str) -> Option<String> {
    let folded = folded(typed);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).take(MOST_WORDS).collect();
    let (last, before) = words.split_last()?;
    Some(match dialect {
        Dialect::Sqlite => {
            let whole = before.iter().map(|word| format!("\"{word}\" ")).collect::<String>();
            format!("{whole}\"{last}\"*")
        }
        Dialect::Postgres => {
            let whole = before.iter().map(|word| format!("'{word}' & ")).collect::<String>();
            format!("{whole}'{last}':*")
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_folded() {
        assert_eq!(folded("  Ääkköset, \"quoted\" & C++ "), "aakkoset quoted c");
        assert_eq!(folded("ﬁne №5"), "fine no5");
        assert_eq!(folded("...!"), "");
    }

    #[test]
    fn queries_have_all_words_and_the_last_by_its_beginning() {
        assert_eq!(text_query(Dialect::Sqlite, "Music b").as_deref(), Some("\"music\" \"b\"*"));
        assert_eq!(text_query(Dialect::Postgres, "Music b").as_deref(), Some("'music' & 'b':*"));
        assert_eq!(text_query(Dialect::Sqlite, " - "), None);
    }

    proptest! {
        #[test]
        fn nothing_typed_is_more_than_words(typed in ".{0,60}") {
            for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                if let Some(query) = text_query(dialect, &typed) {
                    let bare = query.replace(['"', '\'', '*', ':', '&', ' '], "");
                    prop_assert!(bare.chars().all(char::is_alphanumeric), "{query}");
                }
            }
        }
    }
}
