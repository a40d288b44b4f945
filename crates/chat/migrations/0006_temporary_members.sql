-- Came by a temporary invite and never got a role: goes with the last session.
ALTER TABLE members ADD COLUMN temporary BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX members_temporary ON members (user_id) WHERE temporary;
