CREATE TABLE users (
    id BIGINT PRIMARY KEY,
    -- The unique name of a human; NULL for bots, whose names are free.
    handle TEXT UNIQUE,
    username TEXT NOT NULL,
    global_name TEXT,
    avatar TEXT,
    banner TEXT,
    accent_color BIGINT,
    public_flags BIGINT NOT NULL,
    bot BOOLEAN NOT NULL,
    staff BOOLEAN NOT NULL,
    email TEXT,
    verified BOOLEAN NOT NULL,
    locale TEXT NOT NULL,
    theme TEXT NOT NULL,
    status TEXT NOT NULL,
    bio TEXT NOT NULL,
    pronouns TEXT NOT NULL,
    -- PHC string; NULL where nobody can sign in with a password.
    password TEXT,
    created BIGINT NOT NULL
);

CREATE TABLE tokens (
    -- SHA-256 of the token's text.
    hash {bytes} PRIMARY KEY,
    id BIGINT NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    bot BOOLEAN NOT NULL,
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    -- NULL: until it is revoked.
    expires BIGINT,
    device TEXT NOT NULL,
    address TEXT NOT NULL
);

CREATE INDEX tokens_by_user ON tokens (user_id);

CREATE TABLE setup_codes (
    hash {bytes} PRIMARY KEY,
    expires BIGINT NOT NULL
);

-- What user_id sees in target_id: 1 friend, 2 blocked, 3 incoming request, 4 outgoing request.
CREATE TABLE relationships (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    target_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);

CREATE INDEX relationships_by_target ON relationships (target_id)
