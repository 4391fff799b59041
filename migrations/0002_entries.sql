CREATE TABLE entries (
  id text PRIMARY KEY,
  kind text NOT NULL,
  office_id text NOT NULL DEFAULT '',
  series_id text NOT NULL DEFAULT '',
  event_id text NOT NULL DEFAULT '',
  original text NOT NULL,
  slug text NOT NULL DEFAULT '',
  shape integer NOT NULL,
  title text NOT NULL DEFAULT '',
  find text NOT NULL DEFAULT '',
  sort_at {{.Time}},
  live boolean NOT NULL DEFAULT false,
  created_at {{.Time}} NOT NULL,
  created_by text NOT NULL,
  updated_at {{.Time}} NOT NULL,
  updated_by text NOT NULL,
  deleted_at {{.Time}}
)
--;;
CREATE INDEX entries_by_change ON entries (updated_at, id)
--;;
CREATE INDEX entries_by_kind ON entries (kind, deleted_at, updated_at, id)
--;;
CREATE INDEX entries_by_sort ON entries (kind, deleted_at, sort_at, id)
--;;
CREATE INDEX entries_by_title ON entries (kind, deleted_at, substr(find, 1, 40), id)
--;;
CREATE INDEX entries_by_office ON entries (kind, deleted_at, office_id)
--;;
CREATE INDEX entries_by_author ON entries (created_by, updated_at, id)
--;;
CREATE INDEX entries_by_series ON entries (kind, deleted_at, series_id)
--;;
CREATE INDEX entries_deleted ON entries (deleted_at) WHERE deleted_at IS NOT NULL
--;;
CREATE TABLE entry_languages (
  entry_id text NOT NULL REFERENCES entries (id),
  locale text NOT NULL,
  state text NOT NULL,
  title text NOT NULL DEFAULT '',
  missing integer NOT NULL DEFAULT 0,
  stale integer NOT NULL DEFAULT 0,
  updated_at {{.Time}} NOT NULL,
  PRIMARY KEY (entry_id, locale)
)
--;;
CREATE INDEX entry_languages_by_state ON entry_languages (state, entry_id, locale)
--;;
CREATE TABLE parts (
  entry_id text NOT NULL REFERENCES entries (id),
  part text NOT NULL,
  version integer NOT NULL,
  doc text NOT NULL,
  PRIMARY KEY (entry_id, part)
)
--;;
CREATE TABLE revisions (
  entry_id text NOT NULL REFERENCES entries (id),
  part text NOT NULL,
  number integer NOT NULL,
  at {{.Time}} NOT NULL,
  author text NOT NULL,
  note text NOT NULL DEFAULT '',
  hash text NOT NULL,
  doc text NOT NULL,
  PRIMARY KEY (entry_id, part, number)
)
--;;
CREATE TABLE live (
  entry_id text NOT NULL REFERENCES entries (id),
  part text NOT NULL,
  revision integer NOT NULL,
  doc text NOT NULL,
  published_at {{.Time}} NOT NULL,
  published_by text NOT NULL,
  PRIMARY KEY (entry_id, part)
)
--;;
CREATE TABLE publications (
  entry_id text NOT NULL REFERENCES entries (id),
  locale text NOT NULL,
  kind text NOT NULL,
  path text NOT NULL,
  own boolean NOT NULL,
  text_locale text NOT NULL,
  title text NOT NULL,
  summary text NOT NULL,
  card text NOT NULL,
  sort_at {{.Time}} NOT NULL,
  ends_at {{.Time}} NOT NULL,
  sort_name text NOT NULL,
  sequence integer NOT NULL,
  first_at {{.Time}} NOT NULL,
  changed_at {{.Time}} NOT NULL,
  PRIMARY KEY (entry_id, locale)
)
--;;
CREATE INDEX publications_by_date ON publications (locale, kind, own, sort_at, entry_id)
--;;
CREATE INDEX publications_by_end ON publications (locale, kind, own, ends_at, sort_at, entry_id)
--;;
CREATE INDEX publications_by_name ON publications (locale, kind, own, sort_name, entry_id)
--;;
CREATE INDEX publications_by_change ON publications (locale, kind, own, changed_at, entry_id)
--;;
CREATE INDEX publications_by_first ON publications (kind, first_at, entry_id) WHERE locale = 'en'
--;;
CREATE TABLE facets (
  name text NOT NULL,
  value text NOT NULL,
  entry_id text NOT NULL REFERENCES entries (id),
  PRIMARY KEY (name, value, entry_id)
)
--;;
CREATE INDEX facets_by_entry ON facets (entry_id)
--;;
CREATE TABLE facet_counts (
  kind text NOT NULL,
  name text NOT NULL,
  value text NOT NULL,
  n integer NOT NULL,
  PRIMARY KEY (kind, name, value)
)
--;;
CREATE TABLE links (
  from_id text NOT NULL REFERENCES entries (id),
  live boolean NOT NULL,
  field text NOT NULL,
  position integer NOT NULL,
  from_kind text NOT NULL,
  to_kind text NOT NULL,
  to_id text NOT NULL,
  role text NOT NULL DEFAULT '',
  PRIMARY KEY (from_id, live, field, position)
)
--;;
CREATE INDEX links_back ON links (to_id, live, from_kind, from_id, field)
--;;
CREATE TABLE paths (
  path text PRIMARY KEY,
  entry_id text NOT NULL REFERENCES entries (id),
  current boolean NOT NULL
)
--;;
CREATE INDEX paths_by_entry ON paths (entry_id)
--;;
CREATE TABLE generations (
  name text PRIMARY KEY,
  n bigint NOT NULL
)
--;;
INSERT INTO generations (name, n) VALUES ('site', 1)
