//! Pure decisions: plain data in, plain data out.

pub(crate) mod pkce;
pub(crate) mod redirect;
pub(crate) mod request;
pub(crate) mod step;
