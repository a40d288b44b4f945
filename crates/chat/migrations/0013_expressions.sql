-- Emojis of guilds and of applications.
CREATE TABLE emojis (
    id BIGINT PRIMARY KEY,
    -- NULL for an application's.
    guild_id BIGINT REFERENCES guilds (id) ON DELETE CASCADE,
    -- NULL for a guild's.
    application_id BIGINT,
    creator_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    animated BOOLEAN NOT NULL
);
CREATE INDEX emojis_guild ON emojis (guild_id) WHERE guild_id IS NOT NULL;
CREATE INDEX emojis_application ON emojis (application_id) WHERE application_id IS NOT NULL;
-- Who may use an emoji: everybody if there are none.
CREATE TABLE emoji_roles (
    emoji_id BIGINT NOT NULL REFERENCES emojis (id) ON DELETE CASCADE,
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    PRIMARY KEY (emoji_id, role_id)
);
CREATE INDEX emoji_roles_role ON emoji_roles (role_id);
CREATE TABLE stickers (
    id BIGINT PRIMARY KEY,
    guild_id BIGINT NOT NULL REFERENCES guilds (id) ON DELETE CASCADE,
    creator_id BIGINT NOT NULL,
    settings TEXT NOT NULL
);
CREATE INDEX stickers_guild ON stickers (guild_id);
