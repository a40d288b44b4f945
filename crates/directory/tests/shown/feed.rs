//! Feeds and sitemaps, read back as their readers do.

use guildhall_base::Timestamp;
use guildhall_directory::shown::feed::{Entry, Feed, MAX_ENTRIES};
use guildhall_directory::shown::sitemap::{MAX_PLACES, Place, Sitemap, file, sitemap};
use guildhall_directory::shown::text::{Markup, html};
use proptest::prelude::*;
use roxmltree::{Document, Node};
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};
use url::Url;

const AT: Timestamp = Timestamp::from_millis(1_795_000_000_123);
const ATOM: &str = "http://www.w3.org/2005/Atom";

fn address(path: &str) -> Url {
    Url::parse("https://hall.example/").unwrap().join(path).unwrap()
}

fn entry<'a>(title: &'a str, html: &'a str, number: usize) -> Entry<'a> {
    Entry {
        id: format!("tag:hall.example,2026:listing/{number}"),
        page: address(&format!("bots/{number}?a=1&b=2")),
        title,
        author: "Ada & co",
        short: None,
        html,
        published: AT,
        updated: Timestamp::from_millis(AT.millis() + 60_000),
        tags: vec!["music", "fun & games"],
    }
}

fn feed<'a>(page: &'a Url, address: &'a Url, entries: Vec<Entry<'a>>) -> Feed<'a> {
    Feed { title: "New <bots>", about: "What is new", page, address, language: "en", updated: AT, entries }
}

fn text<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    let mut found = node.children().filter(|child| child.tag_name().name() == name);
    let text = found.next().unwrap_or_else(|| panic!("{name}")).text().unwrap_or_default();
    assert!(found.next().is_none(), "one {name}");
    text
}

#[test]
fn rss_reads_back() {
    let long = html(Markup::Markdown, "# Hi\n\n**Bold** <script>x</script> & ]]> more");
    let (page, own) = (address("bots"), address("bots/new.rss"));
    let feed = feed(&page, &own, vec![entry("A & <b>", &long, 1), entry("B", "", 2)]);
    let rss = feed.rss();
    let document = Document::parse(&rss).unwrap();
    let channel = document.root_element().first_element_child().unwrap();
    assert_eq!(
        (document.root_element().tag_name().name(), document.root_element().attribute("version")),
        ("rss", Some("2.0"))
    );
    assert_eq!((text(channel, "title"), text(channel, "language")), ("New <bots>", "en"));
    let own = channel.children().find(|node| node.tag_name().namespace() == Some(ATOM)).unwrap();
    assert_eq!(
        (own.attribute("rel"), own.attribute("href")),
        (Some("self"), Some("https://hall.example/bots/new.rss"))
    );
    let items: Vec<_> = channel.children().filter(|node| node.has_tag_name("item")).collect();
    assert_eq!(items.len(), 2);
    assert_eq!(text(items[0], "title"), "A & <b>");
    assert_eq!(text(items[0], "link"), "https://hall.example/bots/1?a=1&b=2");
    assert_eq!(text(items[0], "guid"), "tag:hall.example,2026:listing/1");
    assert_eq!(text(items[0], "description"), "Hi Bold & ]]> more");
    assert_eq!(text(items[0], "encoded"), long);
    assert_eq!(text(items[0], "creator"), "Ada & co");
    let date = OffsetDateTime::parse(text(items[0], "pubDate"), &Rfc2822).unwrap();
    assert_eq!(date.unix_timestamp(), AT.millis() / 1_000);
    let tags: Vec<_> = items[0]
        .children()
        .filter(|node| node.has_tag_name("category"))
        .filter_map(|node| node.text())
        .collect();
    assert_eq!(tags, ["music", "fun & games"]);
}

#[test]
fn atom_reads_back() {
    let (page, own) = (address("bots"), address("bots/new.atom"));
    let mut first = entry("A", "<p>long</p>", 1);
    first.short = Some("short\u{0} one");
    let atom = feed(&page, &own, vec![first]).atom();
    let document = Document::parse(&atom).unwrap();
    let root = document.root_element();
    assert!(root.has_tag_name((ATOM, "feed")));
    assert_eq!((text(root, "id"), text(root, "title")), ("https://hall.example/bots/new.atom", "New <bots>"));
    let entry = root.children().find(|node| node.has_tag_name((ATOM, "entry"))).unwrap();
    assert_eq!((text(entry, "summary"), text(entry, "content")), ("short one", "<p>long</p>"));
    let date = |name| OffsetDateTime::parse(text(entry, name), &Rfc3339).unwrap().unix_timestamp();
    assert_eq!((date("published"), date("updated")), (AT.millis() / 1_000, AT.millis() / 1_000 + 60));
    let terms: Vec<_> = entry.children().filter_map(|node| node.attribute("term")).collect();
    assert_eq!(terms, ["music", "fun & games"]);
    let links: Vec<_> = root
        .children()
        .filter(|node| node.has_tag_name((ATOM, "link")))
        .filter_map(|node| node.attribute("rel"))
        .collect();
    assert_eq!(links, ["self", "alternate"]);
}

#[test]
fn feeds_end() {
    let (page, own) = (address("bots"), address("bots/new.rss"));
    let many = feed(&page, &own, (0..MAX_ENTRIES + 5).map(|number| entry("x", "", number)).collect());
    assert_eq!(many.rss().matches("<item>").count(), MAX_ENTRIES);
    assert_eq!(many.atom().matches("<entry>").count(), MAX_ENTRIES);
}

fn places(count: usize) -> Vec<Place> {
    (0..count)
        .map(|n| Place {
            address: address(&format!("bots/{n}?a=1&b='<'")),
            changed: (n % 2 == 0).then(|| Timestamp::from_millis(AT.millis() + n as i64 * 1_000)),
        })
        .collect()
}

#[test]
fn a_sitemap_reads_back() {
    let few = file(&places(3));
    let document = Document::parse(&few).unwrap();
    let space = "http://www.sitemaps.org/schemas/sitemap/0.9";
    assert!(document.root_element().has_tag_name((space, "urlset")));
    let urls: Vec<_> = document.root_element().children().filter(Node::is_element).collect();
    assert_eq!((urls.len(), text(urls[1], "loc")), (3, "https://hall.example/bots/1?a=1&b=%27%3C%27"));
    let changed = OffsetDateTime::parse(text(urls[2], "lastmod"), &Rfc3339).unwrap();
    assert_eq!(changed.unix_timestamp(), AT.millis() / 1_000 + 2);
    assert!(urls[1].children().all(|node| !node.has_tag_name((space, "lastmod"))));
    assert_eq!(sitemap(&places(3), |_| unreachable!()), Sitemap::Whole(few));
}

#[test]
fn a_long_sitemap_has_an_index() {
    assert!(matches!(sitemap(&places(MAX_PLACES), |_| unreachable!()), Sitemap::Whole(_)));
    let number = |number| address(&format!("sitemap-{number}.xml"));
    let Sitemap::Parts { index, files } = sitemap(&places(MAX_PLACES + 1), number) else {
        panic!("one file")
    };
    let counts: Vec<_> = files.iter().map(|file| file.matches("<url>").count()).collect();
    assert_eq!(counts, [MAX_PLACES, 1]);
    let document = Document::parse(&index).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "sitemapindex");
    let maps: Vec<_> = document.root_element().children().filter(Node::is_element).collect();
    assert_eq!(text(maps[1], "loc"), "https://hall.example/sitemap-2.xml");
    let newest = OffsetDateTime::parse(text(maps[0], "lastmod"), &Rfc3339).unwrap();
    assert_eq!(newest.unix_timestamp(), AT.millis() / 1_000 + MAX_PLACES as i64 - 2);
    assert!(file(&places(MAX_PLACES + 9)).matches("<url>").count() == MAX_PLACES);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_makes_a_feed(title in any::<String>(), source in any::<String>(), millis in any::<i64>()) {
        let long = html(Markup::Markdown, &source);
        let (page, own) = (address("bots"), address("bots/new.rss"));
        let mut one = entry(&title, &long, 1);
        one.short = Some(&source);
        one.published = Timestamp::from_millis(millis);
        let feed = feed(&page, &own, vec![one]);
        Document::parse(&feed.rss()).unwrap();
        Document::parse(&feed.atom()).unwrap();
    }
}
