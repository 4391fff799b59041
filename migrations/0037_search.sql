-- What is public, to be searched. Read and written by internal/search only.
--
-- A document is an entry in one language that it is published in. Its words are kept as they were when it was published: its
-- postings are made of them, and results show them. A document that is published again is another one.
CREATE TABLE search_docs (
	number bigint PRIMARY KEY, -- counts up; no number is used twice
	entry_id text NOT NULL,
	locale text NOT NULL,
	segment bigint NOT NULL DEFAULT 0, -- whose postings hold it; 0: none yet
	kind text NOT NULL,
	day integer NOT NULL, -- of its date, in days since 1970
	facets text NOT NULL, -- name=value, a line each; before what is long, for it is read alone
	title text NOT NULL,
	names text NOT NULL, -- what it is also called, in any language
	summary text NOT NULL,
	body text NOT NULL,
	UNIQUE (entry_id, locale)
)
--;;
CREATE INDEX search_docs_segment ON search_docs (locale, segment, number)
--;;
-- A segment is some hundred documents of a language whose postings are written together, once.
CREATE TABLE search_segments (
	id bigint PRIMARY KEY,
	locale text NOT NULL,
	ready boolean NOT NULL, -- else its postings are being written
	docs {{.Bytes}} NOT NULL -- its documents: see internal/search/postings.go
)
--;;
CREATE INDEX search_segments_locale ON search_segments (locale, id)
--;;
-- Documents that have been withdrawn or published again and still are in postings.
CREATE TABLE search_gone (
	number bigint PRIMARY KEY,
	locale text NOT NULL,
	segment bigint NOT NULL
)
--;;
CREATE INDEX search_gone_locale ON search_gone (locale, number)
--;;
-- Where in the documents of a segment a term is.
CREATE TABLE search_postings (
	locale text NOT NULL,
	term text{{if .Postgres}} COLLATE "C"{{end}} NOT NULL,
	segment bigint NOT NULL,
	data {{.Bytes}} NOT NULL,
	PRIMARY KEY (locale, term, segment)
){{if not .Postgres}} WITHOUT ROWID{{end}}
--;;
-- The words that postings have, with their stems.
CREATE TABLE search_words (
	locale text NOT NULL,
	term text{{if .Postgres}} COLLATE "C"{{end}} NOT NULL,
	stem text{{if .Postgres}} COLLATE "C"{{end}} NOT NULL,
	n integer NOT NULL, -- documents that had it when their postings were written
	PRIMARY KEY (locale, term)
){{if not .Postgres}} WITHOUT ROWID{{end}}
--;;
CREATE INDEX search_words_stem ON search_words (locale, stem)
--;;
INSERT INTO generations (name, n) VALUES ('search', 0)
