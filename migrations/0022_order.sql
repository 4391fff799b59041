-- Lists by name follow each language's own order: the key holds bytes that compare as its names do. What words are found by, the
-- name as it was sorted so far, keeps its column under a name of its own. Old rows are filled when the program starts.
DROP INDEX publications_by_name
--;;
ALTER TABLE publications RENAME COLUMN sort_name TO find
--;;
ALTER TABLE publications ADD COLUMN sort_key {{.Bytes}} NOT NULL DEFAULT {{if .Postgres}}''{{else}}x''{{end}}
--;;
CREATE INDEX publications_by_name ON publications (locale, kind, own, sort_key, entry_id)
--;;
-- The language that a summary is in: it can lack where the title is there.
ALTER TABLE publications ADD COLUMN summary_locale text NOT NULL DEFAULT ''
