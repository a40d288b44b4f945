//! Drawing: scenes of boxes, lines of text and one picture, written as SVG and rendered as PNG.
//!
//! Lines are measured with the font that is embedded in the program and carry their width, so that an SVG looks the
//! same where the reader lacks that font. Nothing is fetched: a picture is embedded as the bytes handed in, after it
//! was decoded and drawn anew.

mod avatar;
mod colour;
mod lines;
mod painter;

use askama::Template;

pub use avatar::Avatar;
pub use colour::Colour;
pub use lines::{Line, number};
pub use painter::{Painter, Unpaintable};

pub(in crate::shown) use lines::{clean, fitted, wrapped};

/// Things drawn over each other, in pixels.
#[derive(Debug, Template)]
#[template(path = "shown/scene.svg")]
pub(in crate::shown) struct Scene<'a> {
    pub(in crate::shown) width: u32,
    pub(in crate::shown) height: u32,
    /// What it says, for those who do not see it.
    pub(in crate::shown) title: String,
    pub(in crate::shown) shapes: Vec<Shape<'a>>,
}

/// One thing of a scene.
#[derive(Debug)]
pub(in crate::shown) enum Shape<'a> {
    Rect {
        x: u32,
        y: u32,
        width: u32,
        height: u32,
        radius: u32,
        fill: Colour,
    },
    Circle {
        x: u32,
        y: u32,
        radius: u32,
        fill: Colour,
    },
    Picture {
        x: u32,
        y: u32,
        side: u32,
        radius: u32,
        avatar: &'a Avatar,
    },
    /// `y` is the line that letters stand on.
    Line {
        x: u32,
        y: u32,
        line: Line,
        fill: Colour,
    },
}

impl Scene<'_> {
    /// The scene as SVG: no script, no style, no address.
    pub(in crate::shown) fn svg(&self) -> String {
        // Writing into a string does not fail.
        self.render().unwrap_or_default()
    }
}
