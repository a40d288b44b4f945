//! Every REST route, read from the sources, so that none goes without a test.

#![allow(dead_code, reason = "every test program uses a part of this")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The methods that [`routes`] numbers.
pub(crate) const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Under `/guilds/{guild}/`: what a guild has none of.
const LOOPED: [&str; 8] = [
    "emojis",
    "stickers",
    "regions",
    "scheduled-events",
    "integrations",
    "auto-moderation/rules",
    "templates",
    "webhooks",
];

/// `.route("/path", get(..).post(..))` wherever a crate's `api` says it.
pub(crate) fn routes() -> BTreeSet<(String, usize)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut routes = BTreeSet::new();
    for entry in fs::read_dir(crates).unwrap() {
        let source = entry.unwrap().path().join("src");
        read(&source.join("api.rs"), &mut routes);
        // Files are at the root of the site, for everybody who has their address.
        let files = fs::read_dir(source.join("api")).into_iter().flatten().map(|file| file.unwrap().path());
        for file in files.filter(|file| !file.ends_with("files.rs")) {
            read(&file, &mut routes);
        }
    }
    routes.extend(LOOPED.map(|name| (format!("/guilds/{{guild}}/{name}"), 0)));
    // This one is at the root of the site.
    routes.retain(|(path, _)| path != "/gateway/");
    routes
}

/// `utoipa::path(get, path = "/v2/...")` wherever a crate says it: the routes of our own API.
pub(crate) fn own() -> BTreeSet<(String, usize)> {
    let mut routes = BTreeSet::new();
    for (file, text) in sources() {
        for part in text.split("#[utoipa::path(").skip(1) {
            let (method, rest) = part.split_once(',').unwrap();
            let number = METHODS.iter().position(|known| known.eq_ignore_ascii_case(method.trim()));
            let number = number.unwrap_or_else(|| panic!("{file}: the method comes first, not {method:?}"));
            let rest = rest.trim_start().strip_prefix("path = \"");
            let rest = rest.unwrap_or_else(|| panic!("{file}: the path comes second, as a literal"));
            routes.insert((rest.split_once('"').unwrap().0.to_owned(), number));
        }
    }
    routes
}

/// Where a route of our own API would be added without a description: places in the sources.
pub(crate) fn undescribed() -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in sources() {
        for call in [".route(", ".nest(", ".route_service(", ".nest_service("] {
            for part in text.split(call).skip(1) {
                let path = part.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                if path.is_some_and(|path| path == "/v2" || path.starts_with("/v2/")) {
                    found.push(format!("{file}: {call}{}", path.unwrap()));
                }
            }
        }
    }
    found
}

/// Every source file below the crates' `src`, with its name.
fn sources() -> Vec<(String, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders: Vec<_> =
        fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path().join("src")).collect();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                sources.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    sources
}

/// The pages, and the routes of our own API, as the router knows them.
pub(crate) fn pages() -> BTreeSet<(String, usize)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut routes = BTreeSet::new();
    for entry in fs::read_dir(crates).unwrap() {
        let source = entry.unwrap().path().join("src");
        read(&source.join("pages.rs"), &mut routes);
        for file in fs::read_dir(source.join("pages")).into_iter().flatten() {
            read(&file.unwrap().path(), &mut routes);
        }
    }
    routes.extend(own());
    routes
}

fn read(file: &Path, routes: &mut BTreeSet<(String, usize)>) {
    let Ok(text) = fs::read_to_string(file) else { return };
    for part in text.split(".route(").skip(1) {
        // Only `nothing.rs` makes paths in a loop, of what there is none of.
        let Some(rest) = part.trim_start().strip_prefix('"') else {
            assert!(
                file.ends_with("nothing.rs"),
                "{}: a path that is no literal cannot be found",
                file.display()
            );
            continue;
        };
        let Some((path, rest)) = rest.split_once('"') else { continue };
        let mut depth = 1;
        let end = rest.find(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            depth == 0
        });
        let handlers = &rest[..end.unwrap_or(rest.len())];
        for (number, method) in METHODS.iter().enumerate() {
            let call = format!("{}(", method.to_lowercase());
            let mut before = handlers.match_indices(&call).map(|(at, _)| handlers[..at].chars().next_back());
            if before.any(|letter| letter.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_')) {
                routes.insert((path.to_owned(), number));
            }
        }
    }
}
