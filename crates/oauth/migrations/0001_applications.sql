CREATE TABLE applications (
    -- Also the id of the bot's user.
    id BIGINT PRIMARY KEY,
    owner_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    icon TEXT,
    flags BIGINT NOT NULL,
    public BOOLEAN NOT NULL,
    verify_key TEXT NOT NULL,
    interactions_endpoint_url TEXT,
    created BIGINT NOT NULL
);

CREATE INDEX applications_by_owner ON applications (owner_id)
