-- What makes an application an OAuth2 client. Lists are JSON arrays of texts, scopes are bits.
ALTER TABLE applications ADD COLUMN redirect_uris TEXT NOT NULL DEFAULT '[]';
ALTER TABLE applications ADD COLUMN logout_uris TEXT NOT NULL DEFAULT '[]';
ALTER TABLE applications ADD COLUMN backchannel_logout_uri TEXT;
-- It cannot keep a secret: an app on somebody's device, a page's script.
ALTER TABLE applications ADD COLUMN public_client BOOLEAN NOT NULL DEFAULT FALSE;
-- What it may ask for at most, and what of it a user may leave out.
ALTER TABLE applications ADD COLUMN scopes BIGINT NOT NULL DEFAULT 2047;
ALTER TABLE applications ADD COLUMN optional_scopes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE applications ADD COLUMN id_token_alg TEXT NOT NULL DEFAULT 'RS256';
ALTER TABLE applications ADD COLUMN require_pkce BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE applications ADD COLUMN require_par BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE applications ADD COLUMN dpop_bound BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE applications ADD COLUMN verified BOOLEAN NOT NULL DEFAULT FALSE;
-- Requests with its access tokens; 0 is the installation's default.
ALTER TABLE applications ADD COLUMN per_second BIGINT NOT NULL DEFAULT 0;
ALTER TABLE applications ADD COLUMN per_day BIGINT NOT NULL DEFAULT 0;
-- Of the token that manages a dynamic registration (RFC 7592).
ALTER TABLE applications ADD COLUMN registration_hash {bytes};

CREATE TABLE client_secrets (
    id BIGINT PRIMARY KEY,
    application_id BIGINT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    hash {bytes} NOT NULL,
    -- Its last characters, to tell one from the other.
    hint TEXT NOT NULL,
    created BIGINT NOT NULL,
    -- Set when a newer one replaced it; it is good until then.
    expires BIGINT
);

CREATE INDEX client_secrets_by_application ON client_secrets (application_id);

-- What somebody allowed an application, remembered for the next time.
CREATE TABLE consents (
    user_id BIGINT NOT NULL,
    application_id BIGINT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    scopes BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (user_id, application_id)
);

-- One authorization: the family of its access and refresh tokens. Its tokens hold as long as this row is there.
CREATE TABLE grants (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    application_id BIGINT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    scopes BIGINT NOT NULL,
    -- The session in which it was allowed.
    session_id BIGINT,
    auth_time BIGINT NOT NULL,
    acr TEXT NOT NULL,
    -- Claims asked for one by one (OpenID Connect 5.5), as JSON.
    claims TEXT NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE INDEX grants_by_user ON grants (user_id, application_id);
CREATE INDEX grants_by_session ON grants (session_id);
CREATE INDEX grants_by_expiry ON grants (expires);

CREATE TABLE authorization_codes (
    hash {bytes} PRIMARY KEY,
    -- The grant that it becomes.
    grant_id BIGINT NOT NULL,
    application_id BIGINT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    session_id BIGINT,
    redirect_uri TEXT NOT NULL,
    -- Whether the request named the address, so that the token request must name it too.
    redirect_named BOOLEAN NOT NULL,
    scopes BIGINT NOT NULL,
    challenge TEXT,
    dpop_jkt TEXT,
    nonce TEXT,
    auth_time BIGINT NOT NULL,
    acr TEXT NOT NULL,
    claims TEXT NOT NULL,
    guild_id BIGINT,
    expires BIGINT NOT NULL,
    used BIGINT
);

CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires);

CREATE TABLE refresh_tokens (
    hash {bytes} PRIMARY KEY,
    grant_id BIGINT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    dpop_jkt TEXT,
    expires BIGINT NOT NULL,
    -- When it was exchanged for the next one. Whoever brings it again ends the whole grant.
    used BIGINT
);

CREATE INDEX refresh_tokens_by_grant ON refresh_tokens (grant_id);

-- Access tokens that were revoked one by one before they ended.
CREATE TABLE revoked_tokens (
    jti TEXT PRIMARY KEY,
    expires BIGINT NOT NULL
);

CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires);

-- Authorization requests that were pushed (RFC 9126), or wait for somebody to sign in.
CREATE TABLE authorization_requests (
    hash {bytes} PRIMARY KEY,
    application_id BIGINT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    pushed BOOLEAN NOT NULL,
    parameters TEXT NOT NULL,
    dpop_jkt TEXT,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE INDEX authorization_requests_by_expiry ON authorization_requests (expires);

CREATE TABLE device_codes (
    hash {bytes} PRIMARY KEY,
    user_code TEXT NOT NULL UNIQUE,
    application_id BIGINT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    grant_id BIGINT NOT NULL,
    scopes BIGINT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    -- The device may not ask again before.
    next_poll BIGINT NOT NULL,
    interval_ms BIGINT NOT NULL,
    -- 0 waiting, 1 allowed, 2 denied, 3 exchanged
    state BIGINT NOT NULL,
    user_id BIGINT,
    session_id BIGINT,
    auth_time BIGINT,
    acr TEXT
);

CREATE INDEX device_codes_by_expiry ON device_codes (expires);

-- What must not come twice: identifiers of DPoP proofs.
CREATE TABLE spent_proofs (
    hash {bytes} PRIMARY KEY,
    expires BIGINT NOT NULL
);

CREATE INDEX spent_proofs_by_expiry ON spent_proofs (expires);

CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY,
    algorithm TEXT NOT NULL,
    -- Sealed with the key of the data folder.
    secret {bytes} NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE registration_tokens (
    hash {bytes} PRIMARY KEY,
    created_by BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    uses_left BIGINT NOT NULL
);

-- Requests made with an application's access tokens, by the hour.
CREATE TABLE application_usage (
    application_id BIGINT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    hour BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    PRIMARY KEY (application_id, hour)
);

-- What was sent to addresses of an application, and what came of it.
CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY,
    application_id BIGINT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- 0 where no answer came.
    status BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    problem TEXT NOT NULL
);

CREATE INDEX deliveries_by_application ON deliveries (application_id, id)
