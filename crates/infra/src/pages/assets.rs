//! Files that belong to the binary: embedded, named after their content, cached for ever.
//!
//! `css/base.css` is served as `/assets/css/base.HASH.css`. ES modules import each other by their plain relative
//! names; the import map of the layout sends those to the hashed ones, so no build step rewrites them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use bytes::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

const YEAR: &str = "public, max-age=31536000, immutable";

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Own;

struct Asset {
    bytes: Bytes,
    mime: HeaderValue,
    etag: HeaderValue,
}

/// Every embedded file of the installation, by its hashed name.
pub struct Assets {
    files: HashMap<String, Asset>,
    urls: BTreeMap<String, String>,
    import_map: String,
    import_map_hash: String,
}

/// Collects the folders of the features; see [`Assets::builder`].
#[derive(Default)]
pub struct AssetsBuilder {
    files: BTreeMap<String, Bytes>,
}

impl AssetsBuilder {
    /// Adds an embedded folder. Its files keep their paths, so a feature puts its own into a folder of its name.
    #[must_use]
    pub fn folder<F: RustEmbed>(mut self) -> Self {
        for path in F::iter() {
            if let Some(file) = F::get(&path) {
                self.files.insert(path.into_owned(), Bytes::from(file.data.into_owned()));
            }
        }
        self
    }

    /// Names everything after its content.
    pub fn build(self) -> Assets {
        let mut files = HashMap::new();
        let mut urls = BTreeMap::new();
        for (path, bytes) in self.files {
            let hash = short_hash(&bytes);
            let name = hashed_name(&path, &hash);
            let etag = header_value(&format!("\"{hash}\""));
            files.insert(name.clone(), Asset { bytes, mime: header_value(mime(&path)), etag });
            urls.insert(path, format!("/assets/{name}"));
        }
        let import_map = import_map(&urls);
        let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(import_map.as_bytes()));
        Assets { files, urls, import_map, import_map_hash: format!("sha256-{digest}") }
    }
}

impl Assets {
    /// Starts with the files of this crate: design tokens, base components, icons.
    pub fn builder() -> AssetsBuilder {
        AssetsBuilder::default().folder::<Own>()
    }

    /// The address of a file by its plain path; an address that answers 404 when there is no such file.
    pub fn url<'a>(&'a self, path: &'a str) -> &'a str {
        debug_assert!(self.urls.contains_key(path), "no asset {path}");
        self.urls.get(path).map_or(path, String::as_str)
    }

    /// The addresses of all files whose plain paths begin and end like this, in order.
    pub fn under<'a>(&'a self, prefix: &'a str, suffix: &'a str) -> impl Iterator<Item = &'a str> {
        let wanted = move |path: &str| path.starts_with(prefix) && path.ends_with(suffix);
        self.urls.iter().filter(move |(path, _)| wanted(path)).map(|(_, url)| url.as_str())
    }

    /// The text of the layout's import map.
    pub fn import_map(&self) -> &str {
        &self.import_map
    }

    /// Its hash, as a Content-Security-Policy names it.
    pub(crate) fn import_map_hash(&self) -> &str {
        &self.import_map_hash
    }

    /// Answers `GET /assets/{name}`.
    pub(crate) fn serve(&self, name: &str, request: &HeaderMap) -> Response {
        let Some(asset) = self.files.get(name) else {
            return (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response();
        };
        let known = request.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        let fresh = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == asset.etag));
        let mut response = match fresh {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => Body::from(asset.bytes.clone()).into_response(),
        };
        let headers = response.headers_mut();
        if !fresh {
            headers.insert(header::CONTENT_TYPE, asset.mime.clone());
        }
        headers.insert(header::ETAG, asset.etag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(YEAR));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
}

fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hashed_name(path: &str, hash: &str) -> String {
    match path.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{path}.{hash}"),
    }
}

/// The types that a browser insists on. Text is UTF-8.
fn mime(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Sends `/assets/PATH` to the hashed name, for modules and for `import.meta.resolve`. Styles are never imported.
fn import_map(urls: &BTreeMap<String, String>) -> String {
    let imports: BTreeMap<String, &String> = urls
        .iter()
        .filter(|(path, _)| !path.ends_with(".css"))
        .map(|(path, url)| (format!("/assets/{path}"), url))
        .collect();
    // `<` cannot end the script element early when it is escaped, and a file name may contain it.
    serde_json::json!({ "imports": imports }).to_string().replace('<', "\\u003c")
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
