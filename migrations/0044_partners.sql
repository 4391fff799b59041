-- Organisations that are asked to work on an entry beside its owner, each between blanks: rights are asked by it.
ALTER TABLE entries ADD COLUMN partners text NOT NULL DEFAULT ''
--;;
CREATE INDEX entries_partners ON entries (id) WHERE partners <> ''
--;;
-- What organisations said to the entries that they answer for with others: rows are never changed. Read and written by
-- internal/clearance only.
CREATE TABLE sign_offs (
	id text PRIMARY KEY,
	entry_id text NOT NULL REFERENCES entries (id),
	organisation_id text NOT NULL,
	locale text NOT NULL,
	state text NOT NULL, -- asked, agreed, objected
	facts integer NOT NULL, -- revisions that it is about
	words integer NOT NULL,
	author text NOT NULL,
	note text NOT NULL DEFAULT '',
	at {{.Time}} NOT NULL
)
--;;
CREATE INDEX sign_offs_entry ON sign_offs (entry_id, at)
