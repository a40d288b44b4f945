-- Passkeys (WebAuthn). Their public halves are no secrets.
CREATE TABLE passkeys (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The authenticator's own id for it.
    credential {bytes} NOT NULL UNIQUE,
    -- JSON: public key, counter, backup flags.
    data TEXT NOT NULL,
    name TEXT NOT NULL,
    created BIGINT NOT NULL,
    -- NULL: never yet.
    used BIGINT
);

CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- Ceremonies with an authenticator that have begun; each is finished once or not at all.
CREATE TABLE ceremonies (
    -- SHA-256 of its secret.
    hash {bytes} PRIMARY KEY,
    -- NULL: who it is follows from the passkey.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    -- JSON: the challenge and what is expected.
    state TEXT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE INDEX ceremonies_by_expiry ON ceremonies (expires);

-- Accounts at other sites that open an account here.
CREATE TABLE identities (
    -- The provider's name in the configuration.
    provider TEXT NOT NULL,
    -- What the provider calls them, for ever.
    subject TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- What they are called there, to recognise it.
    name TEXT NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (provider, subject)
);

CREATE INDEX identities_by_user ON identities (user_id);

-- Visits to providers that have begun; each comes back once or not at all.
CREATE TABLE provider_visits (
    -- SHA-256 of the state.
    hash {bytes} PRIMARY KEY,
    provider TEXT NOT NULL,
    -- SHA-256 of the secret in the cookie of the browser that began it.
    browser {bytes} NOT NULL,
    -- Who links an account; NULL: somebody signs in.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    -- JSON, sealed: nonce, PKCE verifier, where to go afterwards.
    state {bytes} NOT NULL,
    expires BIGINT NOT NULL
);

CREATE INDEX provider_visits_by_expiry ON provider_visits (expires)
