//! Who somebody is, as OpenID Connect says it (Core 5.1).

use guildhall_accounts::{Actor, Credential};
use guildhall_base::{Result, Scopes, UserId};
use serde_json::{Map, Value, json};

use crate::OAuth;
use crate::actions::check::Checked;

impl OAuth {
    /// The claims that these scopes open, and those named one by one.
    pub(crate) async fn claims_of(
        &self,
        user: UserId,
        scopes: Scopes,
        named: &[String],
    ) -> Result<Map<String, Value>> {
        // A session, because only the account's owner is told the mail address, and they have allowed it.
        let owner = Credential::Session {
            id: guildhall_accounts::SessionId::new(0),
            scopes: guildhall_accounts::SessionScopes::READ,
        };
        let actor: Actor = self.0.accounts.vouch(user, owner).await?;
        let me = self.0.accounts.me(&actor).await?;
        let picture = me
            .user
            .avatar
            .as_ref()
            .map(|hash| format!("{}/avatars/{}/{hash}.png", self.0.config.issuer, me.user.id));
        let mut claims = Map::new();
        let mut put = |scope: Scopes, name: &str, value: Value| {
            let wanted = scopes.intersects(scope) || named.iter().any(|one| one == name);
            if wanted && !value.is_null() {
                claims.insert(name.to_owned(), value);
            }
        };
        put(Scopes::PROFILE, "name", json!(me.user.display_name()));
        put(Scopes::PROFILE, "preferred_username", json!(me.user.username));
        put(Scopes::PROFILE, "picture", json!(picture));
        put(Scopes::PROFILE, "locale", json!(me.locale));
        put(Scopes::EMAIL, "email", json!(me.email));
        if me.email.is_some() {
            put(Scopes::EMAIL, "email_verified", json!(me.verified));
        }
        Ok(claims)
    }

    /// What the userinfo endpoint answers to a token with `openid`.
    pub(crate) async fn userinfo(&self, token: &Checked) -> Result<Map<String, Value>> {
        let named = match token.grant {
            Some(grant) => {
                crate::store::grants::find(&self.0.db, grant).await?.map(|grant| grant.claims.userinfo)
            }
            None => None,
        };
        let mut claims = self.claims_of(token.user, token.scopes, &named.unwrap_or_default()).await?;
        claims.insert("sub".to_owned(), json!(token.user));
        Ok(claims)
    }
}
