//! Where everything of a chart stands.

use std::fmt::Write;

use guildhall_base::Timestamp;

use super::{Frame, Graph, MAX_SERIES, scale};
use crate::shown::draw::number;

/// Pixels above and below the lines.
const TOP: f32 = 12.0;
const BOTTOM: f32 = 26.0;
/// Pixels beside the last point, for its dot.
const RIGHT: f32 = 8.0;
/// Pixels of one letter of a level's label.
const LETTER: f32 = 7.5;

/// The parts of a chart, in pixels.
pub(super) struct Plot {
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) levels: Vec<Tick>,
    pub(super) days: Vec<Tick>,
    pub(super) curves: Vec<Curve>,
}

/// A label on an axis.
pub(super) struct Tick {
    pub(super) at: f32,
    pub(super) label: String,
    pub(super) anchor: &'static str,
}

/// A series as paths.
pub(super) struct Curve {
    pub(super) line: String,
    /// Only where there is one series, as areas would cover each other.
    pub(super) area: Option<String>,
    /// Tells series apart without colours.
    pub(super) dash: Option<&'static str>,
    pub(super) end: (f32, f32),
}

/// From times and numbers to pixels.
struct Projection {
    times: (i64, i64),
    numbers: (u64, u64),
    x: (f32, f32),
    y: (f32, f32),
}

impl Projection {
    fn x(&self, at: Timestamp) -> f32 {
        let (from, to) = self.times;
        // A single point stands in the middle.
        let share =
            if to > from { (at.millis() as f64 - from as f64) / (to as f64 - from as f64) } else { 0.5 };
        tenth(self.x.0 + (self.x.1 - self.x.0) * share as f32)
    }

    fn y(&self, number: u64) -> f32 {
        let (from, to) = self.numbers;
        let share = (number.saturating_sub(from) as f64 / to.saturating_sub(from).max(1) as f64).min(1.0);
        tenth(self.y.1 - (self.y.1 - self.y.0) * share as f32)
    }
}

/// To a tenth of a pixel.
fn tenth(pixels: f32) -> f32 {
    (pixels * 10.0).round() / 10.0
}

/// The parts of a chart; nothing where there is no number.
pub(super) fn plot(graph: &Graph<'_>, frame: Frame) -> Option<Plot> {
    let series = graph.series.get(..MAX_SERIES).unwrap_or(&graph.series);
    let all = || series.iter().flat_map(|series| &series.points);
    let times = all().map(|(at, _)| at.millis());
    let (from, to) = (times.clone().min()?, times.max()?);
    let numbers = all().map(|(_, number)| *number);
    let levels = scale::levels(numbers.clone().min()?, numbers.max()?, 4);
    let labels: Vec<String> = levels.iter().map(|level| label(*level, &levels)).collect();
    let widest = labels.iter().map(|label| label.chars().count()).max()? as f32;
    let (left, right) = (tenth(widest * LETTER + 10.0), frame.width() as f32 - RIGHT);
    let projection = Projection {
        times: (from, to),
        numbers: (*levels.first()?, *levels.last()?),
        x: (left, right),
        y: (TOP, frame.height() as f32 - BOTTOM),
    };
    let curves = series
        .iter()
        .zip(0..)
        .filter_map(|(one, n)| curve(&one.points, &projection, n, series.len()))
        .collect();
    let levels = levels
        .iter()
        .zip(labels)
        .map(|(level, label)| Tick { at: projection.y(*level), label, anchor: "end" })
        .collect();
    Some(Plot { left, right, levels, days: days(graph, frame, &projection), curves })
}

/// A level in few letters, in full where two would read the same.
fn label(level: u64, levels: &[u64]) -> String {
    let short = number(level);
    let twice = levels.iter().filter(|other| number(**other) == short).count() > 1;
    if twice { level.to_string() } else { short }
}

/// Days below the chart: the first, the last and some between, none twice.
fn days(graph: &Graph<'_>, frame: Frame, projection: &Projection) -> Vec<Tick> {
    let (from, to) = projection.times;
    let wanted: i64 = if frame == Frame::Phone { 2 } else { 4 };
    let span = to.saturating_sub(from);
    let mut days: Vec<Tick> = Vec::new();
    for n in 0..=wanted {
        let at = Timestamp::from_millis(from.saturating_add(span / wanted * n));
        let label = crate::shown::draw::clean(&(graph.day)(at));
        if days.last().is_none_or(|last| last.label != label) {
            let anchor = match n {
                0 if span > 0 => "start",
                n if n == wanted => "end",
                _ => "middle",
            };
            days.push(Tick { at: projection.x(at), label, anchor });
        }
    }
    days
}

fn curve(points: &[(Timestamp, u64)], projection: &Projection, place: usize, of: usize) -> Option<Curve> {
    let points = thinned(points.iter().map(|(at, number)| (projection.x(*at), projection.y(*number))));
    let (first, end) = (*points.first()?, *points.last()?);
    let mut line = String::new();
    for ((x, y), sign) in points.iter().zip(std::iter::once('M').chain(std::iter::repeat('L'))) {
        // Writing into a string does not fail.
        let _ = write!(line, "{sign}{x} {y}");
    }
    let floor = projection.y.1;
    let area =
        (of == 1 && points.len() > 1).then(|| format!("{line}L{} {floor}L{} {floor}Z", end.0, first.0));
    let dash = [None, Some("6 4"), Some("2 4"), Some("10 4 2 4")].get(place).copied().flatten();
    Some(Curve { line, area, dash, end })
}

/// At most four points for each pixel's width, so that a chart of a million numbers is as small as one of hundreds:
/// the first, the last, the highest and the lowest.
fn thinned(points: impl Iterator<Item = (f32, f32)>) -> Vec<(f32, f32)> {
    let mut out: Vec<(f32, f32)> = Vec::new();
    let mut column: Vec<(f32, f32)> = Vec::new();
    for point in points {
        if column.first().is_some_and(|first| first.0.floor() != point.0.floor()) {
            out.append(&mut column);
        }
        column.push(point);
        if let [first, rest @ ..] = column.as_slice()
            && rest.len() > 3
        {
            let by_height = |a: &&(f32, f32), b: &&(f32, f32)| a.1.total_cmp(&b.1);
            let low = rest.iter().min_by(by_height).copied().unwrap_or(point);
            let high = rest.iter().max_by(by_height).copied().unwrap_or(point);
            let (one, other) = if low.0 <= high.0 { (low, high) } else { (high, low) };
            column = vec![*first, one, other, point];
        }
    }
    out.append(&mut column);
    out
}
