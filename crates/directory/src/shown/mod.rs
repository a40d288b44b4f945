//! What is made of a listing for others to see: safe HTML of its long text, its style, its widgets, pictures and feeds.
//! Plain data in, plain data out.

pub mod draw;
pub mod picture;
pub mod style;
pub mod text;
pub mod widget;
