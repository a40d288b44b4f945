-- Bots that somebody thinks go well together.
CREATE TABLE listing_packs (
    id BIGINT PRIMARY KEY,
    owner_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Pictures, as JSON: where they came from and the file.
    icon TEXT,
    banner TEXT,
    -- Counts changes, so that of two at once one is refused.
    version BIGINT NOT NULL DEFAULT 1,
    changed_at BIGINT NOT NULL
);
CREATE INDEX listing_packs_owner ON listing_packs (owner_id, id);
CREATE TABLE listing_pack_bots (
    pack_id BIGINT NOT NULL REFERENCES listing_packs (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    kind BIGINT NOT NULL DEFAULT 0,
    listing_id BIGINT NOT NULL,
    PRIMARY KEY (pack_id, listing_id),
    FOREIGN KEY (kind, listing_id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
CREATE INDEX listing_pack_bots_listing ON listing_pack_bots (kind, listing_id);
