//! The pages as people without scripts use them, in both languages: adding, mending, looking, locking, removing.

use guildhall_infra::sql;
use serde_json::json;

use crate::browser::Browser;
use crate::support::{Client, Hall};
use crate::world::{bot_of, count, history, listed_bot, long, make_staff, set_state, started};

/// What pages say in each language.
struct Texts {
    language: &'static str,
    choose: &'static str,
    short: &'static str,
    tag: &'static str,
    link: &'static str,
    vanity: &'static str,
    taken: &'static str,
    waits: &'static str,
    locked: &'static str,
    preview: &'static str,
    nothing: &'static str,
    not_yours: &'static str,
    unknown: &'static str,
}

const TEXTS: [Texts; 2] = [
    Texts {
        language: "en",
        choose: "Which of your bots?",
        short: "Must be 10 to 200 characters long.",
        tag: "This is not one of the choices.",
        link: "The address of each link begins with https://",
        vanity: "Only a–z, 0–9, - and _",
        taken: "This short name is taken.",
        waits: "Waits for staff to look at it.",
        locked: "This listing is locked; unlock it first.",
        preview: "Preview",
        nothing: "Nothing was found.",
        not_yours: "Only whoever owns it can list it.",
        unknown: "There is no such listing.",
    },
    Texts {
        language: "fi",
        choose: "Mikä boteistasi?",
        short: "Pituuden on oltava 10–200 merkkiä.",
        tag: "Tämä ei ole yksi vaihtoehdoista.",
        link: "Kunkin linkin osoite alkaa https://",
        vanity: "Vain a–z, 0–9, - ja _",
        taken: "Tämä lyhyt nimi on varattu.",
        waits: "Odottaa ylläpidon katsovan sen.",
        locked: "Esittely on lukittu.",
        preview: "Esikatselu",
        nothing: "Mitään ei löytynyt.",
        not_yours: "Vain omistaja voi lisätä sen.",
        unknown: "Tällaista esittelyä ei ole.",
    },
];

/// What comes after the field of this name in the form, up to the next field.
fn problem_of<'a>(page: &'a str, field: &str) -> &'a str {
    let mark = format!("id=\"{field}-problem\">");
    let (_, rest) = page.split_once(&mark).unwrap_or_else(|| panic!("no complaint at {field} in {page}"));
    rest.split_once("</p>").unwrap().0
}

fn form<'a>(changes: &[(&'a str, &'a str)], long: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("short", "Keeps your guild quiet and tidy."),
        ("long", long),
        ("tags", "moderation, Utility"),
        ("features", "free"),
        ("language", "en"),
        ("vanity", ""),
        ("prefix", "!"),
        ("library", "serenity"),
        ("invite", "P:8"),
        ("card_banner", ""),
        ("page_banner", ""),
        ("links", "Source code https://example.com/source\r\n_hidden https://example.com/hidden"),
        ("style", ""),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

#[tokio::test]
async fn a_bot_is_added_mended_locked_and_removed_by_forms() {
    for hall in started().await {
        let (ada, eve) = (hall.register("ada").await, hall.register("eve").await);
        let (other, _) = listed_bot(&hall, &eve, "Other").await;
        let named = json!({ "vanity": "taken" });
        assert_eq!(eve.send("PATCH", &format!("/v2/listings/bots/{other}"), Some(named)).await.0, 200);
        for texts in &TEXTS {
            let browser = Browser { client: &ada, language: texts.language };
            let stranger = Browser { client: &eve, language: texts.language };
            browser.reads().await;
            stranger.reads().await;
            let (bot, _) = bot_of(&hall, &ada, "Tidy").await;
            let chosen = browser.page("/bots/add").await;
            let path = format!("/bots/{bot}");
            let edit = format!("{path}/listing");
            assert!(
                chosen.contains(texts.choose) && chosen.contains(&format!("href=\"{edit}\"")),
                "{chosen}"
            );
            browser.page(&edit).await;
            // Somebody else's cannot be listed, nor is it shown as if it could.
            let refused = stranger.ask(&edit, None).await;
            assert_eq!(refused.status, 403);
            assert!(refused.text.contains(texts.not_yours), "{}", refused.text);

            wrong_fields(&hall, &browser, texts, (&bot, &edit)).await;
            let long = format!("# Hello\n\n**It cleans.** <script>alert(1)</script>\n\n{}", long());
            let shown = browser.ask(&edit, Some(&form(&[("preview", "1")], &long))).await;
            assert_eq!(shown.status, 200);
            let text = &shown.text;
            assert!(text.contains(texts.preview) && text.contains("<strong>It cleans.</strong>"), "{text}");
            assert!(!text.contains("<script>alert"), "{text}");
            assert!(text.contains("&#60;script&#62;alert"), "what was typed stays in the form: {text}");
            assert_eq!(count(&hall, sql!("SELECT COUNT(*) FROM listings WHERE id = $1"), &bot).await, 0);

            assert_eq!(browser.sent(&edit, &form(&[], &long)).await, path);
            let page = browser.page(&path).await;
            for part in
                [texts.waits, "<strong>It cleans.</strong>", "Source code", "noindex", "permissions=8"]
            {
                assert!(page.contains(part), "{part} in {page}");
            }
            assert!(!page.contains("example.com/hidden") && !page.contains("<script>alert"), "{page}");
            let listing = ada.get(&format!("/v2/listings/bots/{bot}")).await;
            assert_eq!(listing["tags"], json!(["moderation", "utility"]));
            assert_eq!(stranger.ask(&path, None).await.status, 404);
            let nobody =
                Browser { client: &hall.client(""), language: texts.language }.ask(&path, None).await;
            assert_eq!(nobody.status, 404);
            assert!(nobody.text.contains(texts.unknown), "{}", nobody.text);

            mended(&hall, &browser, &stranger, texts, &bot).await;
        }
    }
}

async fn wrong_fields(hall: &Hall, browser: &Browser<'_>, texts: &Texts, (bot, edit): (&str, &str)) {
    let wrong = [
        ("short", "no"),
        ("tags", "moderation, nonsense"),
        ("links", "Site http://example.com"),
        ("vanity", "Not good!"),
        ("language", "English"),
        ("card_banner", "ftp://example.com/a.png"),
    ];
    let filled = long();
    let page = browser.refused(edit, &form(&wrong, &filled), 422).await;
    assert_eq!(problem_of(&page, "short"), texts.short);
    assert!(problem_of(&page, "links").starts_with(texts.link));
    assert!(problem_of(&page, "vanity").starts_with(texts.vanity));
    for field in ["language", "card_banner"] {
        assert!(!problem_of(&page, field).is_empty());
    }
    assert!(page.contains("aria-describedby=\"links-problem\"") && page.contains("Site http://example.com"));
    // What only the database knows is said once the rest is right.
    let page = browser.refused(edit, &form(&[("tags", "moderation, nonsense")], &filled), 422).await;
    assert_eq!(problem_of(&page, "tags"), texts.tag);
    let page = browser.refused(edit, &form(&[("vanity", "TAKEN")], &filled), 422).await;
    assert_eq!(problem_of(&page, "vanity"), texts.taken);
    assert_eq!(count(hall, sql!("SELECT COUNT(*) FROM listings WHERE id = $1"), bot).await, 0);
    assert!(history(hall, bot).await.is_empty());
}

async fn mended(hall: &Hall, browser: &Browser<'_>, stranger: &Browser<'_>, texts: &Texts, bot: &str) {
    let (path, filled) = (format!("/bots/{bot}"), long());
    let edit = format!("{path}/listing");
    assert_eq!(browser.sent(&edit, &form(&[("vanity", texts.language)], &filled)).await, path);
    let at = browser.ask(&format!("/at/{}", texts.language), None).await;
    assert_eq!((at.status, at.location()), (307, path.as_str()));
    assert_eq!(stranger.ask(&format!("/at/{}", texts.language), None).await.status, 404);
    for path in [&edit, &format!("{edit}/lock"), &format!("{edit}/delete")] {
        let status = stranger.ask(path, Some(&form(&[], &filled))).await.status;
        assert!(matches!(status, 403 | 404), "{path}: {status}");
    }
    assert_eq!(browser.sent(&format!("{edit}/lock"), &[("lock", "1")]).await, edit);
    let page = browser.refused(&edit, &form(&[("prefix", "?")], &filled), 422).await;
    assert!(page.contains("role=\"alert\"") && page.contains(texts.locked), "{page}");
    let kept = browser.ask(&format!("{edit}/delete"), Some(&[])).await;
    assert_eq!(kept.status, 409);
    assert!(kept.text.contains(texts.locked), "{}", kept.text);
    assert_eq!(browser.client.get(&format!("/v2/listings{path}")).await["prefix"], "!");
    assert_eq!(browser.sent(&format!("{edit}/lock"), &[]).await, edit);
    assert_eq!(browser.sent(&edit, &form(&[("prefix", "?")], &filled)).await, path);
    assert_eq!(browser.sent(&format!("{edit}/delete"), &[]).await, "/bots");
    assert_eq!(browser.ask(&path, None).await.status, 404);
    assert_eq!(count(hall, sql!("SELECT COUNT(*) FROM listings WHERE id = $1"), bot).await, 0);
    assert_eq!(history(hall, bot).await, ["add", "edit", "lock", "unlock", "edit", "delete"]);
}

/// Lists an approved bot with these changes.
async fn approved(hall: &Hall, owner: &Client, name: &str, change: serde_json::Value) -> String {
    let (bot, _) = listed_bot(hall, owner, name).await;
    set_state(hall, &bot, 0).await;
    let (status, answer) = owner.send("PATCH", &format!("/v2/listings/bots/{bot}"), Some(change)).await;
    assert_eq!(status, 200, "{answer}");
    bot
}

#[tokio::test]
async fn the_index_shows_rows_finds_words_and_goes_on() {
    for hall in started().await {
        let ada = hall.register("ada").await;
        let mut first = String::new();
        for number in 0..26 {
            let tags = if number % 2 == 0 { json!(["fun"]) } else { json!(["fun", "music"]) };
            let short = json!({ "short": format!("Plays for you, number {number}."), "tags": tags });
            first = approved(&hall, &ada, &format!("Player {number}"), short).await;
        }
        let (hidden, _) = listed_bot(&hall, &ada, "Waiting").await;
        let anybody = hall.client("");
        for texts in &TEXTS {
            let browser = Browser { client: &anybody, language: texts.language };
            let page = browser.page("/bots").await;
            assert!(
                page.contains(&format!("href=\"/bots/{first}\"")) && page.contains("?tags=music"),
                "{page}"
            );
            assert!(!page.contains(&hidden), "{page}");
            let page = browser.page("/bots?q=player&tags=music&sort=new&size_from=0").await;
            assert!(page.contains("Player 25") && !page.contains("Player 24<"), "{page}");
            assert!(page.contains("value=\"player\"") && page.contains("value=\"music\""), "{page}");
            let page = browser.page("/bots?q=&tags=&sort=votes&size_from=&size_to=&language=").await;
            let mut seen = tiles(&page);
            let (_, next) = page.rsplit_once("rel=\"next\"").map_or(("", ""), |_| {
                let (head, _) = page.split_once("\" rel=\"next\"").unwrap();
                head.rsplit_once("href=\"").unwrap()
            });
            let page = browser.page(&next.replace("&#38;", "&").replace("&amp;", "&")).await;
            seen.extend(tiles(&page));
            assert_eq!(seen.len(), 26, "{seen:?}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 26);
            assert!(!page.contains("rel=\"next\""), "{page}");
            assert!(browser.page("/bots?q=nothinglikethis").await.contains(texts.nothing));
            browser.page("/guilds").await;
            assert_eq!(browser.ask("/bots?after=x", None).await.status, 400);
        }
    }
}

/// The listings of a page's tiles.
fn tiles(page: &str) -> Vec<String> {
    let parts = page.split("<h3><a href=\"/bots/").skip(1);
    parts.map(|part| part.split_once('"').unwrap().0.to_owned()).collect()
}

#[tokio::test]
async fn guilds_are_listed_by_who_manages_them_and_themes_keep_to_their_page() {
    for hall in started().await {
        let (ada, eve, staff) =
            (hall.register("ada").await, hall.register("eve").await, hall.register("staff").await);
        make_staff(&hall, &staff).await;
        let (guild, _) = ada.found_guild("Observatory").await;
        let (browser, stranger) =
            (Browser { client: &ada, language: "en" }, Browser { client: &eve, language: "en" });
        let path = format!("/guilds/{guild}");
        let edit = format!("{path}/listing");
        assert!(browser.page("/guilds/add").await.contains("Observatory"));
        // Who is no member does not learn that there is such a guild.
        let (unseen, nothing) =
            (stranger.ask(&edit, None).await, stranger.ask("/guilds/12345/listing", None).await);
        assert_eq!((unseen.status, nothing.status), (400, 400));
        assert!(!unseen.text.contains("Observatory"));
        let style = "body { display: none } h3 { color: red; position: fixed } h3 { background: url(//evil.example/x) }";
        let filled = long();
        let fields = [
            ("tags", "stars, night-sky"),
            ("features", ""),
            ("invite", "https://example.com/join"),
            ("prefix", ""),
            ("library", ""),
            ("style", style),
            ("login_required", "on"),
        ];
        assert_eq!(browser.sent(&edit, &form(&fields, &filled)).await, path);
        assert_eq!(ada.get(&format!("/v2/listings{path}")).await["state"], "approved");
        let page = stranger.page(&path).await;
        let (_, theme) = page.split_once(&format!("href=\"{path}/theme.css")).unwrap();
        let theme =
            stranger.ask(&format!("{path}/theme.css{}", theme.split_once('"').unwrap().0), None).await;
        assert_eq!(
            (theme.status, &theme.headers["content-type"]),
            (200, &"text/css; charset=utf-8".parse().unwrap())
        );
        let css = theme.text;
        assert!(css.starts_with(".listing-theme") && css.contains("red"), "{css}");
        for bad in ["fixed", "evil.example", "body"] {
            assert!(!css.contains(bad), "{bad} in {css}");
        }
        assert!(page.contains("Observatory") && page.contains("https://example.com/join"), "{page}");
        for part in [
            "rel=\"canonical\" href=\"http".to_owned(),
            "property=\"og:image\" content=\"http".to_owned(),
            format!("{path}/preview.png\""),
            "itemtype=\"https://schema.org/Organization\"".to_owned(),
            "<span itemprop=\"name\">Observatory</span>".to_owned(),
        ] {
            assert!(page.contains(&part), "{part} in {page}");
        }
        assert!(
            Browser { client: &staff, language: "en" }.page("/guilds?q=observatory").await.contains(&path)
        );
    }
}
