//! What others see of a listing: texts, styles, widgets, pictures, feeds and graphs, made of plain data.

mod draw;
mod feed;
mod graph;
mod page;
mod style;
mod text;
mod widget;
