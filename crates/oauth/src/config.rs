//! What the operator decides about the authorization server.

use std::time::Duration;

use crate::keys::NewKey;

/// Lives of what is issued, and limits.
#[derive(Clone)]
pub struct Config {
    /// Where this installation is reached, without a slash at the end: the `iss` of everything.
    pub issuer: String,
    /// Of an authorization code.
    pub code_life: Duration,
    /// Of an access token.
    pub access_life: Duration,
    /// Of an access token from Discord's path: programs written for it refresh once a week.
    pub discord_access_life: Duration,
    /// Of a refresh token that is not used.
    pub refresh_life: Duration,
    /// Of a pushed request, and of one that waits for somebody to sign in.
    pub request_life: Duration,
    /// Of a device's question.
    pub device_life: Duration,
    /// How long a device must wait between questions.
    pub device_interval: Duration,
    /// Of a client's secret after a newer one was made.
    pub secret_overlap: Duration,
    /// Requests with an application's tokens a second, unless staff gave it more; 0 is no limit.
    pub per_second: u32,
    /// The same, a day.
    pub per_day: u32,
    /// Requests with an application's tokens a second in one user's name; 0 is no limit.
    pub user_per_second: u32,
    /// The same, a day.
    pub user_per_day: u32,
    /// Keys to begin with instead of new ones; for tests, because making them takes time.
    pub first_keys: Vec<NewKey>,
}

impl Config {
    /// The defaults for an installation at this address.
    pub fn new(issuer: impl Into<String>) -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let days = |days: u64| Duration::from_secs(days * 24 * 3600);
        Self {
            issuer: issuer.into().trim_end_matches('/').to_owned(),
            code_life: minutes(1),
            access_life: minutes(60),
            discord_access_life: days(7),
            refresh_life: days(30),
            request_life: minutes(10),
            device_life: minutes(10),
            device_interval: Duration::from_secs(5),
            secret_overlap: days(1),
            per_second: 100,
            per_day: 1_000_000,
            user_per_second: 20,
            user_per_day: 100_000,
            first_keys: Vec::new(),
        }
    }
}
