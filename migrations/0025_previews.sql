-- What was public, when, and by whom: a row for each time a part was published, with what the public saw of it. Read and written
-- by internal/content only, and shown to staff only.
CREATE TABLE published (
	entry_id text NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
	part text NOT NULL,
	number integer NOT NULL, -- from 1, per entry and part
	revision integer NOT NULL,
	doc text NOT NULL,
	from_at {{.Time}} NOT NULL,
	from_by text NOT NULL,
	until_at {{.Time}}, -- NULL: it still is
	until_by text NOT NULL DEFAULT '',
	withdrawn boolean NOT NULL DEFAULT false, -- it ended by being taken back, not by what came after it
	PRIMARY KEY (entry_id, part, number)
)
--;;
CREATE INDEX published_from ON published (from_at)
--;;
CREATE INDEX published_until ON published (until_at) WHERE withdrawn
--;;
INSERT INTO published (entry_id, part, number, revision, doc, from_at, from_by)
	SELECT entry_id, part, 1, revision, doc, published_at, published_by FROM live
--;;
-- Links by which people without accounts see one version of an entry that need not be public.
CREATE TABLE preview_links (
	id text PRIMARY KEY,
	hash text NOT NULL UNIQUE, -- SHA-256 of what stands in the link
	entry_id text NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
	parts text NOT NULL, -- JSON: part → revision
	locale text NOT NULL, -- that it opens in
	note text NOT NULL DEFAULT '', -- whom it is for
	created_at {{.Time}} NOT NULL,
	created_by text NOT NULL,
	expires_at {{.Time}} NOT NULL,
	revoked_at {{.Time}},
	revoked_by text NOT NULL DEFAULT '',
	opened integer NOT NULL DEFAULT 0,
	opened_at {{.Time}}
)
--;;
CREATE INDEX preview_links_entry ON preview_links (entry_id, created_at)
