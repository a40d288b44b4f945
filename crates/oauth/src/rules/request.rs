//! Reads an authorization request (OAuth 2.1 4.1.1, OpenID Connect Core 3.1.2.1).
//!
//! Nothing is ever sent to an address that is not registered: what is wrong before the address is known to be the
//! application's own is told to the person on a page.

use guildhall_base::{Permissions, Scopes, Timestamp};
use serde_json::Value;

use super::{pkce, redirect};
use crate::model::{Application, AuthRequest, Claims, Parameters, Prompt};

/// Why a request cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unsound {
    /// To be told to the person: the key of a text.
    Page(&'static str),
    /// To be told to the application.
    Redirect(Refusal),
}

/// An error for the application's registered address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Where it goes.
    pub(crate) redirect_uri: String,
    /// Given back as it came.
    pub(crate) state: Option<String>,
    /// The code (RFC 6749 4.1.2.1).
    pub(crate) error: &'static str,
    /// For the application's developer.
    pub(crate) description: &'static str,
}

/// The claims that can be asked for one by one.
const CLAIMS: [&str; 7] =
    ["name", "preferred_username", "picture", "locale", "email", "email_verified", "auth_time"];

/// Checks a request of this application. `twice` is a parameter that came more than once.
pub(crate) fn read(
    application: &Application,
    parameters: &Parameters,
    twice: Option<&str>,
    began: Timestamp,
) -> Result<AuthRequest, Unsound> {
    if matches!(twice, Some("client_id" | "redirect_uri" | "request_uri")) {
        return Err(Unsound::Page("oauth-request-twice"));
    }
    // A link that says only which bot it is adds it.
    let bare = if parameters.get("response_type").is_some() { "" } else { "bot" };
    let (scopes, unknown) = Scopes::parse(parameters.get("scope").unwrap_or(bare));
    let redirect_uri = address(application, parameters, scopes)?;
    let state = parameters.get("state").map(str::to_owned);
    let refuse = |error, description| match &redirect_uri {
        Some(address) => Unsound::Redirect(Refusal {
            redirect_uri: address.clone(),
            state: state.clone(),
            error,
            description,
        }),
        None => Unsound::Page("oauth-request-incomplete"),
    };
    let request = fields(application, parameters, began).map_err(|(error, text)| refuse(error, text))?;
    if twice.is_some() {
        return Err(refuse("invalid_request", "A parameter was sent more than once."));
    }
    if unknown.is_some() && !scopes.contains(Scopes::OPENID) {
        return Err(refuse("invalid_scope", "The requested scope is invalid, unknown, or malformed."));
    }
    if scopes.is_empty() || !application.client.scopes.contains(scopes) {
        return Err(refuse("invalid_scope", "The application may not ask for this scope."));
    }
    Ok(AuthRequest {
        redirect_named: parameters.get("redirect_uri").is_some(),
        redirect_uri,
        state,
        scopes,
        ..request
    })
}

/// The address of the answer. Only a link that adds a bot may do without.
fn address(
    application: &Application,
    parameters: &Parameters,
    scopes: Scopes,
) -> Result<Option<String>, Unsound> {
    let registered = &application.client.redirect_uris;
    match parameters.get("redirect_uri") {
        Some(given) if redirect::is_registered(registered, given) => Ok(Some(given.to_owned())),
        Some(_) => Err(Unsound::Page("oauth-request-address")),
        None if scopes.contains(Scopes::OPENID) => Err(Unsound::Page("oauth-request-no-address")),
        None if scopes.intersects(Scopes::BOT | Scopes::COMMANDS)
            && parameters.get("response_type").is_none() =>
        {
            Ok(None)
        }
        None => match registered.as_slice() {
            [only] => Ok(Some(only.clone())),
            _ => Err(Unsound::Page("oauth-request-no-address")),
        },
    }
}

type Wrong = (&'static str, &'static str);

/// Everything but address and scopes.
fn fields(application: &Application, given: &Parameters, began: Timestamp) -> Result<AuthRequest, Wrong> {
    if given.get("request").is_some() {
        return Err((
            "request_not_supported",
            "Request objects are not supported; push the request instead.",
        ));
    }
    let adds_only = given.get("response_type").is_none() && given.get("redirect_uri").is_none();
    match given.get("response_type") {
        Some("code") => {}
        None if adds_only => {}
        None => return Err(("invalid_request", "response_type is required.")),
        Some(_) => return Err(("unsupported_response_type", "Only response_type=code is supported.")),
    }
    if given.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(("invalid_request", "Only response_mode=query is supported."));
    }
    let challenge = challenge(application, given, adds_only)?;
    let max_age = given.get("max_age").map(str::parse).transpose();
    let guild = given.get("guild_id").map(str::parse).transpose();
    let permissions = given.get("permissions").map(str::parse::<u64>).transpose();
    let (claims, must_acr) = claims(given.get("claims"))?;
    let wished = given.get("acr_values").unwrap_or_default().split_ascii_whitespace().map(str::to_owned);
    let acr = if claims.acr.is_empty() { wished.collect() } else { claims.acr.clone() };
    Ok(AuthRequest {
        redirect_uri: None,
        redirect_named: false,
        state: None,
        scopes: Scopes::empty(),
        challenge,
        dpop_jkt: given.get("dpop_jkt").map(str::to_owned),
        nonce: given.get("nonce").map(str::to_owned),
        prompt: prompt(given.get("prompt").unwrap_or_default())?,
        max_age: max_age.map_err(|_| ("invalid_request", "max_age must be a number of seconds."))?,
        acr: (acr, must_acr),
        login_hint: given.get("login_hint").map(str::to_owned),
        expected_user: None,
        claims,
        permissions: Permissions::from_bits_truncate(
            permissions.map_err(|_| ("invalid_request", "permissions must be a number."))?.unwrap_or(0),
        ),
        guild: guild.map_err(|_| ("invalid_request", "guild_id must be a snowflake."))?,
        guild_fixed: given.get("disable_guild_select").is_some_and(|text| text.eq_ignore_ascii_case("true")),
        began,
    })
}

/// PKCE. Public clients must use it, confidential ones where they chose to be held to it: passport-discord and many
/// dashboards written for Discord send none, and a confidential client's code is bound to its secret.
fn challenge(
    application: &Application,
    given: &Parameters,
    adds_only: bool,
) -> Result<Option<String>, Wrong> {
    let required = (application.client.public || application.client.require_pkce) && !adds_only;
    match (given.get("code_challenge"), given.get("code_challenge_method")) {
        (None, None) if required => Err(("invalid_request", "code_challenge is required (PKCE, S256).")),
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) if pkce::is_challenge(challenge) => Ok(Some(challenge.to_owned())),
        (Some(_), Some("S256")) => Err(("invalid_request", "code_challenge is not an S256 challenge.")),
        _ => Err(("invalid_request", "Only code_challenge_method=S256 is supported.")),
    }
}

fn prompt(text: &str) -> Result<Prompt, Wrong> {
    let mut prompt = Prompt::default();
    let mut words = 0;
    for word in text.split_ascii_whitespace() {
        words += 1;
        match word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            _ => return Err(("invalid_request", "prompt has an unknown value.")),
        }
    }
    if prompt.none && words > 1 {
        return Err(("invalid_request", "prompt=none goes with no other value."));
    }
    Ok(prompt)
}

/// The claims asked for one by one that we have; and whether a level of assurance is a must.
fn claims(text: Option<&str>) -> Result<(Claims, bool), Wrong> {
    let Some(text) = text else { return Ok((Claims::default(), false)) };
    let wrong = ("invalid_request", "claims must be a JSON object.");
    let asked: Value = serde_json::from_str(text).map_err(|_| wrong)?;
    if !asked.is_object() {
        return Err(wrong);
    }
    let names = |place: &str| {
        let object = asked.get(place).and_then(Value::as_object);
        let known = |name: &&str| object.is_some_and(|object| object.contains_key(*name));
        CLAIMS.iter().copied().filter(known).map(str::to_owned).collect()
    };
    let acr = asked.get("id_token").and_then(|id_token| id_token.get("acr"));
    let must = acr.and_then(|acr| acr.get("essential")).and_then(Value::as_bool).unwrap_or(false);
    let values = acr.and_then(|acr| acr.get("values")).and_then(Value::as_array).into_iter().flatten();
    let one = acr.and_then(|acr| acr.get("value"));
    let acr: Vec<_> = values.chain(one).filter_map(Value::as_str).map(str::to_owned).collect();
    let must = must && !acr.is_empty();
    Ok((Claims { userinfo: names("userinfo"), id_token: names("id_token"), acr }, must))
}
