-- Entries as they were last public in each of their stages: what a report was while it was open for comment stays to be read.
CREATE TABLE editions (
	entry_id text NOT NULL REFERENCES entries (id),
	stage text NOT NULL,
	part text NOT NULL,
	doc text NOT NULL,
	published_at {{.Time}} NOT NULL,
	PRIMARY KEY (entry_id, stage, part)
)
--;;
-- What readers say on drafts. Read and written by internal/comment only.
CREATE TABLE comment_rounds (
	entry_id text PRIMARY KEY REFERENCES entries (id), -- whoever comments on an entry holds this row
	until_at {{.Time}} -- as it was last public with one; addresses are forgotten some days later
)
--;;
CREATE TABLE comments (
	id text PRIMARY KEY,
	entry_id text NOT NULL REFERENCES comment_rounds (entry_id),
	paragraph text NOT NULL, -- its id: a place in the text, or an item
	place integer NOT NULL, -- where it stood, to sort by
	kind text NOT NULL, -- what it was, its number, and its words, as they were commented on
	number integer NOT NULL,
	words text NOT NULL,
	words_locale text NOT NULL,
	state text NOT NULL,
	name text NOT NULL,
	organization text NOT NULL DEFAULT '',
	country text NOT NULL DEFAULT '',
	mail text NOT NULL DEFAULT '', -- never public; forgotten when the round is long over
	mail_key text NOT NULL DEFAULT '', -- lower case
	locale text NOT NULL, -- of the words
	letters text NOT NULL, -- language that its author reads
	text text NOT NULL,
	disposition text NOT NULL DEFAULT '',
	reason text NOT NULL DEFAULT '',
	assignee text NOT NULL DEFAULT '', -- account
	told_at {{.Time}}, -- its author, by letter, of the disposition as it stands
	created_at {{.Time}} NOT NULL,
	verified_at {{.Time}}
)
--;;
CREATE INDEX comments_entry ON comments (entry_id, state, place, created_at, id)
--;;
CREATE INDEX comments_mail ON comments (mail_key, created_at)
--;;
CREATE INDEX comments_open ON comments (state, disposition, entry_id)
--;;
CREATE TABLE comment_tokens (
	hash text PRIMARY KEY, -- SHA-256 of what stands in the letter
	comment_id text NOT NULL REFERENCES comments (id) ON DELETE CASCADE
)
--;;
CREATE INDEX comment_tokens_comment ON comment_tokens (comment_id)
--;;
CREATE TABLE comment_log (
	comment_id text NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
	number integer NOT NULL,
	at {{.Time}} NOT NULL,
	actor text NOT NULL, -- account; empty: the author
	action text NOT NULL,
	detail text NOT NULL DEFAULT '',
	PRIMARY KEY (comment_id, number)
)
