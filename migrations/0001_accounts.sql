-- Accounts, what they may do, how they sign in, and what was done. Read and written by internal/auth only.
CREATE TABLE accounts (
	id text PRIMARY KEY,
	email text NOT NULL,
	email_key text NOT NULL UNIQUE, -- lower case: one account for one mailbox
	name text NOT NULL,
	locale text NOT NULL DEFAULT '',
	theme text NOT NULL DEFAULT '', -- light, dark or empty: the system's
	organization text NOT NULL DEFAULT '', -- entry of the person's own organisation
	password text NOT NULL DEFAULT '', -- argon2id; empty: cannot sign in by password
	disabled boolean NOT NULL DEFAULT false,
	policy integer NOT NULL DEFAULT 1, -- raised by every change of what the account may do
	created_at {{.Time}} NOT NULL,
	updated_at {{.Time}} NOT NULL
)
--;;
CREATE TABLE grants (
	id text PRIMARY KEY,
	account_id text NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	role text NOT NULL,
	scope text NOT NULL,
	scope_id text NOT NULL DEFAULT '',
	locale text NOT NULL DEFAULT '',
	until {{.Time}},
	created_at {{.Time}} NOT NULL,
	created_by text NOT NULL,
	UNIQUE (account_id, role, scope, scope_id, locale)
)
--;;
CREATE INDEX grants_scope ON grants (scope, scope_id)
--;;
CREATE TABLE sessions (
	token_hash text PRIMARY KEY, -- SHA-256 of what the browser holds
	id text NOT NULL UNIQUE, -- how lists and sign-out call it
	account_id text NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	network text NOT NULL, -- address range it was opened from, never the whole address
	created_at {{.Time}} NOT NULL,
	seen_at {{.Time}} NOT NULL,
	expires_at {{.Time}} NOT NULL
)
--;;
CREATE INDEX sessions_account ON sessions (account_id)
--;;
CREATE TABLE sign_ins (
	id text PRIMARY KEY,
	account_key text NOT NULL, -- SHA-256 of the address typed, known or not
	network text NOT NULL,
	ok boolean NOT NULL,
	at {{.Time}} NOT NULL
)
--;;
CREATE INDEX sign_ins_account ON sign_ins (account_key, at)
--;;
CREATE INDEX sign_ins_network ON sign_ins (network, at)
--;;
CREATE TABLE tokens (
	hash text PRIMARY KEY, -- SHA-256 of the token in a link
	purpose text NOT NULL,
	expires_at {{.Time}} NOT NULL
)
--;;
CREATE TABLE audit (
	id text PRIMARY KEY, -- sorts by time
	at {{.Time}} NOT NULL,
	actor text NOT NULL, -- account id, or program:NAME
	action text NOT NULL,
	kind text NOT NULL DEFAULT '',
	object_id text NOT NULL DEFAULT '',
	locale text NOT NULL DEFAULT '',
	office_id text NOT NULL DEFAULT '',
	detail {{.JSON}} NOT NULL
)
--;;
CREATE INDEX audit_object ON audit (object_id)
--;;
CREATE INDEX audit_actor ON audit (actor)
