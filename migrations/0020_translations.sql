-- How far each language of an entry is, beside its original: one row for each, also where there are no words yet. Made anew from
-- the entry when it is saved and published. Read and written by internal/content only.
CREATE TABLE translations (
  entry_id text NOT NULL REFERENCES entries (id),
  locale text NOT NULL,
  state text NOT NULL, -- missing, in_work, in_review, ready, live, outdated
  units integer NOT NULL, -- of the source
  missing integer NOT NULL, -- units
  outdated integer NOT NULL, -- units
  words integer NOT NULL, -- of the source, in those units
  total integer NOT NULL, -- words of the source
  review boolean NOT NULL DEFAULT false, -- submitted, and not decided about
  gap_since {{.Time}}, -- since when the original is public and this language is not, or behind
  PRIMARY KEY (entry_id, locale)
)
--;;
CREATE INDEX translations_by_state ON translations (locale, state, entry_id)
--;;
CREATE INDEX translations_of_state ON translations (state, entry_id, locale)
--;;
CREATE INDEX translations_by_gap ON translations (locale, gap_since, entry_id) WHERE gap_since IS NOT NULL
