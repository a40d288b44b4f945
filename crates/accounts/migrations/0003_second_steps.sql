-- How somebody signed in, and when they last proved that it is still them: at sign-in, or again since.
ALTER TABLE tokens ADD COLUMN method TEXT NOT NULL DEFAULT 'password';
ALTER TABLE tokens ADD COLUMN proved BIGINT NOT NULL DEFAULT 0;

-- Sign-ins that wait for their second step.
CREATE TABLE second_steps (
    -- SHA-256 of the ticket.
    hash {bytes} PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    method TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE INDEX second_steps_by_user ON second_steps (user_id);

-- Apps that show codes (RFC 6238).
CREATE TABLE authenticators (
    user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- The shared secret, sealed.
    secret {bytes} NOT NULL,
    -- FALSE until its owner has shown a code of it; it opens and guards nothing before.
    confirmed BOOLEAN NOT NULL,
    -- The time step of the last code that was accepted; a code counts once.
    step BIGINT NOT NULL,
    created BIGINT NOT NULL
);

-- Codes for when the app is lost; each counts once.
CREATE TABLE recovery_codes (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the code, which has 80 random bits, and whose it is.
    hash {bytes} NOT NULL,
    PRIMARY KEY (user_id, hash)
)
