-- What few may read is sealed, internal/seal. The site's key is not in the database: only what tells it from another one.
CREATE TABLE seal_site (
	id integer PRIMARY KEY,
	mark text NOT NULL
)
--;;
-- A key for each part of what is sealed, itself sealed with the site's key. Destroyed, nothing of that part can be read.
CREATE TABLE seal_keys (
	subject text NOT NULL, -- an event
	part text NOT NULL, -- a question of its form, or the list that waits to be taken in
	wrapped text NOT NULL,
	made_at {{.Time}} NOT NULL,
	PRIMARY KEY (subject, part)
)
--;;
-- Whether the answers to questions that are marked as sensitive have been sealed: those of older programs were not.
ALTER TABLE registration_events ADD COLUMN sealed boolean NOT NULL DEFAULT false
