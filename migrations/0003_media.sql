-- Uploaded files and the pictures made of them. Read and written by internal/media only.
CREATE TABLE media (
	id text PRIMARY KEY,
	name text NOT NULL,
	name_key text NOT NULL, -- lower case, for searching
	type text NOT NULL, -- MIME type, decided by content
	kind text NOT NULL,
	size bigint NOT NULL,
	sha256 text NOT NULL,
	width integer NOT NULL DEFAULT 0,
	height integer NOT NULL DEFAULT 0,
	pages integer NOT NULL DEFAULT 0, -- 0: unknown
	tagged boolean NOT NULL DEFAULT false,
	focus_x integer NOT NULL DEFAULT 50,
	focus_y integer NOT NULL DEFAULT 50,
	office_id text NOT NULL DEFAULT '',
	series_id text NOT NULL DEFAULT '',
	event_id text NOT NULL DEFAULT '',
	created_by text NOT NULL,
	created_at {{.Time}} NOT NULL,
	object_key text NOT NULL UNIQUE,
	state text NOT NULL, -- of its renditions: none, pending, ready, failed
	recipe integer NOT NULL DEFAULT 1, -- raised by every change that asks for new renditions
	attempts integer NOT NULL DEFAULT 0,
	claimed_until {{.Time}} NOT NULL -- an instance is making the renditions until then
)
--;;
CREATE INDEX media_created ON media (created_at)
--;;
CREATE INDEX media_office ON media (office_id)
--;;
CREATE INDEX media_pending ON media (state, claimed_until)
--;;
CREATE TABLE renditions (
	media_id text NOT NULL REFERENCES media (id),
	name text NOT NULL, -- with its ending, as in the address: 16x9-640.webp
	width integer NOT NULL,
	height integer NOT NULL,
	type text NOT NULL,
	size bigint NOT NULL,
	sha256 text NOT NULL,
	focus text NOT NULL DEFAULT '', -- the focal point a crop was made with
	object_key text NOT NULL UNIQUE,
	PRIMARY KEY (media_id, name)
)
--;;
-- Stored objects that no row speaks of: about to be written, or about to be removed.
CREATE TABLE media_intents (
	object_key text PRIMARY KEY,
	due_at {{.Time}} NOT NULL, -- from then on the object is removed
	doomed boolean NOT NULL DEFAULT false -- its removal has begun: no row may take it up any more
)
