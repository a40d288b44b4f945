//! The token endpoint. Each exchange is one batch: the code, refresh token or device code is claimed and what comes of
//! it is written together, so that a crash in between leaves either all of it or nothing.

use axum::http::HeaderMap;
use guildhall_accounts::Credential;
use guildhall_base::{Code as ErrorCode, Kind, Result, Scopes};
use guildhall_infra::db::Batch;

use super::clients::Caller;
use super::dpop::Use;
use super::issue::{Path, TokenAnswer};
use crate::OAuth;
use crate::events::Ended;
use crate::model::{Code, DeviceState, Grant, GrantId, Parameters, Refresh, SecretHash};
use crate::refused::Refused;
use crate::rules::pkce;
use crate::store;

const SPENT: ErrorCode = ErrorCode::new(Kind::Conflict, 0, "spent", "It was used already.");
/// The grant type of devices (RFC 8628 3.4).
pub(crate) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What the client itself may be allowed, without any user.
const OWN: Scopes = Scopes::IDENTIFY.union(Scopes::GUILDS).union(Scopes::COMMANDS_UPDATE);

/// A request to the token endpoint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Parameters,
    pub(crate) path: Path,
    /// Where it came, for DPoP.
    pub(crate) url: &'a str,
}

impl OAuth {
    /// Answers a request to the token endpoint.
    pub(crate) async fn token(&self, ask: Ask<'_>) -> Result<(TokenAnswer, Option<GrantedGuild>), Refused> {
        let caller = self.caller(ask.headers, ask.body).await?;
        let jkt = self.key_of(&ask, &caller).await?;
        let jkt = jkt.as_deref();
        match ask.body.get("grant_type") {
            Some("authorization_code") => self.exchange_code(&ask, &caller, jkt).await,
            Some("refresh_token") => Ok((self.refresh(&ask, &caller, jkt).await?, None)),
            Some("client_credentials") => Ok((self.client_credentials(&ask, &caller, jkt)?, None)),
            Some(DEVICE_GRANT) => Ok((self.exchange_device(&ask, &caller, jkt).await?, None)),
            Some(_) => Err(Refused::new("unsupported_grant_type", "This grant type is not supported.")),
            None => Err(Refused::new("invalid_request", "grant_type is required.")),
        }
    }

    /// The key that the tokens will be bound to. Asked first, because it may have to be asked again with a nonce.
    async fn key_of(&self, ask: &Ask<'_>, caller: &Caller) -> Result<Option<String>, Refused> {
        let mut proofs = ask.headers.get_all("dpop").iter();
        match (proofs.next(), proofs.next()) {
            (None, _) if caller.application.client.dpop_bound => Err(Refused::new(
                "invalid_dpop_proof",
                "This client's tokens are bound to a key; send a proof.",
            )),
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(Refused::new("invalid_dpop_proof", "Send one proof.")),
            (Some(proof), None) => {
                let proof =
                    proof.to_str().map_err(|_| Refused::new("invalid_dpop_proof", "This is no proof."))?;
                self.proven(proof, Use { method: "POST", path: ask.url, token: None }).await.map(Some)
            }
        }
    }

    async fn exchange_code(
        &self,
        ask: &Ask<'_>,
        caller: &Caller,
        jkt: Option<&str>,
    ) -> Result<(TokenAnswer, Option<GrantedGuild>), Refused> {
        let text =
            ask.body.get("code").ok_or_else(|| Refused::new("invalid_request", "code is required."))?;
        let hash = SecretHash::of(text);
        let address = ask.body.get("redirect_uri");
        let fits = |code: &Code| {
            let same_address = address.map_or(!code.redirect_named, |address| address == code.redirect_uri);
            let bound = code.dpop_jkt.is_none() || code.dpop_jkt.as_deref() == jkt;
            same_address && bound && pkce::fits(code.challenge.as_deref(), ask.body.get("code_verifier"))
        };
        let found = match self.0.issued.take_code(hash, fits) {
            Some(code) => Some(code),
            None => store::codes::find(&self.0.db, hash).await?,
        };
        let code = found.filter(|code| code.grant.application == caller.application.id);
        let code = code.ok_or_else(Refused::invalid_grant)?;
        if code.used.is_some() {
            return self.end_family(code.grant.id).await;
        }
        if !fits(&code) {
            return Err(Refused::invalid_grant());
        }
        self.is_there(&code.grant).await?;
        let now = self.0.clock.now();
        let Code { mut grant, nonce, guild, .. } = code;
        grant.expires = now.after(self.0.config.refresh_life.max(self.access_life(ask.path)));
        let mut batch = Batch::new();
        store::codes::spend(&mut batch, hash, now, SPENT);
        let guild = guild.map(|guild| GrantedGuild { guild, user: grant.user });
        let (answer, refresh) =
            self.open_family(&mut batch, &grant, caller, nonce.as_deref(), (jkt, ask.path)).await?;
        self.issue(batch, grant, refresh).await?;
        Ok((answer, guild))
    }

    /// Writes what comes of a code or token. Where somebody brought the same one before or at the same moment, or it
    /// was revoked, nothing of it happens and the family ends.
    async fn issue(&self, batch: Batch, grant: Grant, refresh: Option<Refresh>) -> Result<(), Refused> {
        match self.0.db.write(batch).await {
            Ok(_) => {
                if let Some(refresh) = refresh {
                    self.0.issued.keep_refresh(refresh, grant);
                }
                Ok(())
            }
            Err(error) if error.is(SPENT) => self.end_family(grant.id).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Adds a new family to a batch, and signs its first tokens.
    async fn open_family(
        &self,
        batch: &mut Batch,
        grant: &Grant,
        caller: &Caller,
        nonce: Option<&str>,
        (jkt, path): (Option<&str>, Path),
    ) -> Result<(TokenAnswer, Option<Refresh>), Refused> {
        store::grants::insert(batch, grant, self.0.clock.now());
        let subject = (grant.application, grant.user, grant.scopes);
        let mut answer = self.access_token(Some(grant), subject, jkt, path)?;
        let mut refresh = None;
        if Self::is_refreshed(grant.scopes) {
            let (token, stored) = self.refresh_token(batch, grant, &caller.application, jkt);
            (answer.refresh_token, refresh) = (Some(token), Some(stored));
        }
        answer.id_token = self.id_token(grant, &caller.application, nonce, &answer.access_token).await?;
        Ok((answer, refresh))
    }

    /// Something was brought a second time: whoever has it, it is not only the client. The family ends.
    async fn end_family<T>(&self, grant: GrantId) -> Result<T, Refused> {
        let mut batch = Batch::new();
        store::grants::remove(&mut batch, grant);
        self.end(batch, &Ended { grants: vec![grant], ..Ended::default() }).await?;
        tracing::warn!(%grant, "a code or refresh token came twice; its family of tokens was ended");
        Err(Refused::invalid_grant())
    }

    /// Refuses for somebody who is gone.
    async fn is_there(&self, grant: &Grant) -> Result<(), Refused> {
        let credential = Credential::Bearer { application: grant.application, scopes: grant.scopes };
        match self.0.accounts.vouch(grant.user, credential).await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.kind(), Kind::Internal | Kind::Unavailable) => Err(error.into()),
            Err(_) => Err(Refused::invalid_grant()),
        }
    }

    async fn refresh(
        &self,
        ask: &Ask<'_>,
        caller: &Caller,
        jkt: Option<&str>,
    ) -> Result<TokenAnswer, Refused> {
        let text = ask.body.get("refresh_token");
        let text = text.ok_or_else(|| Refused::new("invalid_request", "refresh_token is required."))?;
        let hash = SecretHash::of(text);
        let now = self.0.clock.now();
        let found = match self.0.issued.take_refresh(hash, now, jkt) {
            Some(found) => Some(found),
            None => store::grants::find_refresh(&self.0.db, hash).await?,
        };
        let (refresh, mut grant) = found
            .filter(|(_, grant)| grant.application == caller.application.id)
            .ok_or_else(Refused::invalid_grant)?;
        if refresh.used.is_some() {
            return self.end_family(grant.id).await;
        }
        if !refresh.may_be_used(now, jkt) {
            return Err(Refused::invalid_grant());
        }
        let scopes = match Scopes::parse(ask.body.get("scope").unwrap_or_default()) {
            (asked, None) if asked.is_empty() => grant.scopes,
            (asked, None) if grant.scopes.contains(asked) => asked,
            _ => return Err(Refused::new("invalid_scope", "This was not granted.")),
        };
        self.is_there(&grant).await?;
        grant.expires = now.after(self.0.config.refresh_life.max(self.access_life(ask.path)));
        let mut batch = Batch::new();
        store::grants::spend_refresh(&mut batch, hash, now, SPENT);
        store::grants::touch(&mut batch, grant.id, now, grant.expires, SPENT);
        let subject = (grant.application, grant.user, scopes);
        let mut answer = self.access_token(Some(&grant), subject, jkt, ask.path)?;
        let (token, refresh) = self.refresh_token(&mut batch, &grant, &caller.application, jkt);
        answer.refresh_token = Some(token);
        // Who asks for less than was granted, and not for an identity, needs no second signature.
        if scopes.contains(Scopes::OPENID) {
            answer.id_token = self.id_token(&grant, &caller.application, None, &answer.access_token).await?;
        }
        self.issue(batch, grant, Some(refresh)).await?;
        Ok(answer)
    }

    /// A token of the client itself. On Discord's path it acts for the application's owner, as Discord documents;
    /// on ours for the application's bot. Nothing is stored: it ends by itself.
    fn client_credentials(
        &self,
        ask: &Ask<'_>,
        caller: &Caller,
        jkt: Option<&str>,
    ) -> Result<TokenAnswer, Refused> {
        if !caller.confidential {
            return Err(Refused::new("unauthorized_client", "A public client cannot act for itself."));
        }
        let application = &caller.application;
        let most = application.client.scopes & OWN;
        let scopes = match Scopes::parse(ask.body.get("scope").unwrap_or_default()) {
            (asked, None) if asked.is_empty() => most & (Scopes::IDENTIFY | Scopes::COMMANDS_UPDATE),
            (asked, None) if most.contains(asked) => asked,
            _ => return Err(Refused::new("invalid_scope", "The client may not have this for itself.")),
        };
        let subject = match ask.path {
            Path::Ours => application.bot(),
            Path::Discord => application.owner,
        };
        Ok(self.access_token(None, (application.id, subject, scopes), jkt, ask.path)?)
    }

    async fn exchange_device(
        &self,
        ask: &Ask<'_>,
        caller: &Caller,
        jkt: Option<&str>,
    ) -> Result<TokenAnswer, Refused> {
        let text = ask.body.get("device_code");
        let text = text.ok_or_else(|| Refused::new("invalid_request", "device_code is required."))?;
        let hash = SecretHash::of(text);
        let found = store::devices::find(&self.0.db, hash).await?;
        let device = found
            .filter(|device| device.application == caller.application.id)
            .ok_or_else(Refused::invalid_grant)?;
        let now = self.0.clock.now();
        if device.state == DeviceState::Denied {
            return Err(Refused::new("access_denied", "It was refused."));
        }
        if device.state == DeviceState::Exchanged {
            return self.end_family(device.grant).await;
        }
        if device.expires <= now {
            return Err(Refused::new("expired_token", "Nobody answered in time."));
        }
        let (DeviceState::Allowed, Some((user, authentication))) = (device.state, device.answered.clone())
        else {
            return self.poll_again(&device).await;
        };
        let expires = now.after(self.0.config.refresh_life);
        let grant = Grant {
            id: device.grant,
            user,
            application: device.application,
            scopes: device.scopes,
            authentication,
            claims: Default::default(),
            expires,
        };
        self.is_there(&grant).await?;
        let mut batch = Batch::new();
        store::devices::exchange(&mut batch, hash, SPENT);
        let (answer, refresh) = self.open_family(&mut batch, &grant, caller, None, (jkt, ask.path)).await?;
        self.issue(batch, grant, refresh).await?;
        Ok(answer)
    }
}

/// The guild that a bot was added to along with an authorization.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GrantedGuild {
    pub(crate) guild: guildhall_base::GuildId,
    pub(crate) user: guildhall_base::UserId,
}
