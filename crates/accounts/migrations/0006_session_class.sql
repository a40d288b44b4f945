-- How long a session lives after its last use: 'web' or 'api'.
ALTER TABLE tokens ADD COLUMN class TEXT NOT NULL DEFAULT 'web'
