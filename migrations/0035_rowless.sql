-- Short rows that are found by their key lie in the tree of the key itself: on SQLite that is one tree less to write with each save.
{{if not .Postgres}}
CREATE TABLE translations_new (
  entry_id text NOT NULL REFERENCES entries (id),
  locale text NOT NULL,
  state text NOT NULL,
  units integer NOT NULL,
  missing integer NOT NULL,
  outdated integer NOT NULL,
  words integer NOT NULL,
  total integer NOT NULL,
  review boolean NOT NULL DEFAULT false,
  gap_since {{.Time}},
  PRIMARY KEY (entry_id, locale)
) WITHOUT ROWID
--;;
INSERT INTO translations_new (entry_id, locale, state, units, missing, outdated, words, total, review, gap_since)
SELECT entry_id, locale, state, units, missing, outdated, words, total, review, gap_since FROM translations ORDER BY entry_id, locale
--;;
DROP TABLE translations
--;;
ALTER TABLE translations_new RENAME TO translations
--;;
CREATE INDEX translations_by_state ON translations (locale, state, entry_id)
--;;
CREATE INDEX translations_of_state ON translations (state, entry_id, locale)
--;;
CREATE INDEX translations_by_gap ON translations (locale, gap_since, entry_id) WHERE gap_since IS NOT NULL
--;;
CREATE TABLE entry_titles_new (
  entry_id text NOT NULL REFERENCES entries (id),
  locale text NOT NULL,
  kind text NOT NULL,
  sort_key {{.Bytes}} NOT NULL,
  PRIMARY KEY (entry_id, locale)
) WITHOUT ROWID
--;;
INSERT INTO entry_titles_new (entry_id, locale, kind, sort_key) SELECT entry_id, locale, kind, sort_key FROM entry_titles ORDER BY entry_id, locale
--;;
DROP TABLE entry_titles
--;;
ALTER TABLE entry_titles_new RENAME TO entry_titles
--;;
CREATE INDEX entry_titles_by_key ON entry_titles (locale, kind, sort_key, entry_id)
{{end}}
