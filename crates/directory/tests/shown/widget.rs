//! Widgets, counters and pictures for links: as SVG and as pixels.

use guildhall_directory::shown::draw::{Avatar, Colour, Painter};
use guildhall_directory::shown::picture::Preview;
use guildhall_directory::shown::widget::{Card, Counter, Look, Size, Status};
use image::ImageFormat;
use proptest::prelude::*;
use roxmltree::Document;

use crate::draw::{near, pixels, plain};

fn card<'a>(name: &'a str, avatar: Option<&'a Avatar>) -> Card<'a> {
    Card {
        name,
        by: "by Ada",
        short: "Plays music, tells the weather and keeps order in a community of any size, day and night.",
        votes: 1_234,
        votes_word: "votes",
        count: Some(56_700),
        count_word: "servers",
        status: Some(Status::Online),
        avatar,
    }
}

/// Panics unless the SVG consists of what scenes consist of, and loads nothing.
fn assert_harmless(svg: &str) {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    for node in document.descendants().filter(|node| node.is_element()) {
        let name = node.tag_name().name();
        assert!(["svg", "title", "rect", "circle", "clipPath", "image", "text"].contains(&name), "{name}");
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            assert!(!key.starts_with("on") && key != "style" && key != "class", "{key}");
            assert!(key != "href" || value.starts_with("data:image/png;base64,"), "{value}");
            assert!(key == "aria-label" || !value.contains("url(") || value.starts_with("url(#c"), "{value}");
        }
    }
}

#[test]
fn a_card_says_what_it_is_given() {
    let svg = card("Music <b>&\"Bot'", None).svg(&Look::default());
    assert_harmless(&svg);
    let document = Document::parse(&svg).unwrap();
    let texts: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text())
        .collect();
    assert_eq!(texts[1..4], ["Music <b>&\"Bot'", "by Ada", "▲ 1.2k votes · 56k servers"].map(|text| text));
    assert_eq!(
        texts[4..].join(" "),
        "Plays music, tells the weather and keeps order in a community of any size, day and night."
    );
    assert_eq!(
        document.root_element().attribute("aria-label"),
        Some("Music <b>&\"Bot': 1.2k votes · 56k servers")
    );
    insta::assert_snapshot!(svg);
}

#[test]
fn sizes_colours_and_lengths_are_obeyed() {
    let picture = Avatar::read(&plain(64, 64, [10, 120, 240, 255], ImageFormat::Png)).unwrap();
    let painter = Painter::default();
    for (name, size) in [("small", Size::Small), ("medium", Size::Medium), ("large", Size::Large)] {
        assert_eq!(Size::read(name), Some(size));
        let look =
            Look { size, background: Colour::new(0xfa_f0e6), text: Colour::new(0x80_0000), desc_length: 40 };
        let card = card("Music Bot", Some(&picture));
        assert_harmless(&card.svg(&look));
        let png = pixels(&card.png(&look, &painter).unwrap());
        let (width, height) = size.pixels();
        assert_eq!(png.dimensions(), (width * 2, height * 2));
        let at = |x: u32, y: u32| png.get_pixel(x * 2, y * 2).0;
        assert_eq!(at(0, 0)[3], 0, "round corners");
        assert!(near(at(width - 5, height / 2), [0xfa, 0xf0, 0xe6]), "{name} ground");
        assert!(near(at(30, 30), [10, 120, 240]), "{name} avatar {:?}", at(30, 30));
        let side = if size == Size::Small {
            40
        } else if size == Size::Medium {
            56
        } else {
            72
        };
        assert!(near(at(12 + side - 4, 12 + side - 4), [0x2e, 0xa7, 0x6a]), "{name} dot");
        let ink = png
            .enumerate_pixels()
            .filter(|(x, _, pixel)| *x > (24 + side) * 2 && near(pixel.0, [0x80, 0, 0]))
            .count();
        assert!(ink > 300, "{name}: {ink} pixels of letters");
    }
    let look = Look { desc_length: 0, ..Look::default() };
    assert!(!card("x", None).svg(&look).contains("Plays"));
    let look = Look { desc_length: 12, ..Look::default() };
    assert!(card("x", None).svg(&look).contains(">Plays music…<"));
    assert_eq!(Size::read("huge"), None);
}

#[test]
fn counters_look_like_shields() {
    let painter = Painter::default();
    let counter = Counter { label: "votes", value: "1.2k", colour: Colour::new(0x2e_a76a) };
    assert_harmless(&counter.svg());
    insta::assert_snapshot!(counter.svg());
    let png = pixels(&counter.png(&painter).unwrap());
    assert_eq!(png.height(), 40);
    assert!(near(png.get_pixel(6, 20).0, [0x44, 0x47, 0x4f]));
    assert!(near(png.get_pixel(png.width() - 6, 20).0, [0x2e, 0xa7, 0x6a]));
    let hostile =
        Counter { label: "</text><script>", value: "\"/><image href='https://evil.example/'/>", ..counter };
    assert_harmless(&hostile.svg());
    let long = Counter { label: "W".repeat(500).leak(), value: "W".repeat(500).leak(), ..counter };
    assert!(pixels(&long.png(&painter).unwrap()).width() < 800);
}

#[test]
fn the_picture_for_links_shows_everything() {
    let avatar = Avatar::read(&plain(64, 64, [10, 120, 240, 255], ImageFormat::Png)).unwrap();
    let mut preview = Preview {
        name: "Music Bot with a name that goes on for longer than the picture is wide",
        short: "Plays music, tells the weather and keeps order. ".repeat(9).leak(),
        votes: 12,
        votes_word: "ääntä",
        count: None,
        count_word: "servers",
        site: "Guildhall",
        accent: Colour::new(0xff_8800),
        avatar: Some(&avatar),
    };
    let painter = Painter::default();
    let png = pixels(&preview.png(&painter).unwrap());
    assert_eq!(png.dimensions(), (1_200, 630));
    assert!(near(png.get_pixel(600, 8).0, [0xff, 0x88, 0]));
    assert!(near(png.get_pixel(172, 172).0, [10, 120, 240]));
    assert!(near(png.get_pixel(1_190, 300).0, [0x16, 0x17, 0x1d]));
    let ink = |rows: std::ops::Range<u32>| {
        png.enumerate_pixels()
            .filter(|(x, y, pixel)| *x > 72 && rows.contains(y) && pixel.0[0] > 0xa0)
            .count()
    };
    assert!(ink(110..170) > 1_000 && ink(300..480) > 1_000 && ink(550..600) > 300);
    // Nothing runs over the edge.
    assert!(
        png.enumerate_pixels()
            .filter(|(x, y, _)| *x > 1_130 && *y > 20)
            .all(|(_, _, pixel)| pixel.0[0] < 0x40)
    );
    preview.avatar = None;
    assert!(near(pixels(&preview.png(&painter).unwrap()).get_pixel(90, 172).0, [0x42, 0x43, 0x48]));
}

#[test]
fn letters_that_no_font_has_do_no_harm() {
    let painter = Painter::default();
    for name in
        ["音楽ボット", "🎵🎶", "\u{202e}kcab", "\u{0}\u{fffe}\u{ffff}", "", "a\u{301}\u{301}\u{301}", "مرحبا"]
    {
        assert_harmless(&card(name, None).svg(&Look::default()));
        card(name, None).png(&Look::default(), &painter).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_stays_text(name in "\\PC{0,60}|.{0,20}", short in ".{0,80}", desc_length in 0..400_u16) {
        let card = Card { short: &short, ..card(&name, None) };
        for size in [Size::Small, Size::Large] {
            assert_harmless(&card.svg(&Look { size, desc_length, ..Look::default() }));
        }
        assert_harmless(&Counter { label: &name, value: &short, colour: Colour::new(0xff_ffff) }.svg());
    }
}
