-- Teams that keep listings together.
CREATE TABLE listing_teams (
    id BIGINT PRIMARY KEY,
    owner_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX listing_teams_owner ON listing_teams (owner_id);
CREATE TABLE listing_team_members (
    team_id BIGINT NOT NULL REFERENCES listing_teams (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    rights BIGINT NOT NULL,
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX listing_team_members_user ON listing_team_members (user_id);

-- Bots (kind 0) and guilds (kind 1) that have a page in the directory.
CREATE TABLE listings (
    kind BIGINT NOT NULL,
    id BIGINT NOT NULL,
    -- Empty: of this server. Else the name of the platform that it is on.
    platform TEXT NOT NULL,
    application_id BIGINT,
    name TEXT NOT NULL,
    -- The address of its picture.
    avatar TEXT,
    owner_id BIGINT NOT NULL,
    team_id BIGINT REFERENCES listing_teams (id) ON DELETE SET NULL,
    state BIGINT NOT NULL,
    flags BIGINT NOT NULL,
    -- Counts changes, so that of two at once one is refused.
    version BIGINT NOT NULL,
    language TEXT NOT NULL,
    short_text TEXT NOT NULL,
    long_text TEXT NOT NULL,
    style TEXT NOT NULL,
    -- What is only shown, as JSON.
    details TEXT NOT NULL,
    -- The member of staff who looks at it.
    reviewer_id BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    -- When it was approved first.
    approved_at BIGINT,
    PRIMARY KEY (kind, id)
);
CREATE INDEX listings_state ON listings (kind, state, approved_at, id);
CREATE INDEX listings_owner ON listings (owner_id);
CREATE INDEX listings_team ON listings (team_id);

-- What is counted of them; apart, because it changes often.
CREATE TABLE listing_counts (
    kind BIGINT NOT NULL,
    id BIGINT NOT NULL,
    -- Since the month began, and ever.
    votes BIGINT NOT NULL DEFAULT 0,
    total_votes BIGINT NOT NULL DEFAULT 0,
    views BIGINT NOT NULL DEFAULT 0,
    invites BIGINT NOT NULL DEFAULT 0,
    -- As the bot says, or as many members as a guild has.
    guilds BIGINT NOT NULL DEFAULT 0,
    users BIGINT NOT NULL DEFAULT 0,
    shards BIGINT NOT NULL DEFAULT 0,
    counted_at BIGINT,
    reviews BIGINT NOT NULL DEFAULT 0,
    stars BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, id),
    FOREIGN KEY (kind, id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
CREATE INDEX listing_counts_votes ON listing_counts (kind, votes, id);
CREATE INDEX listing_counts_guilds ON listing_counts (kind, guilds, id);

-- Who keeps a listing besides its main owner.
CREATE TABLE listing_owners (
    kind BIGINT NOT NULL,
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    rights BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (kind, id, user_id),
    FOREIGN KEY (kind, id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
CREATE INDEX listing_owners_user ON listing_owners (user_id);

-- What listings may be labelled with: tags (label_kind 0) and features (label_kind 1).
CREATE TABLE listing_labels (
    kind BIGINT NOT NULL,
    label_kind BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- The guild that looks after the tag, where it is one of guilds.
    guild_id BIGINT,
    PRIMARY KEY (kind, label_kind, name)
);
CREATE TABLE listing_labelled (
    kind BIGINT NOT NULL,
    id BIGINT NOT NULL,
    label_kind BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (kind, id, label_kind, name),
    FOREIGN KEY (kind, id) REFERENCES listings (kind, id) ON DELETE CASCADE,
    FOREIGN KEY (kind, label_kind, name) REFERENCES listing_labels (kind, label_kind, name) ON DELETE CASCADE
);
CREATE INDEX listing_labelled_name ON listing_labelled (kind, label_kind, name, id);

-- Short names in addresses: of bots (0), guilds (1) and people (2). In lower case.
CREATE TABLE vanities (
    code TEXT PRIMARY KEY,
    kind BIGINT NOT NULL,
    id BIGINT NOT NULL,
    UNIQUE (kind, id)
);

-- What happened to a listing; only ever added to.
CREATE TABLE listing_history (
    id BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,
    listing_id BIGINT NOT NULL,
    event TEXT NOT NULL,
    user_id BIGINT,
    -- What else there is to say, as JSON.
    context TEXT NOT NULL
);
CREATE INDEX listing_history_listing ON listing_history (kind, listing_id, id);
CREATE INDEX listing_history_user ON listing_history (user_id, id);

-- What bots may be tagged with. Guilds make tags of their own.
INSERT INTO listing_labels (kind, label_kind, name) VALUES
    (0, 0, 'ai'), (0, 0, 'anime'), (0, 0, 'automod'), (0, 0, 'economy'), (0, 0, 'fun'), (0, 0, 'games'),
    (0, 0, 'giveaways'), (0, 0, 'leveling'), (0, 0, 'logging'), (0, 0, 'memes'), (0, 0, 'minecraft'),
    (0, 0, 'moderation'), (0, 0, 'multipurpose'), (0, 0, 'music'), (0, 0, 'polls'), (0, 0, 'reaction-roles'),
    (0, 0, 'roleplay'), (0, 0, 'social'), (0, 0, 'stream'), (0, 0, 'tickets'), (0, 0, 'translation'),
    (0, 0, 'utility'), (0, 0, 'verification'), (0, 0, 'web-dashboard'), (0, 0, 'welcome'),
    (1, 0, 'community'), (1, 0, 'gaming'), (1, 0, 'music'), (1, 0, 'programming'), (1, 0, 'art'), (1, 0, 'support'),
    (0, 1, 'customizable-behavior'), (0, 1, 'customizable-prefix'), (0, 1, 'open-source'), (0, 1, 'self-hostable'),
    (0, 1, 'slash-commands'), (0, 1, 'web-dashboard'), (0, 1, 'free'),
    (1, 1, 'beginners-welcome'), (1, 1, 'events'), (1, 1, 'voice'), (1, 1, 'bilingual');
