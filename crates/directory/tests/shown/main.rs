//! What others see of a listing: texts, styles, widgets, pictures, feeds and graphs, made of plain data.

mod page;
mod text;
