//! Authorization requests: understood, answered by a person, turned into a code.

use std::sync::Arc;

use guildhall_accounts::Actor;
use guildhall_base::{ApplicationId, Code as ErrorCode, Error, GuildId, Kind, Result, Scopes};
use guildhall_infra::db::Batch;
use serde::Deserialize;

use crate::codes::{ONLY_PEOPLE, UNKNOWN_APPLICATION};
use crate::model::{
    Application, AuthRequest, Authentication, Code, Grant, Parameters, SecretHash, acr, new_secret,
};
use crate::rules::redirect;
use crate::rules::request::{self, Refusal, Unsound};
use crate::rules::step::{self, Somebody, Step};
use crate::store;
use crate::store::requests::Stored;
use crate::{Guilds, OAuth};

/// How the addresses of stored requests begin (RFC 9126 2.2).
const REQUEST_URI: &str = "urn:ietf:params:oauth:request_uri:";
/// The request was answered before, or waited too long.
const REQUEST_ENDED: ErrorCode = ErrorCode::new(
    Kind::Invalid,
    0,
    "request_ended",
    "This request has ended. Go back to the application and begin again.",
);

/// A request that is sound.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) application: Arc<Application>,
    pub(crate) request: AuthRequest,
    /// As it came: how the pages hand it on.
    pub(crate) parameters: Parameters,
    /// Where it is stored, if it is.
    pub(crate) stored: Option<SecretHash>,
}

/// Why a request is not answered.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// To be told to the person: nothing is sent to an address that is not known to be the application's.
    Person(Error),
    /// The same, by the key of a text.
    Text(&'static str),
    /// To be told to the application.
    Application(Refusal),
}

impl From<Error> for Unanswered {
    fn from(error: Error) -> Self {
        Self::Person(error)
    }
}

impl From<Unsound> for Unanswered {
    fn from(unsound: Unsound) -> Self {
        match unsound {
            Unsound::Page(key) => Self::Text(key),
            Unsound::Redirect(refusal) => Self::Application(refusal),
        }
    }
}

impl OAuth {
    /// Understands a request, as it came in a query or was stored before.
    pub(crate) async fn understand(&self, encoded: &[u8]) -> Result<Known, Unanswered> {
        let (given, twice) = Parameters::read(encoded);
        let id: Option<ApplicationId> = given.get("client_id").and_then(|id| id.parse().ok());
        let id = id.ok_or(Unanswered::Text("oauth-request-no-client"))?;
        let application = self.0.applications.get(id).await.map_err(|error| {
            if error.is(UNKNOWN_APPLICATION) {
                Unanswered::Text("oauth-request-no-client")
            } else {
                error.into()
            }
        })?;
        match given.get("request_uri") {
            Some(uri) if uri.starts_with(REQUEST_URI) => self.recall(application, uri, given.clone()).await,
            Some(_) => Err(self.not_supported(&application, &given)),
            None => {
                let now = self.0.clock.now();
                let mut request = request::read(&application, &given, twice.as_deref(), now)?;
                if application.client.require_par && request.redirect_uri.is_some() {
                    let text = "Requests of this client must be pushed (RFC 9126).";
                    return Err(Unanswered::Application(refusal(&request, "invalid_request", text)));
                }
                request.expected_user = self.hinted(given.get("id_token_hint")).await?;
                Ok(Known { application, request, parameters: given, stored: None })
            }
        }
    }

    /// A stored request; whoever brings its address brings nothing else.
    async fn recall(
        &self,
        application: Arc<Application>,
        uri: &str,
        given: Parameters,
    ) -> Result<Known, Unanswered> {
        let hash = SecretHash::of(uri);
        let now = self.0.clock.now();
        let found = store::requests::find(&self.0.db, hash).await?;
        let found = found.filter(|stored| stored.application == application.id && stored.expires > now);
        let Stored { parameters, dpop_jkt, created, .. } =
            found.ok_or(Unanswered::Person(REQUEST_ENDED.into()))?;
        let mut request = request::read(&application, &parameters, None, created)?;
        request.dpop_jkt = request.dpop_jkt.or(dpop_jkt);
        request.expected_user = self.hinted(parameters.get("id_token_hint")).await?;
        Ok(Known { application, request, parameters: given, stored: Some(hash) })
    }

    fn not_supported(&self, application: &Application, given: &Parameters) -> Unanswered {
        let text = "Only addresses of pushed requests are supported.";
        match given
            .get("redirect_uri")
            .filter(|uri| redirect::is_registered(&application.client.redirect_uris, uri))
        {
            Some(uri) => Unanswered::Application(Refusal {
                redirect_uri: uri.to_owned(),
                state: given.get("state").map(str::to_owned),
                error: "request_uri_not_supported",
                description: text,
            }),
            None => Unanswered::Text("oauth-request-address"),
        }
    }

    /// Whose an ID token is that the application had before; also one that has ended.
    async fn hinted(&self, token: Option<&str>) -> Result<Option<String>> {
        #[derive(Deserialize, Clone)]
        struct Subject {
            sub: String,
        }
        let Some(token) = token else { return Ok(None) };
        // A hint that nobody can read is no hint; it must not open anything either.
        let subject = self.0.keys.verify::<Subject>(token, "JWT").await?;
        Ok(Some(subject.map_or_else(|| "nobody".to_owned(), |subject| subject.sub)))
    }

    /// Keeps a request until somebody has signed in, and gives the query that brings it back.
    pub(crate) async fn keep(&self, known: &Known) -> Result<String> {
        if known.stored.is_some() {
            return Ok(known.parameters.query());
        }
        let (uri, _) = self.store_request(&known.application, known.parameters.clone(), None, false).await?;
        let mut back = Parameters::default();
        back.set("client_id", known.application.id.to_string());
        back.set("request_uri", uri);
        Ok(back.query())
    }

    /// Stores a request; gives its address and life in seconds.
    pub(crate) async fn store_request(
        &self,
        application: &Application,
        parameters: Parameters,
        dpop_jkt: Option<String>,
        pushed: bool,
    ) -> Result<(String, u64)> {
        let uri = format!("{REQUEST_URI}{}", new_secret());
        let (now, life) = (self.0.clock.now(), self.0.config.request_life);
        let stored = Stored {
            application: application.id,
            pushed,
            parameters,
            dpop_jkt,
            created: now,
            expires: now.after(life),
        };
        let mut batch = Batch::new();
        store::requests::insert(&mut batch, SecretHash::of(&uri), &stored);
        self.0.db.write(batch).await?;
        Ok((uri, life.as_secs()))
    }

    /// How somebody signed in.
    ///
    /// # Errors
    /// For bots and applications: only people allow anything.
    pub(crate) async fn authentication(&self, actor: &Actor) -> Result<Authentication> {
        actor.session().ok_or(ONLY_PEOPLE)?;
        let assurance = self.0.accounts.assurance(actor).await?;
        Ok(Authentication {
            session: Some(assurance.session),
            at: assurance.at,
            acr: acr::of(&assurance).to_owned(),
            amr: acr::methods(&assurance).join(" "),
        })
    }

    /// What has to happen next.
    pub(crate) async fn step(&self, known: &Known, actor: Option<&Actor>) -> Result<Step> {
        let Some(actor) = actor else {
            return Ok(step::next(&known.request, &known.application, None, None, self.0.clock.now()));
        };
        let authentication = self.authentication(actor).await?;
        let user = actor.id().to_string();
        let remembered = store::grants::consent(&self.0.db, actor.id(), known.application.id).await?;
        let unreached = acr::reached(&authentication.acr, &known.request.acr.0).is_none();
        let asked = !known.request.acr.0.is_empty() && unreached;
        let can_more = asked && self.0.accounts.has_second_factor(actor).await?;
        let present = Some(Somebody { user: &user, authentication: &authentication, can_more });
        Ok(step::next(&known.request, &known.application, present, remembered, self.0.clock.now()))
    }

    /// Gives what was asked for, as far as `allowed` goes, and answers with the address of the application. The code,
    /// the remembered consent, the end of the request and, where one is to be added, the bot are one batch.
    ///
    /// # Errors
    /// [`REQUEST_ENDED`] if it was answered meanwhile; what the guild refuses with.
    pub(crate) async fn give(
        &self,
        known: &Known,
        actor: &Actor,
        allowed: Scopes,
        guild: Option<(&Guilds, GuildId)>,
    ) -> Result<String> {
        let Known { application, request, stored, .. } = known;
        let address = request.redirect_uri.as_deref().ok_or(REQUEST_ENDED)?;
        // What is required is given, or nothing is.
        let required = request.scopes & !application.client.optional_scopes;
        let scopes = request.scopes & (allowed | required);
        let (code, text) = self.new_code(known, actor, address, scopes).await?;
        let code = Code { guild: guild.map(|(_, guild)| guild), ..code };
        let mut batch = Batch::new();
        if let Some(hash) = stored {
            store::requests::spend(&mut batch, *hash, REQUEST_ENDED);
        }
        let hash = SecretHash::of(&text);
        store::codes::insert(&mut batch, hash, &code);
        store::grants::remember(&mut batch, actor.id(), application.id, scopes, self.0.clock.now());
        match guild {
            Some((guilds, guild)) => {
                guilds.add_bot(actor, guild, application.id, request.permissions, batch).await?;
            }
            None => drop(self.0.db.write(batch).await?),
        }
        self.0.issued.keep_code(hash, code);
        let (guild, permissions) = match guild {
            Some((_, guild)) => (guild.to_string(), request.permissions.bits().to_string()),
            None => Default::default(),
        };
        let parameters = [
            ("code", text.as_str()),
            ("state", request.state.as_deref().unwrap_or_default()),
            ("iss", &self.0.config.issuer),
            ("guild_id", &guild),
            ("permissions", &permissions),
        ];
        Ok(redirect::with(address, &parameters))
    }

    /// A code that is in no batch yet, and its text.
    async fn new_code(
        &self,
        known: &Known,
        actor: &Actor,
        address: &str,
        scopes: Scopes,
    ) -> Result<(Code, String)> {
        let Known { application, request, .. } = known;
        let mut authentication = self.authentication(actor).await?;
        // An application that asks for a level is told that one; a higher one reaches it.
        if let Some(level) = acr::reached(&authentication.acr, &request.acr.0) {
            authentication.acr = level.to_owned();
        }
        let expires = self.0.clock.now().after(self.0.config.code_life);
        let grant = Grant {
            id: self.0.ids.next(),
            user: actor.id(),
            application: application.id,
            scopes,
            authentication,
            claims: request.claims.clone(),
            expires,
        };
        let code = Code {
            grant,
            redirect_uri: address.to_owned(),
            redirect_named: request.redirect_named,
            challenge: request.challenge.clone(),
            dpop_jkt: request.dpop_jkt.clone(),
            nonce: request.nonce.clone(),
            guild: None,
            expires,
            used: None,
        };
        Ok((code, new_secret()))
    }

    /// The address by which an application learns that there is no code, and why.
    pub(crate) fn refusal_address(&self, refusal: &Refusal) -> String {
        let parameters = [
            ("error", refusal.error),
            ("error_description", refusal.description),
            ("state", refusal.state.as_deref().unwrap_or_default()),
            ("iss", &self.0.config.issuer),
        ];
        redirect::with(&refusal.redirect_uri, &parameters)
    }
}

/// What is wrong, for the application's address.
pub(crate) fn refusal(request: &AuthRequest, error: &'static str, description: &'static str) -> Refusal {
    Refusal {
        redirect_uri: request.redirect_uri.clone().unwrap_or_default(),
        state: request.state.clone(),
        error,
        description,
    }
}
