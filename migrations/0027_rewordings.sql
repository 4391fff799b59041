-- Words that are replaced in many entries. Read and written by internal/reword only.
CREATE TABLE rewordings (
	id text PRIMARY KEY,
	account_id text NOT NULL, -- in whose right
	query text NOT NULL, -- JSON
	note text NOT NULL, -- of the revisions it makes
	at {{.Time}} NOT NULL
)
--;;
CREATE INDEX rewordings_at ON rewordings (at)
--;;
CREATE TABLE reworded_entries (
	rewording_id text NOT NULL REFERENCES rewordings (id) ON DELETE CASCADE,
	entry_id text NOT NULL,
	position integer NOT NULL,
	state text NOT NULL, -- waiting, done, nothing, refused
	places integer NOT NULL DEFAULT 0,
	PRIMARY KEY (rewording_id, entry_id)
)
