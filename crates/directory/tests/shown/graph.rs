//! Charts: what is drawn stays in its frame, and the table says the same.

use guildhall_base::Timestamp;
use guildhall_directory::shown::graph::{Frame, Graph, Series, Summary};
use proptest::prelude::*;
use roxmltree::Document;

const DAY: i64 = 86_400_000;
/// 2026-11-21.
const START: i64 = 20_778 * DAY;

fn day(at: Timestamp) -> String {
    format!("day {}", at.millis().div_euclid(DAY) - 20_778)
}

fn graph<'a>(series: &[(&'a str, &[(i64, u64)])]) -> Graph<'a> {
    let series = series
        .iter()
        .map(|(name, points)| Series {
            name,
            points: points.iter().map(|(at, number)| (Timestamp::from_millis(START + at), *number)).collect(),
        })
        .collect();
    Graph { id: "guilds", title: "Servers <of> a bot", desc: "From 10 to 40", series, day: &day }
}

/// The points of a path.
fn points(path: &str) -> Vec<(f32, f32)> {
    path.trim_end_matches('Z')
        .split(['M', 'L'])
        .skip(1)
        .map(|point| {
            let (x, y) = point.split_once(' ').unwrap();
            (x.parse().unwrap(), y.parse().unwrap())
        })
        .collect()
}

/// Panics if the SVG has something that the pages' policy forbids, or draws outside of its frame; gives its lines.
fn assert_sound(svg: &str, (width, height): (f32, f32)) -> Vec<Vec<(f32, f32)>> {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    let mut lines = Vec::new();
    for node in document.descendants().filter(|node| node.is_element()) {
        let name = node.tag_name().name();
        assert!(["svg", "title", "desc", "g", "line", "text", "path", "circle"].contains(&name), "{name}");
        for attribute in node.attributes() {
            let key = attribute.name();
            assert!(key != "style" && !key.starts_with("on") && key != "href", "{key}");
            let number = || attribute.value().parse::<f32>().unwrap();
            match key {
                "x" | "x1" | "x2" | "cx" => assert!((0.0..=width).contains(&number()), "{key} {svg}"),
                "y" | "y1" | "y2" | "cy" => assert!((0.0..=height).contains(&number()), "{key} {svg}"),
                "d" => {
                    for (x, y) in points(attribute.value()) {
                        assert!((0.0..=width).contains(&x) && (0.0..=height).contains(&y), "{x} {y} {svg}");
                    }
                    if node.attribute("class") == Some("graph-line") {
                        lines.push(points(attribute.value()));
                    }
                }
                _ => {}
            }
        }
    }
    lines
}

#[test]
fn a_chart_is_drawn_and_described() {
    let graph = graph(&[("Servers", &[(0, 10), (DAY, 20), (4 * DAY, 40)])]);
    let svg = graph.svg(Frame::Desk).unwrap();
    let lines = assert_sound(&svg, (720.0, 280.0));
    let document = Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    for (named, wanted) in
        root.attribute("aria-labelledby").unwrap().split(' ').zip(["Servers <of> a bot", "From 10 to 40"])
    {
        let node = document.descendants().find(|node| node.attribute("id") == Some(named)).unwrap();
        assert_eq!(node.text(), Some(wanted));
    }
    let texts: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("text") || node.tag_name().name() == "text")
        .filter(|node| node.is_element())
        .filter_map(|node| node.text())
        .collect();
    assert_eq!(texts, ["0", "20", "40", "day 0", "day 1", "day 2", "day 3", "day 4"]);
    // Time goes right evenly, more is higher.
    let [first, second, third] = lines[0][..] else { panic!("{lines:?}") };
    assert!(((third.0 - first.0) - 4.0 * (second.0 - first.0)).abs() < 0.5);
    assert!(((first.1 - third.1) - 3.0 * (first.1 - second.1)).abs() < 0.5);
    insta::assert_snapshot!(svg);
    assert_sound(&graph.svg(Frame::Phone).unwrap(), (340.0, 220.0));
}

#[test]
fn the_table_says_the_same() {
    let graph = graph(&[
        ("Servers", &[(0, 10), (DAY, 20), (DAY + 5, 21), (4 * DAY, 40)]),
        ("Votes\u{0}", &[(DAY, 3), (2 * DAY, 4)]),
    ]);
    let table = graph.table(30);
    assert_eq!(table.head, ["Servers", "Votes"]);
    let rows: Vec<_> = table.rows.iter().map(|(day, cells)| (day.as_str(), cells.as_slice())).collect();
    assert_eq!(
        rows,
        [
            ("day 4", [Some(40), None].as_slice()),
            ("day 2", [None, Some(4)].as_slice()),
            ("day 1", [Some(21), Some(3)].as_slice()),
            ("day 0", [Some(10), None].as_slice()),
        ]
    );
    assert_eq!(graph.table(2).rows.len(), 2);
    let at = |at| Timestamp::from_millis(START + at);
    let summary = Summary { first: (at(0), 10), last: (at(4 * DAY), 40), low: 10, high: 40 };
    assert_eq!((graph.summary(0), graph.summary(2)), (Some(summary), None));
    // Two series are told apart without colours, and cover nothing.
    let svg = graph.svg(Frame::Desk).unwrap();
    assert_eq!((svg.matches("graph-area").count(), svg.matches("stroke-dasharray").count()), (0, 1));
}

#[test]
fn little_and_much_can_be_drawn() {
    assert_eq!(graph(&[]).svg(Frame::Desk), None);
    assert_eq!(graph(&[("Servers", &[])]).svg(Frame::Desk), None);
    let one = graph(&[("Servers", &[(0, 0)])]).svg(Frame::Phone).unwrap();
    assert_eq!(assert_sound(&one, (340.0, 220.0))[0].len(), 1);
    let many: Vec<(i64, u64)> =
        (0..200_000).map(|n| (n * 60_000, if n == 77_777 { 9_000 } else { 5_000 })).collect();
    let svg = graph(&[("Servers", &many)]).svg(Frame::Desk).unwrap();
    assert!(svg.len() < 150_000, "{} bytes", svg.len());
    let line = &assert_sound(&svg, (720.0, 280.0))[0];
    let top = line.iter().map(|(_, y)| *y).fold(f32::MAX, f32::min);
    assert!(line.iter().filter(|(_, y)| *y == top).count() <= 2, "the one peak is kept");
    assert!(line.windows(2).all(|pair| pair[0].0 <= pair[1].0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_numbers_stay_in_the_frame(
        mut points in prop::collection::vec((prop_oneof![0..DAY * 400, any::<i64>().prop_map(|n| n / 4)], prop_oneof![0..50_u64, 0..9_000_000_u64, any::<u64>()]), 1..40),
        split in 0..40_usize,
    ) {
        points.sort_unstable();
        let (one, other) = points.split_at(split.min(points.len()));
        let graph = graph(&[("a", one), ("b", other)]);
        for (frame, size) in [(Frame::Phone, (340.0, 220.0)), (Frame::Desk, (720.0, 280.0))] {
            let svg = graph.svg(frame).unwrap();
            assert_sound(&svg, size);
            let levels = svg.matches("<line ").count();
            prop_assert!((2..=8).contains(&levels), "{levels} levels");
        }
    }
}
