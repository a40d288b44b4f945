//! Numbers over time (guilds of a bot, votes) as a chart to be put into a page, and as a table for those who do not
//! see it.
//!
//! The chart has no style of its own: everything is drawn in `currentColor`, so that it is dark on light pages and
//! light on dark ones, and has classes for a style sheet that wants more colours: `graph-series-1` and on,
//! `graph-line`, `graph-area`, `graph-dot`, `graph-grid`, `graph-label`. A page holds it in both [`Frame`]s and lets
//! its style sheet show the one that fits the screen, so that letters are as large as elsewhere on the page.

mod plot;
mod scale;

use askama::Template;
use guildhall_base::Timestamp;

use super::draw::clean;

/// Series that a chart shows, the first ones it is given.
pub const MAX_SERIES: usize = 4;

/// One number over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series<'a> {
    /// What is counted: the head of the table's column.
    pub name: &'a str,
    /// When and how many, in order of time. Of several at once the last counts.
    pub points: Vec<(Timestamp, u64)>,
}

/// A chart.
pub struct Graph<'a> {
    /// Stands before the names that the chart's parts have in the page, letters and hyphens: one per chart.
    pub id: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// What one sees in it, in words; see [`Graph::summary`].
    pub desc: &'a str,
    /// The numbers.
    pub series: Vec<Series<'a>>,
    /// How a day is written in the reader's language, shortly: below the chart and in the table.
    pub day: &'a dyn Fn(Timestamp) -> String,
}

/// The space that a chart is drawn in, in pixels of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Frame {
    /// 340 x 220, class `graph-phone`.
    Phone,
    /// 720 x 280, class `graph-desk`.
    Desk,
}

impl Frame {
    fn width(self) -> u32 {
        match self {
            Self::Phone => 340,
            Self::Desk => 720,
        }
    }

    fn height(self) -> u32 {
        match self {
            Self::Phone => 220,
            Self::Desk => 280,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Phone => "graph-phone",
            Self::Desk => "graph-desk",
        }
    }
}

/// What there is to say of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// The first number and its time.
    pub first: (Timestamp, u64),
    /// The last number and its time.
    pub last: (Timestamp, u64),
    /// The lowest number.
    pub low: u64,
    /// The highest number.
    pub high: u64,
}

/// The same as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The names of the series; the first column, the day, has none here.
    pub head: Vec<String>,
    /// Newest first: the day, and each series' last number of that day, if it has one.
    pub rows: Vec<(String, Vec<Option<u64>>)>,
}

impl Graph<'_> {
    /// The chart as an SVG element for a page, without script, style or address. Nothing where there is no number.
    pub fn svg(&self, frame: Frame) -> Option<String> {
        let plot = plot::plot(self, frame)?;
        let id: String =
            self.id.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
        let id = format!("{id}-{}", frame.class());
        let view = View { frame, id, title: clean(self.title), desc: clean(self.desc), plot };
        Some(view.render().unwrap_or_default())
    }

    /// What there is to say of a series, by its place; nothing if it has no number.
    pub fn summary(&self, series: usize) -> Option<Summary> {
        let points = &self.series.get(series)?.points;
        let numbers = || points.iter().map(|(_, number)| *number);
        Some(Summary {
            first: *points.first()?,
            last: *points.last()?,
            low: numbers().min()?,
            high: numbers().max()?,
        })
    }

    /// The numbers as a table of at most `rows` days.
    pub fn table(&self, rows: usize) -> Table {
        let series = self.series.get(..MAX_SERIES).unwrap_or(&self.series);
        let mut all: Vec<(Timestamp, usize, u64)> = series
            .iter()
            .zip(0..)
            .flat_map(|(series, column)| series.points.iter().map(move |(at, number)| (*at, column, *number)))
            .collect();
        all.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
        let mut days: Vec<(String, Vec<Option<u64>>)> = Vec::new();
        for (at, column, number) in all {
            let day = (self.day)(at);
            if days.last().is_none_or(|(last, _)| *last != day) {
                if days.len() == rows {
                    break;
                }
                days.push((day, vec![None; series.len()]));
            }
            // The first that is met is the day's last.
            if let Some(cell) = days.last_mut().and_then(|(_, cells)| cells.get_mut(column)) {
                cell.get_or_insert(number);
            }
        }
        Table { head: series.iter().map(|series| clean(series.name)).collect(), rows: days }
    }
}

#[derive(Template)]
#[template(path = "shown/graph.svg")]
struct View {
    frame: Frame,
    id: String,
    title: String,
    desc: String,
    plot: plot::Plot,
}
