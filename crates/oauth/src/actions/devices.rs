//! Devices without a browser (RFC 8628): the question, the code a person types, the answer.

use std::time::Duration;

use guildhall_accounts::Actor;
use guildhall_accounts::slow::Patience;
use guildhall_base::{Code as ErrorCode, Kind, Result, Scopes};
use guildhall_infra::db::{Batch, codes::DUPLICATE};
use rand::seq::IndexedRandom as _;
use serde::Serialize;

use super::clients::Caller;
use crate::OAuth;
use crate::model::{Device, DeviceState, SecretHash, new_secret};
use crate::refused::Refused;
use crate::store;

/// No vowels, so that no words come about, and nothing that looks like something else.
const LETTERS: &[char] =
    &['B', 'C', 'D', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Z'];
/// How many letters a code has: 20^8, some 34 bits.
const LENGTH: usize = 8;
/// Guesses of one person: a handful, then ever longer waits.
const GUESSES: Patience =
    Patience { free: 5, longest: Duration::from_secs(600), forget: Duration::from_secs(3600) };
/// The code is not known, was answered, or has ended.
pub(crate) const WRONG_CODE: ErrorCode = ErrorCode::new(
    Kind::Invalid,
    0,
    "wrong_device_code",
    "This code is not right, or has ended. Look at the device again.",
);

/// What a device is told.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DeviceAnswer {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: u64,
    interval: u64,
}

/// As it is stored: without what people put between the letters.
pub(crate) fn plain(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .take(64)
        .collect()
}

/// As it is shown: two groups.
pub(crate) fn shown(code: &str) -> String {
    match code.split_at_checked(LENGTH / 2) {
        Some((one, two)) => format!("{one}-{two}"),
        None => code.to_owned(),
    }
}

impl OAuth {
    /// A device asks; its person will answer elsewhere.
    pub(crate) async fn ask_for_device(&self, caller: &Caller, scope: &str) -> Result<DeviceAnswer, Refused> {
        let (scopes, unknown) = Scopes::parse(scope);
        let allowed = caller.application.client.scopes & !(Scopes::BOT | Scopes::COMMANDS);
        if unknown.is_some() || scopes.is_empty() || !allowed.contains(scopes) {
            return Err(Refused::new("invalid_scope", "The application may not ask for this scope."));
        }
        let now = self.0.clock.now();
        let config = &self.0.config;
        loop {
            let (secret, user_code) = (new_secret(), user_code());
            let device = Device {
                hash: SecretHash::of(&secret),
                user_code: user_code.clone(),
                application: caller.application.id,
                grant: self.0.ids.next(),
                scopes,
                expires: now.after(config.device_life),
                next_poll: now,
                interval_ms: u64::try_from(config.device_interval.as_millis()).unwrap_or(5000),
                state: DeviceState::Waiting,
                answered: None,
            };
            let mut batch = Batch::new();
            store::devices::insert(&mut batch, &device, now);
            match self.0.db.write(batch).await {
                Ok(_) => {
                    let page = format!("{}/oauth2/device", config.issuer);
                    let code = shown(&user_code);
                    return Ok(DeviceAnswer {
                        device_code: secret,
                        verification_uri_complete: format!("{page}?user_code={code}"),
                        user_code: code,
                        verification_uri: page,
                        expires_in: config.device_life.as_secs(),
                        interval: config.device_interval.as_secs(),
                    });
                }
                // Another device waits with the same letters.
                Err(error) if error.is(DUPLICATE) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The device asked and nobody has answered. Who asks too often must wait longer from now on.
    pub(crate) async fn poll_again<T>(&self, device: &Device) -> Result<T, Refused> {
        let now = self.0.clock.now();
        let hasty = now < device.next_poll;
        let interval = device.interval_ms + if hasty { 5000 } else { 0 };
        let mut batch = Batch::new();
        store::devices::poll(&mut batch, device.hash, now.after(Duration::from_millis(interval)), interval);
        self.0.db.write(batch).await?;
        Err(match hasty {
            true => {
                Refused::new("slow_down", "Ask less often: five seconds more between questions from now on.")
            }
            false => Refused::new("authorization_pending", "Nobody has answered yet."),
        })
    }

    /// The device that waits with this code. Wrong codes are counted against the person who types them.
    ///
    /// # Errors
    /// [`WRONG_CODE`]; a wait after too many.
    pub(crate) async fn waiting_device(&self, actor: &Actor, code: &str) -> Result<Device> {
        let attempt = self.0.slow.attempt(format!("device:{}", actor.id()), GUESSES)?;
        let now = self.0.clock.now();
        let found = store::devices::by_user_code(&self.0.db, &plain(code)).await?;
        match found.filter(|device| device.state == DeviceState::Waiting && device.expires > now) {
            Some(device) => {
                attempt.succeeded();
                Ok(device)
            }
            None => Err(WRONG_CODE.into()),
        }
    }

    /// Allows or refuses a device's question, once.
    ///
    /// # Errors
    /// As [`OAuth::waiting_device`]; for somebody who is not signed in as themselves.
    pub(crate) async fn answer_device(&self, actor: &Actor, code: &str, allow: bool) -> Result<Device> {
        let device = self.waiting_device(actor, code).await?;
        let authentication = self.authentication(actor).await?;
        let now = self.0.clock.now();
        let state = if allow { DeviceState::Allowed } else { DeviceState::Denied };
        let mut batch = Batch::new();
        store::devices::answer(&mut batch, &device, state, (actor.id(), &authentication), now, WRONG_CODE);
        if allow {
            store::grants::remember(&mut batch, actor.id(), device.application, device.scopes, now);
        }
        self.0.db.write(batch).await?;
        Ok(device)
    }
}

fn user_code() -> String {
    let mut random = rand::rng();
    (0..LENGTH).filter_map(|_| LETTERS.choose(&mut random)).collect()
}
