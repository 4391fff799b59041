-- What an entry was when a version of it was named: of the programme of an event, its sessions. A row for each part that was
-- public, with the leaves that are kept. Written when the entry is published; read and written by internal/content only.
CREATE TABLE named_versions (
	entry_id text NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
	item text NOT NULL, -- of the entry's list that names it
	part text NOT NULL, -- empty: the facts; else a language
	number integer NOT NULL, -- of the version, from 1; its address
	told integer NOT NULL, -- what readers had been told of changes by then: the number of the last
	kept_at {{.Time}} NOT NULL,
	doc text NOT NULL,
	withdrawn boolean NOT NULL DEFAULT false, -- taken back from the public since
	PRIMARY KEY (entry_id, item, part)
)
--;;
-- The versions that readers can look back on, the first first: [{"item": …, "number": 1, "at": …, "told": 0}].
ALTER TABLE publications ADD COLUMN versions text NOT NULL DEFAULT ''
