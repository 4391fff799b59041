-- What was translated before, unit by unit. Read and written by internal/memory only.
CREATE TABLE memory_units (
	id text PRIMARY KEY, -- hash of languages, source and target: each pair is there once
	from_locale text NOT NULL,
	to_locale text NOT NULL,
	source text NOT NULL, -- with codes as numbered tags
	target text NOT NULL,
	source_key text NOT NULL, -- hash of the source, for matches that are exact
	tokens integer NOT NULL, -- how many words the source has
	entry_id text NOT NULL DEFAULT '', -- where it was published last; empty for what came from a file
	path text NOT NULL DEFAULT '',
	origin text NOT NULL DEFAULT '', -- name of the file it came from
	at {{.Time}} NOT NULL,
	by_account text NOT NULL DEFAULT ''
)
--;;
CREATE INDEX memory_units_source ON memory_units (from_locale, to_locale, source_key)
--;;
CREATE INDEX memory_units_at ON memory_units (at, id)
--;;
-- The words by which a unit is found that is like another: those of each source that any text like it shares one of.
CREATE TABLE memory_words (
	word bigint NOT NULL, -- hash of languages and word
	tokens integer NOT NULL,
	unit_id text NOT NULL REFERENCES memory_units (id),
	PRIMARY KEY (word, tokens, unit_id)
)
--;;
CREATE INDEX memory_words_unit ON memory_words (unit_id)
--;;
-- Terms that are agreed: a concept, and its names in the languages.
CREATE TABLE terms (
	id text PRIMARY KEY,
	subject text NOT NULL DEFAULT '',
	note text NOT NULL DEFAULT '',
	sort text NOT NULL, -- folded names, to sort and find by
	version integer NOT NULL DEFAULT 1,
	updated_at {{.Time}} NOT NULL,
	updated_by text NOT NULL DEFAULT ''
)
--;;
CREATE INDEX terms_sort ON terms (sort)
--;;
CREATE TABLE term_names (
	term_id text NOT NULL REFERENCES terms (id),
	locale text NOT NULL,
	place integer NOT NULL, -- in the order they were written
	name text NOT NULL,
	status text NOT NULL, -- preferred, admitted, outdated, forbidden
	PRIMARY KEY (term_id, locale, place)
)
--;;
-- A file of terms or of a memory that somebody looks at before it is taken: one for each account and sort.
CREATE TABLE translation_imports (
	account_id text NOT NULL,
	sort text NOT NULL, -- terms, memory
	file text NOT NULL,
	body text NOT NULL, -- base64
	at {{.Time}} NOT NULL,
	PRIMARY KEY (account_id, sort)
)
