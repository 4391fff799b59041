-- The titles of working entries as the panel shows them to readers of each language, in the order of that language.
CREATE TABLE entry_titles (
  entry_id text NOT NULL REFERENCES entries (id),
  locale text NOT NULL,
  kind text NOT NULL,
  sort_key {{.Bytes}} NOT NULL,
  PRIMARY KEY (entry_id, locale)
)
--;;
CREATE INDEX entry_titles_by_key ON entry_titles (locale, kind, sort_key, entry_id)
--;;
DROP INDEX entries_by_title
