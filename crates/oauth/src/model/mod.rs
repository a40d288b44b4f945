//! Things in the shape in which they are stored and told.

pub mod acr;
mod application;
mod client;
mod device;
mod grant;
mod request;
mod secret;

pub use application::{Application, ApplicationWire, Scopes as InstallParams, flags};
pub use client::{Client, ClientSecret, SigningAlg};
pub(crate) use device::{Device, DeviceState};
pub use grant::Consent;
pub(crate) use grant::{Authentication, Claims, Code, Grant, GrantId, Refresh};
pub(crate) use request::{AuthRequest, Parameters, Prompt};
pub use secret::SecretHash;
pub(crate) use secret::{new_secret, sha256_base64url};
