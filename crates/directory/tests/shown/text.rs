//! Long texts: what of them stays, and that nothing else does.

use guildhall_directory::shown::text::{MAX_BYTES, MAX_ELEMENTS, Markup, excerpt, html};
use proptest::prelude::*;

use crate::page::{Element, elements};

/// Texts that try to run or fake something; other tests post them too.
const XSS: &str = include_str!("../data/xss.json");

const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
    "var",
    "wbr",
    "colgroup",
];
const ATTRIBUTES: &[&str] = &[
    "align",
    "alt",
    "class",
    "colspan",
    "decoding",
    "dir",
    "height",
    "href",
    "loading",
    "open",
    "referrerpolicy",
    "rel",
    "rowspan",
    "scope",
    "src",
    "start",
    "title",
    "width",
];

/// Panics unless a browser finds only harmless things in `html`.
fn assert_safe(html: &str, source: &str) {
    for scripting in [true, false] {
        for element in elements(html, scripting) {
            assert!(harmless(&element), "{element:?} in {html:?} of {source:?}");
        }
    }
}

fn harmless(element: &Element) -> bool {
    let attributes = element.attributes.iter().all(|(name, value)| {
        ATTRIBUTES.contains(&name.as_str())
            && match name.as_str() {
                "href" => ["https://", "http://", "mailto:"].iter().any(|scheme| value.starts_with(scheme)),
                "src" => value.starts_with("https://"),
                "class" => value.split(' ').all(|class| class.starts_with("own-")),
                _ => true,
            }
    });
    let rel = element.name != "a" || element.get("rel") == Some("nofollow ugc noopener noreferrer");
    let lazy = element.name != "img"
        || (element.get("loading") == Some("lazy") && element.get("referrerpolicy") == Some("no-referrer"));
    element.space.is_empty() && ELEMENTS.contains(&element.name.as_str()) && attributes && rel && lazy
}

#[test]
fn no_vector_gets_through() {
    let vectors: Vec<String> = serde_json::from_str(XSS).unwrap();
    assert!(vectors.len() >= 60, "{}", vectors.len());
    for vector in &vectors {
        for markup in [Markup::Html, Markup::Markdown] {
            let once = html(markup, vector);
            assert_safe(&once, vector);
            // What is safe stays safe when it is read again, as an editor would.
            assert_safe(&html(Markup::Html, &once), vector);
            assert_safe(&html(Markup::Markdown, &once), vector);
        }
    }
    // All in one text, where each may open what another closes.
    assert_safe(&html(Markup::Html, &vectors.concat()), "all");
    assert_safe(&html(Markup::Markdown, &vectors.join("\n\n")), "all");
}

#[test]
fn the_judge_sees_what_is_harmful() {
    for harm in [
        "<script>1</script>",
        "<svg><a href='https://a.example/'></a></svg>",
        "<p onclick=x>",
        "<p style='color:red'>",
        "<a href='javascript:x' rel='nofollow ugc noopener noreferrer'>x</a>",
        "<a href='https://a.example/'>x</a>",
        "<p class=modal>",
        "<img src='https://a.example/'>",
        "<!-- x -->",
        "<form></form>",
    ] {
        assert!(elements(harm, true).iter().any(|element| !harmless(element)), "{harm}");
    }
}

#[test]
fn markdown_as_github_has_it() {
    let source = "# Title\n\n## Part\n\n###### Deep\n\nSee **this** ~~old~~ `code` https://a.example/x and \
                  [that](https://b.example/ \"t\").\n\n| a | b |\n|:-:|---|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n\
                  ![cat](https://c.example/cat.png)";
    let rel = "rel=\"nofollow ugc noopener noreferrer\"";
    let out = html(Markup::Markdown, source);
    for part in [
        "<h3>Title</h3>",
        "<h4>Part</h4>",
        "<h6>Deep</h6>",
        "<strong>this</strong> <del>old</del> <code>code</code>",
        &format!("<a href=\"https://a.example/x\" {rel}>https://a.example/x</a>"),
        &format!("<a href=\"https://b.example/\" title=\"t\" {rel}>that</a>"),
        "<th align=\"center\">a</th>",
        "<td>2</td>",
        "<li>☑ done</li>",
        "<li>☐ open</li>",
        "<img src=\"https://c.example/cat.png\" alt=\"cat\"",
    ] {
        assert!(out.contains(part), "{part} in {out}");
    }
    assert_safe(&out, source);
}

#[test]
fn html_keeps_what_is_harmless() {
    let out = html(
        Markup::Html,
        "<center><h1 class='hero big'>Hi</h1></center><div class=\"card 'x\" align=RIGHT>a<br>b</div>\
         <img src=https://a.example/b.png width=200 height=99999 alt='x &amp; y'><details open><summary>s</summary>t",
    );
    assert!(out.starts_with("<div><h3 class=\"own-hero own-big\">Hi</h3></div>"), "{out}");
    assert!(
        out.contains("<div align=\"right\" class=\"own-card\">a<br>b</div>")
            || out.contains("<div class=\"own-card\" align=\"right\">a<br>b</div>"),
        "{out}"
    );
    let picture = elements(&out, true).into_iter().find(|element| element.name == "img").unwrap();
    assert_eq!(picture.get("alt"), Some("x & y"));
    assert_eq!((picture.get("width"), picture.get("height")), (Some("200"), None));
    assert!(out.ends_with("<details open=\"\"><summary>s</summary>t</details>"), "{out}");
}

#[test]
fn no_text_costs_much_more_than_its_length() {
    let nests = [
        "<div>",
        "<b>",
        "<ul><li>",
        "<table><tr><td>",
        "<a href=https://a.example>",
        "> ",
        "* ",
        "[",
        "![",
        "`",
    ];
    let fans = [
        format!("{}{}", "<b><i><u><s><em><strong><small><code>".repeat(40), "<p>x".repeat(30_000)),
        (0..9_000).map(|n| format!("<b class=c{n}>")).collect::<String>() + &"<p>x".repeat(9_000),
        "<a href=https://a.example><table><tr>".repeat(3_000),
        "<p><b>".repeat(20_000),
        "</p>".repeat(25_000),
        "a **b ".repeat(16_000),
        "|a".repeat(25_000) + "\n" + &"|-".repeat(25_000) + "\n" + &"|\n".repeat(10_000),
        "&amp;".repeat(20_000),
        "<script>".repeat(12_000),
        "<svg>".repeat(20_000),
    ];
    let sources = nests.iter().map(|nest| nest.repeat(MAX_BYTES / nest.len())).chain(fans);
    for source in sources {
        for markup in [Markup::Html, Markup::Markdown] {
            let out = html(markup, &source);
            let head: String = source.chars().take(60).collect();
            let all = elements(&out, true).len();
            assert!(out.len() < 3_000_000, "{} bytes of {head}", out.len());
            assert!(all < MAX_ELEMENTS * 12, "{all} elements of {head}");
        }
    }
}

#[test]
fn long_texts_are_cut_between_letters() {
    let out = html(Markup::Html, &"ä".repeat(MAX_BYTES));
    assert_eq!(out.chars().count(), MAX_BYTES / 2);
    let odd = html(Markup::Html, &format!("x{}", "ä".repeat(MAX_BYTES)));
    assert!(odd.len() < MAX_BYTES && odd.ends_with('ä'));
}

#[test]
fn excerpts_are_words() {
    let safe = html(Markup::Markdown, "# Hello\n\nA **bold** bot &amp; more.\n\n- one\n- two<br>three");
    assert_eq!(excerpt(&safe, 200), "Hello A bold bot & more. one two three");
    assert_eq!(excerpt(&safe, 17), "Hello A bold bot…");
    assert_eq!(excerpt(&safe, 16), "Hello A bold…");
    assert_eq!(excerpt("abcdefgh", 4), "abc…");
    assert_eq!(excerpt("ab", 2), "ab");
    assert_eq!(excerpt("ab", 0), "");
    assert_eq!(excerpt("a\u{202e}b\u{0}", 9), "ab");
    assert_eq!(excerpt(&html(Markup::Html, "&lt;script&gt;x"), 99), "<script>x");
}

/// Pieces that vectors are made of, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<svg>"),
        Just("</svg>"),
        Just("<math>"),
        Just("<mtext>"),
        Just("<style>"),
        Just("</style>"),
        Just("<!--"),
        Just("-->"),
        Just("<table>"),
        Just("<tr>"),
        Just("<td>"),
        Just("<p>"),
        Just("</p>"),
        Just("<b>"),
        Just("</b>"),
        Just("<a href='javascript:x'>"),
        Just("</a>"),
        Just("<img src=x onerror=x>"),
        Just("<script>"),
        Just("</script>"),
        Just("<template>"),
        Just("</template>"),
        Just("<select>"),
        Just("<title>"),
        Just("</title>"),
        Just("<noscript>"),
        Just("</noscript>"),
        Just("<mglyph>"),
        Just("<foreignObject>"),
        Just("<desc>"),
        Just("<form>"),
        Just("\""),
        Just("'"),
        Just("<"),
        Just(">"),
        Just("`"),
        Just("\n\n"),
        Just("[x]("),
        Just(")"),
        Just("![x](https://a.example/\""),
        Just("javascript:"),
        Just(" onclick=x "),
        Just("&lt;"),
        Just("&#106;"),
        Just("\0"),
        Just("| a |\n|---|\n| "),
        Just("```\n"),
        Just("<annotation-xml encoding='text/html'>"),
        Just("<textarea>"),
        Just("</textarea>"),
        Just("<li>"),
        Just("<div title='"),
        Just("<frameset>"),
        Just("<body onload=x>"),
        Just("<html onload=x>"),
        Just("<![CDATA["),
    ];
    prop::collection::vec(prop_oneof![4 => piece.prop_map(str::to_owned), 1 => ".{0,6}"], 0..40)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_harmful_comes_out(source in pieces()) {
        for markup in [Markup::Html, Markup::Markdown] {
            let out = html(markup, &source);
            assert_safe(&out, &source);
            prop_assert!(!excerpt(&out, 100).contains('\n'));
        }
    }
}
