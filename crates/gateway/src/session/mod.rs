//! Sessions: what of a client outlives its connection.

mod ring;

pub(crate) use ring::Ring;
