-- How rights are handed on, confirmed and end; invitations; who looks at the panel as somebody else. Read and written by internal/auth only.
-- of what the grant reaches, only what belongs to this organisation: that of whoever handed it on
ALTER TABLE grants ADD COLUMN office_id text NOT NULL DEFAULT ''
--;;
-- somebody has said that it is still right
ALTER TABLE grants ADD COLUMN confirmed_at {{.Time}}
--;;
-- whoever may confirm it has been asked since
ALTER TABLE grants ADD COLUMN asked_at {{.Time}}
--;;
-- nobody answered: it ends then
ALTER TABLE grants ADD COLUMN ending_at {{.Time}}
--;;
-- its holder has been told of the end
ALTER TABLE grants ADD COLUMN warned_at {{.Time}}
--;;
-- account as which the panel is shown, to be read only
ALTER TABLE sessions ADD COLUMN seeing text NOT NULL DEFAULT ''
--;;
ALTER TABLE sessions ADD COLUMN seeing_until {{.Time}}
--;;
CREATE TABLE invitations (
	id text PRIMARY KEY,
	email text NOT NULL,
	email_key text NOT NULL,
	name text NOT NULL DEFAULT '',
	locale text NOT NULL DEFAULT '', -- of the letter, and of the panel
	organization text NOT NULL DEFAULT '', -- of the account that is made
	role text NOT NULL,
	scope text NOT NULL,
	scope_id text NOT NULL DEFAULT '',
	grant_locale text NOT NULL DEFAULT '',
	office_id text NOT NULL DEFAULT '',
	until {{.Time}},
	created_at {{.Time}} NOT NULL,
	created_by text NOT NULL,
	expires_at {{.Time}} NOT NULL,
	used_at {{.Time}},
	revoked_at {{.Time}}
)
--;;
CREATE INDEX invitations_email ON invitations (email_key)
--;;
CREATE INDEX invitations_created ON invitations (created_at)
