//! How uploaded files are named and served so that nothing that a stranger uploaded runs in a reader's browser.

use axum::http::{HeaderMap, HeaderValue, header};

/// How long a file's name may be, in bytes.
const MAX_NAME: usize = 200;

/// Types that browsers may show in place. Everything else is downloaded; text is shown as plain text.
const SHOWN: &[(&str, &str)] = &[
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("wav", "audio/wav"),
    ("flac", "audio/flac"),
    ("txt", "text/plain; charset=utf-8"),
    ("log", "text/plain; charset=utf-8"),
    ("md", "text/plain; charset=utf-8"),
    ("json", "application/json"),
    ("pdf", "application/pdf"),
];

/// A name with nothing in it that a path, a header or a shell would misread: letters, digits, `.`, `-` and `_`, as
/// Discord keeps them; other characters become `_`.
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept =
        last.chars().map(|c| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' });
    let mut safe = String::new();
    for c in kept {
        if safe.len() + c.len_utf8() > MAX_NAME {
            break;
        }
        safe.push(c);
    }
    let safe = safe.trim_start_matches('.');
    if safe.is_empty() { "unknown".to_owned() } else { safe.to_owned() }
}

fn shown(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    SHOWN.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind)
}

/// The content type of a file by its name. What the uploader claimed is not asked.
pub fn content_type(name: &str) -> &'static str {
    shown(name).unwrap_or("application/octet-stream")
}

/// The headers a file is served with: its type and nothing sniffed, shown only if it is harmless, no script in any
/// case, kept by browsers for ever since its address never means another file.
pub fn headers(name: &str) -> HeaderMap {
    let disposition = if shown(name).is_some() { "inline" } else { "attachment" };
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::CONTENT_TYPE, content_type(name)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_is_dangerous() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\x\\a b\"c.png"), "a_b_c.png");
        assert_eq!(safe_name("..."), "unknown");
        assert_eq!(safe_name("käse.txt"), "käse.txt");
        assert!(safe_name(&"ä".repeat(500)).len() <= MAX_NAME);
    }

    #[test]
    fn pages_and_drawings_with_scripts_are_downloads() {
        for name in ["a.html", "a.svg", "a.xml", "a", "a.js", "a.HTML"] {
            assert_eq!(content_type(name), "application/octet-stream");
            assert_eq!(headers(name)[header::CONTENT_DISPOSITION], "attachment");
        }
        assert_eq!(headers("a.PNG")[header::CONTENT_DISPOSITION], "inline");
    }
}
