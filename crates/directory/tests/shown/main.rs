//! What others see of a listing: texts, styles, widgets, pictures, feeds and graphs, made of plain data.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod draw;
mod feed;
mod graph;
mod page;
mod style;
mod text;
mod widget;
