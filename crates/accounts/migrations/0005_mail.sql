-- What somebody shows who can read the mail of an address: one row per mail that was asked for.
CREATE TABLE mail_proofs (
    id BIGINT PRIMARY KEY,
    -- SHA-256 of what the browser holds that asked for the mail.
    ticket {bytes} NOT NULL UNIQUE,
    -- sign_in, confirm or reset.
    purpose TEXT NOT NULL,
    address TEXT NOT NULL,
    -- Whose address it becomes; NULL where it only says who somebody is.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the link's secret and the PHC string of the code; NULL until the mail is written.
    link {bytes} UNIQUE,
    code TEXT,
    attempts BIGINT NOT NULL,
    locale TEXT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE INDEX mail_proofs_by_address ON mail_proofs (address);
CREATE INDEX mail_proofs_by_expiry ON mail_proofs (expires);

-- Until when an address gets no other mail of a purpose.
CREATE TABLE mail_pauses (
    address TEXT NOT NULL,
    purpose TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (address, purpose)
);

-- A confirmed address belongs to one account; one that is not confirmed is in mail_proofs only.
CREATE UNIQUE INDEX users_by_email ON users (email);
