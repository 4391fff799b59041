-- The media library: folders, what a file shows, its earlier versions, its changes, the trash, and uploads under way.
-- Read and written by internal/media only.
--
-- A path with /, empty: in none.
ALTER TABLE media ADD COLUMN folder text NOT NULL DEFAULT ''
--;;
ALTER TABLE media ADD COLUMN version integer NOT NULL DEFAULT 1
--;;
-- Of the bytes, where they were replaced.
ALTER TABLE media ADD COLUMN version_at {{.Time}}
--;;
ALTER TABLE media ADD COLUMN version_by text NOT NULL DEFAULT ''
--;;
ALTER TABLE media ADD COLUMN decorative boolean NOT NULL DEFAULT false
--;;
ALTER TABLE media ADD COLUMN credit text NOT NULL DEFAULT ''
--;;
-- Of who can be recognised: empty (nothing is known), not_needed, given, refused.
ALTER TABLE media ADD COLUMN consent text NOT NULL DEFAULT ''
--;;
-- A day, empty: without end.
ALTER TABLE media ADD COLUMN consent_until text NOT NULL DEFAULT ''
--;;
ALTER TABLE media ADD COLUMN consent_note text NOT NULL DEFAULT ''
--;;
-- In the trash since.
ALTER TABLE media ADD COLUMN deleted_at {{.Time}}
--;;
ALTER TABLE media ADD COLUMN deleted_by text NOT NULL DEFAULT ''
--;;
CREATE INDEX media_folder ON media (folder)
--;;
CREATE INDEX media_deleted ON media (deleted_at)
--;;
CREATE TABLE media_words (
	media_id text NOT NULL REFERENCES media (id),
	locale text NOT NULL,
	alt text NOT NULL DEFAULT '',
	caption text NOT NULL DEFAULT '',
	PRIMARY KEY (media_id, locale)
)
--;;
CREATE TABLE media_versions (
	media_id text NOT NULL REFERENCES media (id),
	version integer NOT NULL,
	name text NOT NULL,
	type text NOT NULL,
	size bigint NOT NULL,
	sha256 text NOT NULL,
	width integer NOT NULL,
	height integer NOT NULL,
	pages integer NOT NULL,
	tagged boolean NOT NULL,
	at {{.Time}} NOT NULL, -- when these bytes came
	by_account text NOT NULL,
	object_key text NOT NULL UNIQUE,
	PRIMARY KEY (media_id, version)
)
--;;
-- What was done to files, with what was before: what can be undone.
CREATE TABLE media_changes (
	id text PRIMARY KEY,
	batch text NOT NULL, -- of those made at once
	media_id text NOT NULL REFERENCES media (id),
	at {{.Time}} NOT NULL,
	by_account text NOT NULL,
	action text NOT NULL,
	was {{.JSON}} NOT NULL
)
--;;
CREATE INDEX media_changes_file ON media_changes (media_id, at)
--;;
CREATE INDEX media_changes_batch ON media_changes (batch)
--;;
-- Files on their way in, piece by piece.
CREATE TABLE media_uploads (
	id text PRIMARY KEY,
	account_id text NOT NULL,
	print text NOT NULL, -- by which a file that is chosen again is known
	name text NOT NULL,
	size bigint NOT NULL,
	received bigint NOT NULL DEFAULT 0,
	office_id text NOT NULL DEFAULT '',
	series_id text NOT NULL DEFAULT '',
	event_id text NOT NULL DEFAULT '',
	folder text NOT NULL DEFAULT '',
	media_id text NOT NULL DEFAULT '', -- what it has become
	at {{.Time}} NOT NULL -- when something came last
)
--;;
CREATE INDEX media_uploads_account ON media_uploads (account_id)
--;;
CREATE INDEX media_uploads_at ON media_uploads (at)
--;;
CREATE TABLE media_pieces (
	upload_id text NOT NULL REFERENCES media_uploads (id),
	at_byte bigint NOT NULL,
	size bigint NOT NULL,
	object_key text NOT NULL UNIQUE,
	PRIMARY KEY (upload_id, at_byte)
)
