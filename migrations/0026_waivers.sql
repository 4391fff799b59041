-- What a check of the writing marks and somebody lets stand. Read and written by internal/clearance only.
CREATE TABLE waivers (
	entry_id text NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
	locale text NOT NULL,
	mark text NOT NULL, -- writing.Finding.Key: other words have another
	check_name text NOT NULL,
	quote text NOT NULL DEFAULT '',
	why text NOT NULL,
	author text NOT NULL,
	at {{.Time}} NOT NULL,
	PRIMARY KEY (entry_id, locale, mark)
)
