//! What has to happen before an authorization request is answered.

use guildhall_base::{Scopes, Timestamp};

use super::redirect;
use crate::model::{Application, AuthRequest, Authentication};

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nobody is signed in, or not freshly enough, or another account is wanted.
    SignIn,
    /// Ask the person.
    Consent,
    /// Answer with a code.
    Grant,
    /// Nothing may be shown, but it would have to be: the OAuth error says what.
    Refuse(&'static str),
}

/// Who is there: their id as a text, and how they signed in.
pub(crate) type Present<'a> = Option<(&'a str, &'a Authentication)>;

/// Decides. `remembered` is what this person allowed this application before.
pub(crate) fn next(
    request: &AuthRequest,
    application: &Application,
    present: Present<'_>,
    remembered: Option<Scopes>,
    now: Timestamp,
) -> Step {
    let silent = request.prompt.none;
    let Some((user, authentication)) = present else {
        return if silent { Step::Refuse("login_required") } else { Step::SignIn };
    };
    let fresh = authentication.at > request.began;
    let young = request.max_age.is_none_or(|most| now.since(authentication.at).as_secs() <= most);
    let expected = request.expected_user.as_deref().is_none_or(|expected| expected == user);
    let sure = !request.acr.1 || request.acr.0.contains(&authentication.acr);
    if !expected || !sure || !fresh && (request.prompt.login || !young) {
        // Who has just signed in would only be sent around in a circle.
        return match (silent || fresh, sure) {
            (true, true) => Step::Refuse("login_required"),
            (true, false) => Step::Refuse("unmet_authentication_requirements"),
            (false, _) => Step::SignIn,
        };
    }
    let adds = Scopes::BOT | Scopes::COMMANDS;
    let covered = remembered
        .is_some_and(|scopes| scopes.contains(request.scopes & !application.client.optional_scopes));
    let owned = request.redirect_uri.as_deref().is_some_and(redirect::is_owned) || !application.client.public;
    let asks = request.prompt.consent || request.prompt.select_account || request.scopes.intersects(adds);
    match (covered && owned && !asks, silent) {
        (true, _) => Step::Grant,
        (false, true) => Step::Refuse("consent_required"),
        (false, false) => Step::Consent,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use guildhall_base::{ApplicationId, UserId};

    use super::*;
    use crate::model::{Client, Prompt, acr};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn application() -> Application {
        Application {
            id: ApplicationId::new(1),
            owner: UserId::new(2),
            name: "App".into(),
            description: String::new(),
            icon: None,
            flags: 0,
            public: true,
            verify_key: String::new(),
            interactions_endpoint_url: None,
            created: NOW,
            client: Client { optional_scopes: Scopes::EMAIL, ..Client::default() },
        }
    }

    fn request() -> AuthRequest {
        AuthRequest {
            redirect_uri: Some("https://app.example/cb".into()),
            redirect_named: true,
            state: None,
            scopes: Scopes::OPENID | Scopes::EMAIL,
            challenge: None,
            dpop_jkt: None,
            nonce: None,
            prompt: Prompt::default(),
            max_age: None,
            acr: (Vec::new(), false),
            login_hint: None,
            expected_user: None,
            claims: Default::default(),
            permissions: Default::default(),
            guild: None,
            guild_fixed: false,
            began: NOW.before(Duration::from_millis(1)),
        }
    }

    fn signed_in(ago: u64) -> Authentication {
        let at = NOW.before(Duration::from_secs(ago));
        Authentication { session: None, at, acr: acr::ONE_FACTOR.into() }
    }

    #[test]
    fn people_sign_in_when_they_must_and_are_asked_once() {
        let (app, old, new) = (application(), signed_in(60), signed_in(0));
        let step = |request: &AuthRequest, present, remembered| next(request, &app, present, remembered, NOW);
        let known = Some(Scopes::OPENID);
        assert_eq!(step(&request(), None, known), Step::SignIn);
        assert_eq!(step(&request(), Some(("7", &old)), None), Step::Consent);
        assert_eq!(step(&request(), Some(("7", &old)), known), Step::Grant);
        let fresh = AuthRequest { prompt: Prompt { login: true, ..Prompt::default() }, ..request() };
        assert_eq!(step(&fresh, Some(("7", &old)), known), Step::SignIn);
        assert_eq!(step(&fresh, Some(("7", &new)), known), Step::Grant);
        let aged = AuthRequest { max_age: Some(59), ..request() };
        assert_eq!(step(&aged, Some(("7", &old)), known), Step::SignIn);
        assert_eq!(
            step(&AuthRequest { max_age: Some(60), ..request() }, Some(("7", &old)), known),
            Step::Grant
        );
        assert_eq!(step(&aged, Some(("7", &new)), known), Step::Grant);
        let other = AuthRequest { expected_user: Some("8".into()), ..request() };
        assert_eq!(step(&other, Some(("7", &old)), known), Step::SignIn);
        assert_eq!(step(&other, Some(("7", &new)), known), Step::Refuse("login_required"));
        let sure = AuthRequest { acr: (vec![acr::TWO_FACTORS.into()], true), ..request() };
        assert_eq!(step(&sure, Some(("7", &old)), known), Step::SignIn);
        assert_eq!(step(&sure, Some(("7", &new)), known), Step::Refuse("unmet_authentication_requirements"));
        let chosen =
            AuthRequest { prompt: Prompt { select_account: true, ..Prompt::default() }, ..request() };
        assert_eq!(step(&chosen, Some(("7", &old)), known), Step::Consent);
        let bot = AuthRequest { scopes: Scopes::BOT, ..request() };
        assert_eq!(step(&bot, Some(("7", &old)), Some(Scopes::all())), Step::Consent);
    }

    #[test]
    fn with_prompt_none_nothing_is_shown() {
        let app = application();
        let silent = AuthRequest { prompt: Prompt { none: true, ..Prompt::default() }, ..request() };
        let old = signed_in(60);
        assert_eq!(next(&silent, &app, None, None, NOW), Step::Refuse("login_required"));
        assert_eq!(next(&silent, &app, Some(("7", &old)), None, NOW), Step::Refuse("consent_required"));
        assert_eq!(next(&silent, &app, Some(("7", &old)), Some(silent.scopes), NOW), Step::Grant);
        let aged = AuthRequest { max_age: Some(1), ..silent };
        assert_eq!(
            next(&aged, &app, Some(("7", &old)), Some(aged.scopes), NOW),
            Step::Refuse("login_required")
        );
    }

    #[test]
    fn an_address_that_nobody_owns_is_asked_about_every_time() {
        let public = Application { client: Client { public: true, ..Client::default() }, ..application() };
        let old = signed_in(60);
        let loopback = AuthRequest { redirect_uri: Some("http://127.0.0.1:1/".into()), ..request() };
        let all = Some(Scopes::all());
        assert_eq!(next(&loopback, &public, Some(("7", &old)), all, NOW), Step::Consent);
        assert_eq!(next(&request(), &public, Some(("7", &old)), all, NOW), Step::Grant);
    }
}
