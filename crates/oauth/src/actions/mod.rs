//! Use cases: what the routes and pages call.

pub(crate) mod applications;
pub(crate) mod authorize;
pub(crate) mod check;
pub(crate) mod client_settings;
pub(crate) mod clients;
pub(crate) mod counting;
pub(crate) mod days;
pub(crate) mod deliveries;
pub(crate) mod devices;
pub(crate) mod dpop;
pub(crate) mod grants;
pub(crate) mod identity;
pub(crate) mod interactions;
pub(crate) mod issue;
pub(crate) mod issued;
pub(crate) mod logout;
pub(crate) mod push;
pub(crate) mod register;
pub(crate) mod revoke;
pub(crate) mod token;
