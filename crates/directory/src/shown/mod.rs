//! What is made of a listing for others to see: safe HTML of its long text, its style, its widgets, pictures, feeds and
//! charts. Plain data in, plain data out: no database, no clock, nothing fetched.

pub mod draw;
pub mod feed;
pub mod graph;
pub mod picture;
pub mod sitemap;
pub mod style;
pub mod text;
pub mod widget;
