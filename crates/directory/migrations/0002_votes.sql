-- What the directory keeps of people: bit 0 of the flags: their votes are nobody's business.
CREATE TABLE directory_people (
    user_id BIGINT PRIMARY KEY,
    flags BIGINT NOT NULL
);

-- Counts the times that a listing's votes began anew: the month's votes are those of this period.
ALTER TABLE listing_counts ADD COLUMN period BIGINT NOT NULL DEFAULT 0;

-- Every vote that was ever cast; only ever added to. When it was follows from its id.
CREATE TABLE votes (
    id BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,
    listing_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    period BIGINT NOT NULL,
    FOREIGN KEY (kind, listing_id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
CREATE INDEX votes_listing ON votes (kind, listing_id, period);
CREATE INDEX votes_order ON votes (kind, listing_id, id);
CREATE INDEX votes_user ON votes (user_id, kind, listing_id, id);

-- Until when somebody cannot vote again: for any listing of a kind (listing_id 0), or for one of them.
CREATE TABLE vote_windows (
    user_id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    listing_id BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind, listing_id)
);

-- What was voted in past months; the month as 2026-11.
CREATE TABLE vote_months (
    month TEXT NOT NULL,
    kind BIGINT NOT NULL,
    id BIGINT NOT NULL,
    votes BIGINT NOT NULL,
    -- From 1; 0 until the month is closed.
    place BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (month, kind, id),
    FOREIGN KEY (kind, id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
CREATE INDEX vote_months_place ON vote_months (month, kind, place);

-- Who wants to be told when they can vote for a listing again.
CREATE TABLE vote_reminders (
    user_id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    listing_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind, listing_id),
    FOREIGN KEY (kind, listing_id) REFERENCES listings (kind, id) ON DELETE CASCADE
);
CREATE INDEX vote_reminders_listing ON vote_reminders (kind, listing_id);
