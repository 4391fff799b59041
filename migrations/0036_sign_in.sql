-- What somebody signs in with besides a password, what a sign-in waits for, and by which browsers an account is known. Read
-- and written by internal/auth only.
CREATE TABLE factors (
	id text PRIMARY KEY,
	account_id text NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	kind text NOT NULL, -- totp, passkey
	name text NOT NULL, -- of a passkey, as its owner calls it
	credential text NOT NULL UNIQUE, -- id of a passkey; of an app 'totp:' and the account: each has one
	secret text NOT NULL, -- of an app, in base 32; of a passkey its record, in JSON, without anything secret
	step bigint NOT NULL DEFAULT 0, -- of the last code that was taken: each is taken once
	created_at {{.Time}} NOT NULL,
	used_at {{.Time}}
)
--;;
CREATE INDEX factors_account ON factors (account_id)
--;;
CREATE TABLE recovery_codes (
	hash text PRIMARY KEY, -- SHA-256 of the code
	account_id text NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
)
--;;
CREATE INDEX recovery_codes_account ON recovery_codes (account_id)
--;;
-- Who an office's directory says somebody is.
CREATE TABLE identities (
	issuer text NOT NULL,
	subject text NOT NULL,
	account_id text NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	created_at {{.Time}} NOT NULL,
	PRIMARY KEY (issuer, subject)
)
--;;
CREATE INDEX identities_account ON identities (account_id)
--;;
-- What is begun by one request and ended by another, within minutes: a second step, a new passkey, a way to a directory.
CREATE TABLE ceremonies (
	token_hash text PRIMARY KEY, -- SHA-256 of what the browser holds
	kind text NOT NULL,
	account_id text NOT NULL, -- empty: not known yet
	network text NOT NULL,
	data text NOT NULL, -- JSON
	tries integer NOT NULL DEFAULT 0,
	expires_at {{.Time}} NOT NULL
)
--;;
CREATE INDEX ceremonies_network ON ceremonies (network)
--;;
CREATE TABLE devices (
	hash text NOT NULL, -- SHA-256 of what the browser holds
	account_id text NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	used_at {{.Time}} NOT NULL,
	PRIMARY KEY (hash, account_id)
)
--;;
-- Browser and system, by name.
ALTER TABLE sessions ADD COLUMN agent text NOT NULL DEFAULT ''
--;;
-- How it was opened.
ALTER TABLE sessions ADD COLUMN way text NOT NULL DEFAULT 'password'
--;;
-- When its owner last showed who they are.
ALTER TABLE sessions ADD COLUMN confirmed_at {{.Time}}
--;;
-- A second factor is to be set up first.
ALTER TABLE sessions ADD COLUMN unfinished boolean NOT NULL DEFAULT false
--;;
-- Of the account, when the token was made.
ALTER TABLE sessions ADD COLUMN policy integer NOT NULL DEFAULT 0
--;;
-- The token before, while it is still taken.
ALTER TABLE sessions ADD COLUMN old_hash text NOT NULL DEFAULT ''
--;;
ALTER TABLE sessions ADD COLUMN old_until {{.Time}}
--;;
CREATE INDEX sessions_old ON sessions (old_hash) WHERE old_hash <> ''
--;;
-- How the account was known there: stranger, network, device.
ALTER TABLE sign_ins ADD COLUMN via text NOT NULL DEFAULT ''
--;;
ALTER TABLE sign_ins ADD COLUMN device text NOT NULL DEFAULT ''
--;;
CREATE INDEX sign_ins_via ON sign_ins (via, at)
