-- When the account is to be deleted; its owner may keep it until then. NULL: stays.
ALTER TABLE users ADD COLUMN leaving BIGINT;
-- Since when nobody is behind it; the row stays, so that what they wrote has an author.
ALTER TABLE users ADD COLUMN deleted BIGINT;

-- Accounts that wait for their deletion.
CREATE TABLE account_deletions (
    user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    due BIGINT NOT NULL,
    asked BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    -- SHA-256 of the secret in the mail; NULL until it is written.
    link {bytes} UNIQUE,
    -- SHA-256 of what the latest sign-in meanwhile was given instead of a session, how they signed in, and how long it holds.
    ticket {bytes} UNIQUE,
    method TEXT,
    ticket_expires BIGINT
);

-- The latest copy of their data that somebody asked for.
CREATE TABLE account_exports (
    user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    job_id BIGINT NOT NULL,
    asked BIGINT NOT NULL
);

-- SHA-256 of names of deleted accounts, where the operator gives them to nobody else.
CREATE TABLE retired_names (
    hash {bytes} PRIMARY KEY
)
