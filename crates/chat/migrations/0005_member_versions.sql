-- Goes up with every change of a member; concurrent changes compare it, so that none undoes another.
ALTER TABLE members ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
