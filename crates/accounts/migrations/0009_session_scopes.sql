-- What a session may be used for, names between spaces; '*': all that its class and its owner may.
ALTER TABLE tokens ADD COLUMN scopes TEXT NOT NULL DEFAULT '*';
-- What its owner calls it; empty for those that began with a sign-in.
ALTER TABLE tokens ADD COLUMN name TEXT NOT NULL DEFAULT ''
