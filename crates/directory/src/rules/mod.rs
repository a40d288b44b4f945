//! Pure decisions: plain data in, plain data out.

pub(crate) mod draft;
