-- Who wants no keys that work without Ctrl or Alt (WCAG 2.1.4).
ALTER TABLE accounts ADD COLUMN keys_off boolean NOT NULL DEFAULT false
--;;
-- Filters of the panel's lists, kept under a name. Read and written by internal/auth only.
CREATE TABLE saved_views (
	id text PRIMARY KEY,
	account_id text NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	list text NOT NULL, -- address of the list, without "/admin/"
	name text NOT NULL,
	query text NOT NULL, -- of the address
	usual boolean NOT NULL DEFAULT false, -- what the list opens with
	shared boolean NOT NULL DEFAULT false, -- shown to accounts of the same organisation
	created_at {{.Time}} NOT NULL,
	removed_at {{.Time}} -- it is kept for a day, to be brought back
)
--;;
CREATE UNIQUE INDEX saved_views_name ON saved_views (account_id, list, name) WHERE removed_at IS NULL
--;;
CREATE INDEX saved_views_shared ON saved_views (list) WHERE shared AND removed_at IS NULL
--;;
-- What somebody did last is asked for on every first page.
DROP INDEX audit_actor
--;;
CREATE INDEX audit_actor ON audit (actor, id)
