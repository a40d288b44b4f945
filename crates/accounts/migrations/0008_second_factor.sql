-- What a session was proved with beside its method: 'code' or 'passkey'; empty if nothing.
ALTER TABLE tokens ADD COLUMN second TEXT NOT NULL DEFAULT ''
