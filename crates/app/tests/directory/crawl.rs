//! Texts that try to run or fake something are posted everywhere, then every page is walked through: nothing breaks, no
//! link inside is dead, and nothing of what was posted does anything.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::page::{Element, elements};
use crate::support::{Client, Hall};
use crate::world::{bot_of, long, set_state, started};

const XSS: &str = include_str!("../../../directory/tests/data/xss.json");

/// Attributes that lead somewhere.
const LEADING: [&str; 7] = ["href", "src", "action", "formaction", "poster", "data", "srcset"];

/// Where pages of the directory begin; others are asked for once and not walked on from.
const INSIDE: [&str; 5] = ["/bots", "/guilds", "/at/", "/profiles/", "/packs"];

/// Without the one character that is refused.
fn vectors() -> Vec<String> {
    let vectors: Vec<String> = serde_json::from_str(XSS).unwrap();
    vectors.into_iter().map(|vector| vector.replace('\0', "")).collect()
}

/// As much of a vector as fits into one line of a field.
fn fitting(vector: &str, most: usize) -> String {
    vector.chars().filter(|letter| !letter.is_control()).take(most).collect::<String>().trim().to_owned()
}

/// What a listing says when everything in it is that vector.
fn poisoned(vector: &str, format: &str) -> Value {
    let name = fitting(vector, 20);
    json!({
        "short": format!("Hello there {}", fitting(vector, 180)),
        "long": format!("{vector}\n\n{}\n\n{vector}", long()),
        "format": format,
        "prefix": fitting(vector, 9),
        "library": fitting(vector, 50),
        "links": [{ "name": if name.is_empty() { "x" } else { &name }, "url": "https://ok.example/\"onmouseover=alert(1)//<script>" }],
        "style": format!("{vector} h3 {{ background: url(javascript:alert(1)) }} </style><script>alert(1)</script>"),
    })
}

/// Fails if an element could do something, or fake something of the page around it.
fn harmless(element: &Element, place: &str) {
    let Element { space, name, attributes } = element;
    assert!(!name.starts_with("#comment"), "{place}: {name}");
    assert!(
        !matches!(
            name.as_str(),
            "iframe" | "object" | "embed" | "style" | "base" | "math" | "template" | "frame" | "applet"
        ),
        "{place}: {element:?}"
    );
    if !space.is_empty() {
        assert!(matches!(name.as_str(), "svg" | "use"), "{place}: {element:?}");
    }
    if name == "script" {
        let own = element.get("src").is_some_and(|src| src.starts_with("/assets/"));
        assert!(own || element.get("type") == Some("importmap"), "{place}: {element:?}");
    }
    if name == "meta" {
        assert!(element.get("http-equiv").is_none(), "{place}: {element:?}");
    }
    if name == "form" {
        assert!(element.get("action").is_none_or(|action| action.starts_with('/')), "{place}: {element:?}");
    }
    for (attribute, value) in attributes {
        assert!(!attribute.starts_with("on") && attribute != "style", "{place}: {element:?}");
        if LEADING.contains(&attribute.as_str()) {
            let begins = ["/", "https://", "http://", "#", "?", "mailto:"]
                .iter()
                .any(|begin| value.starts_with(begin));
            assert!(begins && !value.starts_with("//"), "{place}: {element:?}");
        }
    }
}

/// Every element of a page, and that none of them does harm.
fn read(page: &str, place: &str) -> Vec<Element> {
    let (head, body) = page.split_once("</head>").unwrap_or_else(|| panic!("{place} is no page: {page}"));
    let head = head.split_once("<head>").unwrap().1;
    let body = body.split_once("<body class=\"page\">").unwrap().1;
    let body = body.rsplit_once("</body>").unwrap().0;
    let mut all = elements(head, true);
    all.extend(elements(body, true));
    for element in &all {
        harmless(element, place);
    }
    all
}

/// Walks from both beginnings; every page that was seen, with its status.
async fn walk(browser: &Browser<'_>) -> BTreeMap<String, u16> {
    let mut seen = BTreeMap::new();
    let mut open: VecDeque<(String, String)> = ["/bots", "/guilds", "/bots?q=hello"]
        .map(|begin| (begin.to_owned(), "the beginning".to_owned()))
        .into();
    while let Some((path, from)) = open.pop_front() {
        if seen.contains_key(&path) {
            continue;
        }
        let shown = browser.ask(&path, None).await;
        // What asks for somebody to sign in first is no dead link.
        let signing_in = browser.client.authorization.is_empty() && shown.status == 401;
        assert!(shown.status < 400 || signing_in, "{path} from {from}: {} {}", shown.status, shown.text);
        seen.insert(path.clone(), shown.status);
        let html =
            shown.headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if shown.location().starts_with('/') {
            open.push_back((shown.location().to_owned(), path.clone()));
        }
        if !html || shown.status != 200 || !INSIDE.iter().any(|begin| path.starts_with(begin)) {
            continue;
        }
        for element in read(&shown.text, &path) {
            let leads = ["href", "src"].iter().filter_map(|name| element.get(name));
            for link in leads.filter(|link| link.starts_with('/') && !link.starts_with("//")) {
                let link = link.split('#').next().unwrap().to_owned();
                if !seen.contains_key(&link) {
                    open.push_back((link, path.clone()));
                }
            }
        }
    }
    seen
}

/// Bots that are listed, each with a name out of a vector.
async fn furnish(hall: &Hall, owner: &Client) -> Vec<String> {
    let mut bots = Vec::new();
    let vectors = vectors();
    for (index, chunk) in vectors.chunks(40).enumerate() {
        let (bot, _) = bot_of(hall, owner, &fitting(&chunk[0], 32)).await;
        let mut said = poisoned(&chunk.join("\n\n"), if index % 2 == 0 { "markdown" } else { "html" });
        said["tags"] = json!(["fun", "music"]);
        let path = format!("/v2/listings/bots/{bot}");
        let (status, answer) = owner.send("PUT", &path, Some(said)).await;
        assert_eq!(status, 201, "{answer}");
        set_state(hall, &bot, if index == 3 { 1 } else { 0 }).await;
        bots.push(bot);
    }
    let (guild, _) = owner.found_guild("\"><img src=x onerror=alert(1)>").await;
    let mut said = poisoned("<svg onload=alert(1)>", "html");
    said["tags"] = json!(["night-sky"]);
    for field in ["prefix", "library"] {
        said.as_object_mut().unwrap().remove(field);
    }
    let (status, answer) = owner.send("PUT", &format!("/v2/listings/guilds/{guild}"), Some(said)).await;
    assert_eq!(status, 201, "{answer}");
    bots
}

#[tokio::test]
async fn every_page_is_there_for_everybody_and_runs_nothing() {
    for hall in started().await {
        let (ada, eve) = (hall.register("ada").await, hall.register("eve").await);
        let bots = furnish(&hall, &ada).await;
        let nobody = hall.client("");
        for language in ["en", "fi"] {
            for (client, least) in [(&nobody, 8), (&eve, 8), (&ada, 14)] {
                let browser = Browser { client, language };
                if !client.authorization.is_empty() {
                    browser.reads().await;
                }
                let seen = walk(&browser).await;
                let pages = seen.keys().filter(|path| INSIDE.iter().any(|begin| path.starts_with(begin)));
                assert!(pages.count() >= least, "{seen:#?}");
                assert!(seen.contains_key(&format!("/bots/{}", bots[0])), "{seen:#?}");
                // Of what waits for staff only its keeper finds the way.
                let waiting = seen.contains_key(&format!("/bots/{}", bots[3]));
                assert_eq!(waiting, least == 14, "{seen:#?}");
            }
        }
    }
}

#[tokio::test]
async fn no_vector_does_anything_on_the_page_or_in_the_preview() {
    for hall in started().await {
        let ada = hall.register("ada").await;
        let bot = furnish(&hall, &ada).await.remove(0);
        let (path, nobody) = (format!("/bots/{bot}"), hall.client(""));
        let (stranger, owner) =
            (Browser { client: &nobody, language: "en" }, Browser { client: &ada, language: "en" });
        owner.reads().await;
        for (index, vector) in vectors().iter().enumerate() {
            let format = if index % 2 == 0 { "html" } else { "markdown" };
            let said = poisoned(vector, format);
            let (status, answer) =
                ada.send("PATCH", &format!("/v2/listings{path}"), Some(said.clone())).await;
            assert_eq!(status, 200, "{vector}: {answer}");
            let page = stranger.page(&path).await;
            assert!(read(&page, vector).iter().any(|element| element.name == "article"), "{vector}: {page}");
            let css = stranger.ask(&format!("{path}/theme.css"), None).await;
            assert_eq!(css.headers["x-content-type-options"], "nosniff");
            assert!(!css.text.contains("javascript") && !css.text.contains('<'), "{vector}: {}", css.text);
            let long = said["long"].as_str().unwrap();
            let mut fields =
                vec![("preview", "1"), ("short", said["short"].as_str().unwrap()), ("long", long)];
            if format == "html" {
                fields.push(("html", "on"));
            }
            let shown = owner.ask(&format!("{path}/listing"), Some(&fields)).await;
            assert_eq!(shown.status, 200, "{vector}: {}", shown.text);
            assert!(shown.text.contains("id=\"preview\""), "{vector}: {}", shown.text);
            read(&shown.text, vector);
        }
    }
}
